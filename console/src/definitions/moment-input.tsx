import { Group, TextInput } from '@mantine/core'
import { useState } from 'react'
import { Choice } from './choice.tsx'
import { useIsWrong } from './complaints.ts'
import {
  MOMENT_KINDS,
  MOMENT_STARTS,
  MOMENT_UNITS,
  asMomentKind,
  momentKindOf,
  withSeconds,
} from './moments.ts'
import type { MomentKind } from './moments.ts'
import { NumberField } from './number-field.tsx'
import { partOf, textOf, withMember } from './part.ts'

interface MomentProps {
  label: string
  value: unknown
  at: string
  onChange: (moment: unknown) => void
}

/** A moment: a day, a day and time, or a place relative to now. */
export function MomentInput({ label, value, at, onChange }: MomentProps) {
  const kind = momentKindOf(value)
  return (
    <Group gap="xs" align="flex-end" role="group" aria-label={label} flex="1 1 100%">
      <Choice
        label={label}
        options={MOMENT_KINDS}
        value={kind}
        onChange={(next) => onChange(asMomentKind(value, next as MomentKind, today()))}
      />
      {kind === 'relative' ? (
        <RelativeInput label={label} value={value} at={at} onChange={onChange} />
      ) : (
        <InstantInput label={label} value={value} at={at} onChange={onChange} />
      )}
    </Group>
  )
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

const INPUT_TYPES = { day: 'date', time: 'datetime-local', text: 'text', relative: 'text' } as const

function InstantInput({ label, value, at, onChange }: MomentProps) {
  const kind = momentKindOf(value)
  return (
    <TextInput
      label={kind === 'text' ? 'Time with an offset' : 'In the zone of the workspace'}
      aria-label={`${label}: ${MOMENT_KINDS[kind]}`}
      type={INPUT_TYPES[kind]}
      value={textOf(value)}
      error={useIsWrong(at)}
      // A date that is not whole is an empty text, which would no longer be a date's input.
      onChange={({ currentTarget }) =>
        currentTarget.value !== '' && onChange(withSeconds(currentTarget.value))
      }
      flex="1 1 190px"
      maw={{ sm: 260 }}
    />
  )
}

const UNITS = Object.fromEntries(MOMENT_UNITS.map((unit) => [unit, `${unit}s`]))
const SIDES = { before: 'ago', after: 'from now' } as const
const STARTS = {
  exactly: 'exactly',
  ...Object.fromEntries(MOMENT_STARTS.map((start) => [start, `start of that ${start}`])),
}

function RelativeInput({ label, value, at, onChange }: MomentProps) {
  const moment = partOf(value)
  const { offset } = moment
  const [zeroSide, setZeroSide] = useState<'before' | 'after'>('before')
  const side = offset === 0 ? zeroSide : Number(offset) > 0 ? 'after' : 'before'
  const signed = (amount: unknown, wanted: string): unknown => {
    if (typeof amount !== 'number') return amount
    return amount === 0 || wanted === 'after' ? Math.abs(amount) : -Math.abs(amount)
  }
  return (
    <>
      <NumberField
        label="Amount"
        value={typeof offset === 'number' ? Math.abs(offset) : offset}
        at={`${at}/offset`}
        min={0}
        max={100_000}
        isWhole
        width={80}
        onChange={(amount) => onChange(withMember(moment, 'offset', signed(amount, side)))}
      />
      <Choice
        label="Unit"
        options={UNITS}
        value={textOf(moment['unit'])}
        at={`${at}/unit`}
        width={100}
        onChange={(unit) => onChange(withMember(moment, 'unit', unit))}
      />
      <Choice
        label="Side"
        options={SIDES}
        value={side}
        width={100}
        onChange={(next) => {
          setZeroSide(next === 'after' ? 'after' : 'before')
          onChange(withMember(moment, 'offset', signed(offset, next)))
        }}
      />
      <Choice
        label={`${label}, rounded`}
        options={STARTS}
        value={textOf(moment['startOf']) || 'exactly'}
        at={`${at}/startOf`}
        width={150}
        onChange={(start) => onChange(withMember(moment, 'startOf', start === 'exactly' ? undefined : start))}
      />
    </>
  )
}
