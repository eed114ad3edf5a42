import type { Change } from '@tributary/sdk'
import { DataTable } from '../../parts/data-table.tsx'
import { DialectBadge } from '../../parts/dialects.tsx'
import { valueText } from '../../parts/json-block.tsx'
import { Time } from '../../parts/time.tsx'

/** What was before and what is after, when, by which API. `name` leaves out the changes of everything else. */
export function ChangeTable({ changes, name }: { changes: readonly Change[]; name?: string }) {
  const rows = changes.flatMap(({ id, at, dialect, credential, changes: parts }) =>
    parts
      .filter((part) => name === undefined || part.name === name)
      .map((part) => ({ ...part, id, at, dialect, credential })),
  )
  return (
    <DataTable
      label="Changes"
      rows={rows}
      keyOf={(row) => `${row.id} ${row.name}`}
      columns={[
        ...(name === undefined
          ? [{ head: 'Attribute', cell: (row: (typeof rows)[number]) => row.name }]
          : []),
        { head: 'Before', cell: (row) => (row.before === null ? 'nothing' : valueText(row.before)) },
        { head: 'After', cell: (row) => (row.after === null ? 'nothing' : valueText(row.after)) },
        { head: 'When', cell: (row) => <Time at={row.at} /> },
        { head: 'API', cell: (row) => <DialectBadge dialect={row.dialect} /> },
        { head: 'By', cell: (row) => row.credential },
      ]}
    />
  )
}
