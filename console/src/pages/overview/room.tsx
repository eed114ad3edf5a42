import { Text } from '@mantine/core'
import { getStorage } from '@tributary/sdk'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerOf } from '../../api/problem.ts'
import { Card } from '../../parts/card.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { bytesText, plural, shortCount } from '../../parts/format.ts'
import { QueryState } from '../../parts/query-state.tsx'

const TABLES_SHOWN = 12

/** What the whole installation takes on disk, the largest tables first. */
export function Room() {
  const query = useQuery({
    queryKey: ['storage'],
    queryFn: ({ signal }) => answerOf(getStorage({ client, signal })),
    staleTime: 60_000,
  })
  return (
    <Card title="Storage of the installation">
      <QueryState query={query}>
        {({ bytes, tables, exports: files }) => (
          <>
            <Text size="sm" mb="xs">
              {bytesText(bytes)} in the database, {bytesText(files.bytes)} in {plural(files.files, 'file')} of
              exports.
            </Text>
            <DataTable
              label="Tables by size"
              rows={tables.toSorted((one, other) => other.bytes - one.bytes).slice(0, TABLES_SHOWN)}
              keyOf={({ name }) => name}
              columns={[
                { head: 'Table', cell: ({ name }) => name },
                { head: 'Rows, about', cell: ({ rows }) => shortCount(rows), align: 'right' },
                {
                  head: 'Data',
                  cell: ({ tableBytes, toastBytes }) => bytesText(tableBytes + toastBytes),
                  align: 'right',
                },
                { head: 'Indexes', cell: ({ indexBytes }) => bytesText(indexBytes), align: 'right' },
                { head: 'Together', cell: (table) => bytesText(table.bytes), align: 'right' },
              ]}
            />
          </>
        )}
      </QueryState>
    </Card>
  )
}
