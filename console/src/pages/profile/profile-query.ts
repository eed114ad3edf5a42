import { getProfile } from '@tributary/sdk'
import type { Profile } from '@tributary/sdk'
import { queryOptions } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { answerAndHeaders } from '../../api/problem.ts'

/** A profile as it was read; `version` goes with a change, so that nobody's change in between is lost. */
export interface ReadProfile {
  profile: Profile
  version: string
}

/** By which everything that was read of a profile is found again. */
export const profileKey = (profileId: string) => ['profile', profileId] as const

/** A profile; of one that was merged away, the one that it lives on in. */
export function profileQuery(profileId: string) {
  return queryOptions({
    queryKey: [...profileKey(profileId), 'self'],
    queryFn: async ({ signal }): Promise<ReadProfile> => {
      const { data, headers } = await answerAndHeaders(getProfile({ client, signal, path: { profileId } }))
      return { profile: data, version: headers.get('etag') ?? '*' }
    },
  })
}
