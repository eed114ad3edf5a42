import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { ConsentChannel } from '../model/attributes.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Which answers of a workspace; times inclusive, the oldest first. */
export interface ConsentQuery {
  workspaceId: number
  channels: readonly ConsentChannel[]
  from: Instant
  to: Instant
  offset: number
  limit: number
}

/** An answer that was given, and the living profile that it is of. */
export interface GivenConsent {
  profileId: number
  channel: ConsentChannel
  at: Instant
}

// Index consent_at.
const findMany = prepared<{ profile_id: number; channel: ConsentChannel; at: Date }>(
  'consent-list',
  `select coalesce(m.to_id, c.profile_id) as profile_id, c.channel, c.at from consent c
     left join profile_merge m on m.workspace_id = c.workspace_id and m.from_id = c.profile_id
    where c.workspace_id = $1 and c.at between $2::timestamptz and $3::timestamptz and c.channel = any($4::text[])
    order by c.at, c.profile_id, c.channel
    limit $5 offset $6`,
)

/** Answers by when they were given; one that a later answer of the same person outdid may be among them. */
export async function findGivenConsents(db: Queryable, query: ConsentQuery): Promise<GivenConsent[]> {
  const range = [toRfc3339(query.from), toRfc3339(query.to)]
  const rows = await findMany(db, [query.workspaceId, ...range, query.channels, query.limit, query.offset])
  return rows.map(({ profile_id: profileId, channel, at }) => ({ profileId, channel, at: at.getTime() }))
}
