import { Text } from '@mantine/core'
import { getStats, listProfiles } from '@tributary/sdk'
import type { ListProfilesData } from '@tributary/sdk'
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { answerOf } from '../../api/problem.ts'
import { useMay } from '../../api/session.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { countText } from '../../parts/format.ts'
import { MoreFailed } from '../../parts/more.tsx'
import { Page } from '../../parts/page.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { readsOn } from '../../parts/reads-on.ts'
import { VirtualList } from '../../parts/virtual-list.tsx'
import { ProfileFilters } from './profile-filters.tsx'
import { PROFILE_ROW_HEIGHT, ProfileRow } from './profile-row.tsx'

const route = getRouteApi('/with-session/in-workspace/profiles')

const PAGE = '100'

/** Everybody in the workspace: found as one types, filtered, and read on as one scrolls. */
export function ProfilesPage() {
  const search = route.useSearch()
  const query = useInfiniteQuery({
    ...pagesQuery(['profiles', 'list', search], ({ cursor, signal }) =>
      listProfiles({
        client,
        signal,
        query: { ...search, cursor, limit: PAGE } as ListProfilesData['query'],
      }),
    ),
    placeholderData: keepPreviousData,
  })
  const profiles = query.data?.pages.flatMap(({ items }) => items) ?? []
  const isFiltered = Object.keys(search).some((name) => name !== 'sort' && name !== 'order')
  const readOn = (): void => {
    if (readsOn(query)) void query.fetchNextPage()
  }
  return (
    <Page title="Profiles" text={<Total />}>
      <ProfileFilters />
      <QueryState query={query} lines={8}>
        {() =>
          profiles.length === 0 ? (
            <EmptyState
              title={isFiltered ? 'Nobody is like that' : 'Nobody is known yet'}
              text={
                isFiltered
                  ? 'Search for less, or take a filter away.'
                  : 'Profiles come by themselves with what your applications send.'
              }
            />
          ) : (
            <>
              <VirtualList
                label="Profiles"
                items={profiles}
                rowHeight={PROFILE_ROW_HEIGHT}
                keyOf={({ id }) => id}
                row={(profile) => <ProfileRow profile={profile} />}
                onEnd={readOn}
              />
              <MoreFailed query={query} />
            </>
          )
        }
      </QueryState>
    </Page>
  )
}

function Total() {
  const may = useMay()
  const { data } = useQuery({
    queryKey: ['stats'],
    queryFn: ({ signal }) => answerOf(getStats({ client, signal })),
    enabled: may('stats:read'),
  })
  return (
    <Text size="sm">
      {data ? `${countText(data.profiles)} in this workspace` : 'Everybody in this workspace'}
    </Text>
  )
}
