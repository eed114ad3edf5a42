import { Autocomplete, Select, Text } from '@mantine/core'
import { DataTable } from '../../parts/data-table.tsx'
import { VALUE_TYPES, targetsOf } from './mapping.ts'
import type { ColumnMapping, RowType } from './mapping.ts'
import type { Sample } from './sample.ts'

const TYPES = [{ value: '', label: 'as it stands' }, ...VALUE_TYPES.map((value) => ({ value, label: value }))]

/** The columns of a file: what stands in them, and where each goes. */
export function ColumnTable(props: {
  sample: Sample
  type: RowType
  mapping: readonly ColumnMapping[]
  onChange: (mapping: ColumnMapping[]) => void
}) {
  const { sample, type, mapping, onChange } = props
  const set = (column: string, changed: Partial<ColumnMapping>): void =>
    onChange(mapping.map((entry) => (entry.column === column ? { ...entry, ...changed } : entry)))
  return (
    <DataTable
      label="Columns of the file"
      rows={mapping}
      keyOf={({ column }) => column}
      columns={[
        { head: 'Column', cell: ({ column }) => <b>{column}</b> },
        { head: 'First rows', cell: ({ column }) => <FirstValues sample={sample} column={column} /> },
        {
          head: 'Goes to',
          width: 260,
          cell: ({ column, target }) => (
            <Autocomplete
              aria-label={`Where ${column} goes`}
              placeholder="left out"
              data={targetsOf(type)}
              value={target}
              onChange={(value) => set(column, { target: value })}
            />
          ),
        },
        {
          head: 'Read as',
          width: 150,
          cell: ({ column, valueType }) => (
            <Select
              aria-label={`What ${column} is read as`}
              data={TYPES}
              allowDeselect={false}
              value={valueType}
              onChange={(value) => set(column, { valueType: value ?? '' })}
            />
          ),
        },
      ]}
    />
  )
}

function FirstValues({ sample: { rows }, column }: { sample: Sample; column: string }) {
  return (
    <Text size="sm" c="dimmed" lineClamp={2}>
      {rows
        .map((row) => row[column])
        .filter((value) => value !== undefined && value !== '')
        .join(' · ')}
    </Text>
  )
}
