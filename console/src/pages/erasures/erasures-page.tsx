import { UnstyledButton } from '@mantine/core'
import { listErasures } from '@tributary/sdk'
import type { Erasure } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { plural } from '../../parts/format.ts'
import { More } from '../../parts/more.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { SettingsPage } from '../../parts/settings-page.tsx'
import { Time } from '../../parts/time.tsx'
import { ErasureDrawer } from './erasure-drawer.tsx'
import { ErasureState } from './erasure-state.tsx'
import { LOOK_EVERY_MS, TOMBSTONES, totalOf } from './erasure-words.ts'

const route = getRouteApi('/with-session/in-workspace/erasures')

/** Receipts of people who were erased: what went of each kind, and nothing about the person. */
export function ErasuresPage() {
  const { erasure } = route.useSearch()
  const open = useOpen()
  return (
    <SettingsPage
      title="Erasures"
      text="A receipt for everybody who was erased: how much went of each kind, and nothing about the person."
    >
      <Receipts />
      {erasure !== undefined && <ErasureDrawer erasureId={erasure} onClose={() => open(undefined)} />}
    </SettingsPage>
  )
}

function useOpen(): (id: string | undefined) => void {
  const navigate = route.useNavigate()
  return (id) => void navigate({ search: { erasure: id }, replace: true })
}

function Receipts() {
  const open = useOpen()
  const query = useInfiniteQuery({
    ...pagesQuery(['erasures', 'list'], ({ cursor, signal }) =>
      listErasures({ client, signal, query: { cursor } }),
    ),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((one) => one.state === 'running'))
        ? LOOK_EVERY_MS
        : false,
  })
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <QueryState query={query}>
      {() =>
        rows.length === 0 ? (
          <EmptyState
            title="Nobody was erased"
            text="A profile’s page has the act, under Privacy. Its receipt will stand here."
          />
        ) : (
          <>
            <DataTable label="Receipts" columns={columnsOf(open)} rows={rows} keyOf={({ id }) => id} />
            <More query={query} />
          </>
        )
      }
    </QueryState>
  )
}

const columnsOf = (open: (id: string) => void): readonly Column<Erasure>[] => [
  {
    head: 'Person',
    cell: ({ id, profileId }) => (
      <UnstyledButton fz="sm" fw={600} c="var(--mantine-primary-color-light-color)" onClick={() => open(id)}>
        was profile {profileId}
      </UnstyledButton>
    ),
  },
  { head: 'State', cell: (erasure) => <ErasureState erasure={erasure} /> },
  { head: 'Went', cell: ({ counts }) => plural(totalOf(counts), 'record') },
  { head: 'Named again', cell: ({ tombstone }) => TOMBSTONES[tombstone].short },
  { head: 'Asked by', cell: ({ requestedBy }) => requestedBy },
  { head: 'When', cell: ({ at }) => <Time at={at} /> },
]
