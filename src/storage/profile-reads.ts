import type { Json } from '../lib/json.ts'
import type { Consent } from '../model/attributes.ts'
import { identifierKindOf } from '../model/identity.ts'
import type { HeldIdentifier } from '../model/identity.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'
import { INSTALLATION } from './tags.ts'

/** A living profile with everything that a read shows, and the ids whose rows belong to it. */
export interface WholeProfile {
  profileId: number
  version: number
  attributes: Record<string, Json>
  createdAt: Instant
  updatedAt: Instant
  identifiers: HeldIdentifier[]
  /** Of the profile and of those merged into it. */
  consents: (Consent & { profileId: number })[]
  /** Names, in alphabetical order. */
  tags: string[]
  lastActivityAt: Instant | undefined
}

interface StoredProfile {
  profile_id: number
  version: number
  attributes: Record<string, Json>
  created_at: Date
  updated_at: Date
  identifiers:
    { kind: number; value: string; source: string; first_seen_at: number; is_primary: boolean }[] | null
  consents:
    | {
        profile_id: number
        channel: Consent['channel']
        state: Consent['state']
        at: number
        source: string
      }[]
    | null
  tags: string[] | null
  last_activity_at: Date | null
}

// One round trip: each part is a read by key (identifier_profile, profile_merge_to, consent's and event's keys).
const OWN_IDS = `(select p.profile_id as id
                    union all
                    select from_id from profile_merge where workspace_id = $1 and to_id = p.profile_id) ids`

const findWhole = prepared<StoredProfile>(
  'profile-whole',
  `select p.profile_id, p.version, p.attributes, p.created_at, p.updated_at,
          (select json_agg(json_build_object('kind', i.kind, 'value', i.value, 'source', i.source,
                    'first_seen_at', floor(extract(epoch from i.first_seen_at) * 1000), 'is_primary', i.is_primary))
             from identifier i where i.workspace_id = $1 and i.profile_id = p.profile_id) as identifiers,
          (select json_agg(json_build_object('profile_id', c.profile_id, 'channel', c.channel, 'state', c.state,
                    'at', floor(extract(epoch from c.at) * 1000), 'source', c.source))
             from ${OWN_IDS} join consent c on c.workspace_id = $1 and c.profile_id = ids.id) as consents,
          (select json_agg(t.name order by t.name) from tag_assignment a
             join tag t on t.workspace_id in ($1, ${INSTALLATION}) and t.tag_id = a.tag_id and t.removal is null
            where a.workspace_id = $1 and a.profile_id = p.profile_id) as tags,
          (select max(last.at) from ${OWN_IDS} cross join lateral (
             select e.occurred_at as at from event e where e.workspace_id = $1 and e.profile_id = ids.id
              order by e.occurred_at desc limit 1) last) as last_activity_at
     from profile p where p.workspace_id = $1 and p.profile_id = any($2::bigint[])`,
)

/** Reads living profiles whole, in no order; an id that is none is left out. */
export async function findWholeProfiles(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<WholeProfile[]> {
  return (await findWhole(db, [workspaceId, profileIds])).map(fromStored)
}

function fromStored(row: StoredProfile): WholeProfile {
  return {
    profileId: row.profile_id,
    version: row.version,
    attributes: row.attributes,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    identifiers: (row.identifiers ?? []).map((held) => ({
      kind: identifierKindOf(held.kind),
      value: held.value,
      source: held.source,
      firstSeenAt: held.first_seen_at,
      isPrimary: held.is_primary,
    })),
    consents: (row.consents ?? []).map(({ profile_id: profileId, ...consent }) => ({
      ...consent,
      profileId,
    })),
    tags: row.tags ?? [],
    lastActivityAt: row.last_activity_at?.getTime(),
  }
}
