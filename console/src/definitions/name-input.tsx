import { Autocomplete } from '@mantine/core'
import { useState } from 'react'
import { useIsWrong } from './complaints.ts'
import { useNames } from './suggestions.ts'
import type { NameOf } from './suggestions.ts'

/** A name, with those that the workspace knows as suggestions. `at` is its place in the definition. */
export function NameInput(props: {
  label: string
  target: NameOf
  value: string
  at: string
  placeholder?: string
  onChange: (name: string) => void
}) {
  const { label, target, value, at, placeholder, onChange } = props
  const [typed, setTyped] = useState('')
  const names = useNames(target, typed)
  return (
    <Autocomplete
      label={label}
      data={names}
      // The server has searched already, and opening it shows all names, not only the one that is chosen.
      filter={({ options }) => options}
      value={value}
      placeholder={placeholder}
      error={useIsWrong(at)}
      onChange={(name) => {
        setTyped(name)
        onChange(name)
      }}
      onDropdownClose={() => setTyped('')}
      maxDropdownHeight={260}
      autoComplete="off"
      spellCheck={false}
      flex="1 1 170px"
    />
  )
}
