import { Text } from '@mantine/core'
import { listMembers } from '@tributary/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { pagesQuery } from '../../api/pages.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { More } from '../../parts/more.tsx'
import { PersonLink } from '../../parts/person-link.tsx'
import { usePersonNames } from '../../parts/person-names.ts'
import { QueryState } from '../../parts/query-state.tsx'
import { Time } from '../../parts/time.tsx'

// Their names are one read, of at most 100.
const PAGE = '50'

/** Who belongs to a segment, and since when. */
export function SegmentMembers({ segmentId }: { segmentId: string }) {
  const query = useInfiniteQuery(
    pagesQuery(['segment', segmentId, 'members'], ({ cursor, signal }) =>
      listMembers({ client, signal, path: { segmentId }, query: { cursor, limit: PAGE } }),
    ),
  )
  const pages = query.data?.pages.map(({ items }) => items) ?? []
  const labelOf = usePersonNames(pages.map((items) => items.map(({ profileId }) => profileId)))
  const members = pages.flat()
  return (
    <QueryState query={query}>
      {() =>
        members.length === 0 ? (
          <EmptyState title="Nobody belongs to it" text="Its definition is true of no profile now." />
        ) : (
          <>
            <DataTable
              label="Members"
              rows={members}
              keyOf={({ profileId }) => profileId}
              columns={[
                {
                  head: 'Profile',
                  cell: ({ profileId }) => (
                    <PersonLink profileId={profileId}>{labelOf(profileId)}</PersonLink>
                  ),
                },
                { head: 'Id', cell: ({ profileId }) => profileId },
                {
                  head: 'Since',
                  cell: ({ since }) =>
                    since === null ? (
                      <Text size="sm" c="dimmed">
                        not known yet
                      </Text>
                    ) : (
                      <Time at={since} />
                    ),
                },
              ]}
            />
            <More query={query} />
          </>
        )
      }
    </QueryState>
  )
}
