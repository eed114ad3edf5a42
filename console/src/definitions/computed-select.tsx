import { Select } from '@mantine/core'
import { useIsWrong } from './complaints.ts'
import { useComputed } from './computed-list.ts'
import type { ComputedKind } from './computed-list.ts'

/** An aggregate or an expression by its name. `at` is the place of its id in the definition. */
export function ComputedSelect(props: {
  kind: ComputedKind
  value: string
  at: string
  onChange: (id: string) => void
}) {
  const { kind, value, at, onChange } = props
  const known = useComputed(kind).map(({ id, name }) => ({ value: id, label: name }))
  const isKnown = value === '' || known.some((one) => one.value === value)
  return (
    <Select
      label={kind === 'aggregate' ? 'Aggregate' : 'Expression'}
      placeholder={known.length === 0 ? 'There is none yet' : 'Choose one'}
      data={isKnown ? known : [...known, { value, label: value }]}
      value={value === '' ? null : value}
      onChange={(id) => id !== null && onChange(id)}
      allowDeselect={false}
      searchable
      error={useIsWrong(at)}
      flex="1 1 200px"
    />
  )
}
