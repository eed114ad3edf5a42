import { Group } from '@mantine/core'
import { Choice } from './choice.tsx'
import { MomentInput } from './moment-input.tsx'
import { MOMENT_UNITS, WINDOW_KINDS, asWindowKind, windowKindOf } from './moments.ts'
import type { WindowKind } from './moments.ts'
import { NumberField } from './number-field.tsx'
import { partOf, textOf, withMember } from './part.ts'

interface WindowProps {
  window: unknown
  at: string
  onChange: (window: unknown) => void
}

/** When events must have happened; undefined is any time. */
export function WindowInput({ window, at, onChange }: WindowProps) {
  const kind = windowKindOf(window)
  const part = partOf(window)
  const end = (name: 'from' | 'to', label: string) => (
    <MomentInput
      label={label}
      value={part[name]}
      at={`${at}/${name}`}
      onChange={(moment) => onChange(withMember(part, name, moment))}
    />
  )
  return (
    <Group gap="xs" align="flex-end">
      <Choice
        label="When"
        options={WINDOW_KINDS}
        value={kind}
        at={at}
        onChange={(next) => onChange(asWindowKind(window, next as WindowKind))}
      />
      {kind === 'last' && <LastInput window={window} at={at} onChange={onChange} />}
      {(kind === 'since' || kind === 'between') && end('from', 'From')}
      {(kind === 'until' || kind === 'between') && end('to', 'Before')}
    </Group>
  )
}

const UNITS = Object.fromEntries(MOMENT_UNITS.map((unit) => [unit, `${unit}s`]))

function LastInput({ window, at, onChange }: WindowProps) {
  const part = partOf(window)
  const from = partOf(part['from'])
  const { offset } = from
  const change = (name: string, value: unknown): void =>
    onChange(withMember(part, 'from', withMember(from, name, value)))
  return (
    <>
      <NumberField
        label="Amount"
        value={typeof offset === 'number' ? -offset : offset}
        at={`${at}/from/offset`}
        min={1}
        max={100_000}
        isWhole
        width={80}
        // Nothing and 0 would be another kind of window; it stays until there is a number.
        onChange={(amount) => typeof amount === 'number' && amount > 0 && change('offset', -amount)}
      />
      <Choice
        label="Unit"
        options={UNITS}
        value={textOf(from['unit'])}
        at={`${at}/from/unit`}
        width={100}
        onChange={(unit) => change('unit', unit)}
      />
    </>
  )
}
