import { listProfiles } from '@tributary/sdk'
import { queryOptions, useQueries } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { answerOf } from '../api/problem.ts'
import { useMay } from '../api/session.ts'
import { nameOf } from './person.ts'

function namesQuery(profileIds: readonly number[]) {
  return queryOptions({
    queryKey: ['profile', 'names', profileIds],
    queryFn: async ({ signal }) => {
      const query = { ids: profileIds.join(',') }
      const { items } = await answerOf(listProfiles({ client, signal, query }))
      return items.map((profile) => [profile.mergedFrom ?? profile.id, nameOf(profile)] as const)
    },
  })
}

/**
 * What to call people of whom only the ids are at hand; the id until the name is read.
 * @param pages each is one request, so a list that grows asks only for what came to it; at most 100 ids
 */
export function usePersonNames(pages: readonly (readonly number[])[]): (profileId: number) => string {
  const isAllowed = useMay()('profiles:read')
  const names = useQueries({
    queries: pages.map((ids) => ({ ...namesQuery(ids), enabled: isAllowed && ids.length > 0 })),
    combine: (results) => new Map(results.flatMap(({ data = [] }) => data)),
  })
  return (profileId) => names.get(profileId) ?? `Profile ${profileId}`
}
