import { Anchor, Button, Text } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { listSegments } from '@tributary/sdk'
import type { Segment } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useEffect } from 'react'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { useMay } from '../../api/session.ts'
import { useComputedNames } from '../../definitions/computed-list.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { countText } from '../../parts/format.ts'
import { More } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { readsOn } from '../../parts/reads-on.ts'
import { Time } from '../../parts/time.tsx'
import { TypedInput } from '../../parts/typed-input.tsx'
import { PATHS } from '../../paths.ts'
import { sentenceOf } from './condition-words.ts'
import { SegmentState } from './segment-state.tsx'

const route = getRouteApi('/with-session/in-workspace/segments')

const PAGE = '100'
const BUILDING_POLL_MS = 2_000

/** The segments of the workspace, newest first. */
export function SegmentsPage() {
  const { search = '' } = route.useSearch()
  const query = useSegments(search !== '')
  const wanted = search.trim().toLowerCase()
  const all = query.data?.pages.flatMap(({ items }) => items) ?? []
  const segments = all.filter(({ name }) => name.toLowerCase().includes(wanted))
  const canCreate = useMay()('segments:write')
  const create = canCreate && (
    <Button component={Link} to={PATHS.segmentDraft}>
      New segment
    </Button>
  )
  return (
    <Page title="Segments" text="Groups of people, kept by what they are and do." actions={create}>
      <QueryState query={query}>
        {() =>
          all.length === 0 ? (
            <EmptyState
              title="There are no segments yet"
              text="A segment is a question about people. Its members are kept up to date with every write."
              action={create}
            />
          ) : (
            <>
              <SearchInput />
              {segments.length === 0 ? (
                <EmptyState title="No segment is called so" />
              ) : (
                <SegmentTable segments={segments} />
              )}
              <More query={query} />
            </>
          )
        }
      </QueryState>
    </Page>
  )
}

/** The list has no search of its own on the server: to find a name, all of it is read. */
function useSegments(isSearching: boolean) {
  const query = useInfiniteQuery({
    ...pagesQuery(['segments', 'list'], ({ cursor, signal }) =>
      listSegments({ client, signal, query: { cursor, limit: PAGE } }),
    ),
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ items }) => items.some((segment) => segment.state === 'building'))
        ? BUILDING_POLL_MS
        : false,
  })
  const { isFetching, fetchNextPage } = query
  const isWanted = isSearching && !isFetching && readsOn(query)
  useEffect(() => {
    if (isWanted) void fetchNextPage()
  }, [isWanted, fetchNextPage])
  return query
}

function SearchInput() {
  const { search = '' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <TypedInput
      aria-label="Search by name"
      placeholder="Search by name"
      type="search"
      leftSection={<IconSearch size={16} aria-hidden />}
      initial={search}
      onRest={(text) => void navigate({ search: { search: text }, replace: true })}
      maw={360}
    />
  )
}

function SegmentTable({ segments }: { segments: readonly Segment[] }) {
  const nameOf = useComputedNames()
  const columns: Column<Segment>[] = [
    {
      head: 'Name',
      width: '40%',
      cell: ({ id, name, definition }) => (
        <>
          <Anchor
            size="sm"
            fw={550}
            renderRoot={(props) => <Link {...props} to={PATHS.segment} params={{ segmentId: id }} />}
          >
            {name}
          </Anchor>
          <Text size="xs" c="dimmed" lineClamp={2}>
            {sentenceOf(definition, nameOf)}
          </Text>
        </>
      ),
    },
    { head: 'Size', align: 'right', width: 90, cell: ({ size }) => (size === null ? '–' : countText(size)) },
    { head: 'State', width: 130, cell: (segment) => <SegmentState segment={segment} /> },
    {
      head: 'Counts what came before',
      cell: ({ computedAt }) => computedAt !== null && <Time at={computedAt} />,
    },
    { head: 'Changed', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
  ]
  return <DataTable label="Segments" columns={columns} rows={segments} keyOf={({ id }) => id} />
}
