import { Select } from '@mantine/core'
import { DIALECT_NAMES } from './dialects.tsx'

const CHOICES = Object.entries(DIALECT_NAMES).map(([value, label]) => ({ value, label }))

/** What the choice of one API gets. */
export interface DialectSelectProps {
  /** The name of an API; undefined where every one is meant. */
  value: string | undefined
  onChange: (dialect: string | undefined) => void
}

/** One API, or every one. */
export function DialectSelect({ value, onChange }: DialectSelectProps) {
  return (
    <Select
      aria-label="API"
      placeholder="Every API"
      clearable
      w={150}
      data={CHOICES}
      value={value ?? null}
      onChange={(dialect) => onChange(dialect ?? undefined)}
    />
  )
}
