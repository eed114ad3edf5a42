import { NumberInput } from '@mantine/core'
import { useState } from 'react'
import { useIsWrong } from './complaints.ts'

/** A number. What is none yet, such as `-`, is given on as the text that it is, so that the server says what is wrong. */
export function NumberField(props: {
  label: string
  value: unknown
  at: string
  min?: number
  max?: number
  isWhole?: boolean
  width?: number
  placeholder?: string
  onChange: (value: unknown) => void
}) {
  const { label, value, at, min, max, isWhole = false, width = 110, placeholder, onChange } = props
  // While somebody types it shows what was typed, such as `1.` or nothing, whatever becomes of it.
  const [typed, setTyped] = useState<string | number>()
  return (
    <NumberInput
      label={label}
      value={typed ?? shown(value)}
      onChange={(next) => {
        setTyped((before) => (before === undefined ? before : next))
        onChange(next !== '' && Number.isFinite(Number(next)) ? Number(next) : next)
      }}
      onFocus={() => setTyped(shown(value))}
      onBlur={() => setTyped(undefined)}
      min={min}
      max={max}
      placeholder={placeholder}
      allowDecimal={!isWhole}
      clampBehavior="blur"
      error={useIsWrong(at)}
      flex={`1 1 ${width}px`}
      maw={{ sm: width * 2 }}
    />
  )
}

function shown(value: unknown): string | number {
  return typeof value === 'number' || typeof value === 'string' ? value : ''
}
