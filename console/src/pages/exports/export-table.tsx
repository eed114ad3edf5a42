import { Text } from '@mantine/core'
import type { Export } from '@tributary/sdk'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { bytesText, countText } from '../../parts/format.ts'
import { SegmentName } from '../../parts/segment-name.tsx'
import { Time, wholeTime } from '../../parts/time.tsx'
import { ExportActs } from './export-acts.tsx'
import { ExportState } from './export-state.tsx'

const COLUMNS: readonly Column<Export>[] = [
  { head: 'What', width: '30%', cell: (task) => <What task={task} /> },
  { head: 'State', width: 150, cell: (task) => <ExportState task={task} /> },
  { head: 'Rows', align: 'right', cell: ({ rows }) => countText(rows) },
  { head: 'Size', align: 'right', cell: ({ bytes }) => bytesText(bytes) },
  { head: 'Asked for', cell: ({ createdAt }) => <Time at={createdAt} /> },
  { head: 'Kept until', cell: ({ expiresAt }) => (expiresAt === null ? '–' : <Time at={expiresAt} />) },
  { head: 'Acts', align: 'right', width: 130, cell: (task) => <ExportActs task={task} /> },
]

/** Exports with how far they are and what can be done with them. */
export function ExportTable({ exports }: { exports: readonly Export[] }) {
  return <DataTable label="Exports" columns={COLUMNS} rows={exports} keyOf={({ id }) => id} />
}

const FORMATS = { ndjson: 'NDJSON', csv: 'CSV', parquet: 'Parquet' } as const

function What({ task }: { task: Export }) {
  const { kind, format, gzip, segmentId, from, to, names, createdBy, fields } = task
  const range = [from && `from ${wholeTime(from)}`, to && `before ${wholeTime(to)}`].filter(Boolean)
  return (
    <>
      <Text size="sm" component="div">
        {kind === 'profiles' ? 'Profiles' : 'Events'}
        {segmentId && (
          <>
            {' of '}
            <SegmentName segmentId={segmentId} />
          </>
        )}
        {` as ${FORMATS[format]}${gzip ? ', compressed' : ''}`}
      </Text>
      <Text size="xs" c="dimmed" lineClamp={2}>
        {[names?.join(', '), ...range, `${fields.length} fields`, `by ${createdBy}`]
          .filter(Boolean)
          .join(' · ')}
      </Text>
    </>
  )
}
