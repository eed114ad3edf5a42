import { Button } from '@mantine/core'
import { listExports } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { useMay } from '../../api/session.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { PATHS } from '../../paths.ts'
import { ExportTable } from './export-table.tsx'

const PAGE = '50'
const RUNNING_POLL_MS = 1_500

/** Files of profiles and events: those that are being written, and those that can be fetched. */
export function ExportsPage() {
  const query = useInfiniteQuery({
    ...pagesQuery(['exports'], ({ cursor, signal }) =>
      listExports({ client, signal, query: { cursor, limit: PAGE } }),
    ),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((one) => ['queued', 'running'].includes(one.state)))
        ? RUNNING_POLL_MS
        : false,
  })
  const exports = query.data?.pages.flatMap(({ items }) => items) ?? []
  const create = useMay()('exports:write') && (
    <Button component={Link} to={PATHS.exportDraft}>
      New export
    </Button>
  )
  return (
    <Page title="Exports" text="Everything that there is can be had as a file." actions={create}>
      <QueryState query={query}>
        {() =>
          exports.length === 0 ? (
            <EmptyState
              title="Nothing was exported yet"
              text="Profiles and events come as NDJSON, CSV or Parquet. Files are kept for some days."
              action={create}
            />
          ) : (
            <>
              <ExportTable exports={exports} />
              <More query={query} />
            </>
          )
        }
      </QueryState>
    </Page>
  )
}
