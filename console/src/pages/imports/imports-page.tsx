import { Anchor, Button } from '@mantine/core'
import { listImports } from '@tributary/sdk'
import type { Import } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { useMay } from '../../api/session.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { DialectBadge } from '../../parts/dialects.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { countText } from '../../parts/format.ts'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'
import { PATHS } from '../../paths.ts'
import { ImportProgress, ImportState, isUnderWay } from './import-progress.tsx'

const POLL_MS = 1_500

/** Files that were brought, by the console or by an API. */
export function ImportsPage() {
  const may = useMay()
  const query = useInfiniteQuery({
    ...pagesQuery(['imports'], ({ cursor, signal }) => listImports({ client, signal, query: { cursor } })),
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some(isUnderWay)) ? POLL_MS : false,
  })
  const imports = query.data?.pages.flatMap(({ items }) => items) ?? []
  const start = may('imports:write') && (
    <Button component={Link} to={PATHS.importDraft}>
      New import
    </Button>
  )
  return (
    <Page
      title="Imports"
      text="Files of profiles, events and purchases, stored behind live traffic."
      actions={start}
    >
      <QueryState query={query}>
        {() =>
          imports.length === 0 ? (
            <EmptyState
              title="No imports yet"
              text="Bring what you have: a CSV file is enough."
              action={start}
            />
          ) : (
            <>
              <DataTable label="Imports" rows={imports} keyOf={({ id }) => id} columns={COLUMNS} />
              <More query={query} />
            </>
          )
        }
      </QueryState>
    </Page>
  )
}

const COLUMNS: Column<Import>[] = [
  {
    head: 'Import',
    cell: ({ id, dryRun }) => (
      <Anchor
        size="sm"
        fw={600}
        renderRoot={(props) => <Link {...props} to={PATHS.import} params={{ importId: String(id) }} />}
      >
        Import {id}
        {dryRun && ' (only checked)'}
      </Anchor>
    ),
  },
  { head: 'State', cell: ({ state }) => <ImportState state={state} /> },
  { head: 'Rows', cell: (task) => <ImportProgress {...task} /> },
  { head: 'Refused', cell: ({ refused }) => countText(refused), align: 'right' },
  { head: 'API', cell: ({ dialect }) => <DialectBadge dialect={dialect} /> },
  { head: 'By', cell: ({ credential }) => credential },
  { head: 'When', cell: ({ createdAt }) => <Time at={createdAt} /> },
]
