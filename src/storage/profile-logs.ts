import type { Json } from '../lib/json.ts'
import { LARGEST_UUID } from '../lib/ids.ts'
import type { Consent } from '../model/attributes.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** One profile write that changed something: attribute → value before and after; null is "absent". */
export interface ChangeRow {
  workspaceId: number
  profileId: number
  /** A UUIDv7: it sorts by the time of the write. */
  changeId: string
  at: Instant
  dialect: string
  credential: string
  traceId: string
  diff: Record<string, readonly [Json, Json]>
}

/** A consent as stored; it stays with the profile it was given on, also when that one is merged away. */
export interface ConsentRow extends Consent {
  workspaceId: number
  profileId: number
}

const insertChanges = prepared(
  'profile-change-insert',
  `insert into profile_change (workspace_id, profile_id, change_id, at, dialect, credential, trace_id, diff)
   select w, p, i, a, d, c, t, f
     from json_to_recordset($1::json)
       as r(w integer, p bigint, i uuid, a timestamptz, d text, c text, t text, f jsonb)`,
)

const upsertConsents = prepared(
  'consent-upsert',
  `insert into consent (workspace_id, profile_id, origin_profile_id, channel, state, at, source)
   select w, p, p, c, s, a, o
     from json_to_recordset($1::json) as r(w integer, p bigint, c text, s text, a timestamptz, o text)
   on conflict (workspace_id, profile_id, channel)
   do update set state = excluded.state, at = excluded.at, source = excluded.source`,
)

interface StoredConsent {
  workspace_id: number
  profile_id: number
  channel: Consent['channel']
  state: Consent['state']
  at: Date
  source: string
}

// Primary key (workspace_id, profile_id, channel).
const findByProfile = prepared<StoredConsent>(
  'consent-find',
  `select c.workspace_id, c.profile_id, c.channel, c.state, c.at, c.source
     from json_to_recordset($1::json) as k(w integer, p bigint)
     join consent c on c.workspace_id = k.w and c.profile_id = k.p`,
)

/** Appends rows to the change log. */
export async function saveChanges(db: Queryable, rows: readonly ChangeRow[]): Promise<void> {
  if (rows.length === 0) return
  const sorted = rows.map((row) => ({
    w: row.workspaceId,
    p: row.profileId,
    i: row.changeId,
    a: toRfc3339(row.at),
    d: row.dialect,
    c: row.credential,
    t: row.traceId,
    f: row.diff,
  }))
  await insertChanges(db, [asRows(sorted)])
}

/** What to read of the change log of one person: its own profile id and the ids merged into it. */
export interface ChangeLogQuery {
  workspaceId: number
  profileIds: readonly number[]
  /** Inclusive. */
  from: Instant
  /** Exclusive. */
  to: Instant
  after: { id: string } | undefined
  limit: number
}

interface StoredChange {
  profile_id: number
  change_id: string
  at: Date
  dialect: string
  credential: string
  trace_id: string
  diff: ChangeRow['diff']
}

// Primary key (workspace_id, profile_id, change_id, at), read backwards in each partition: ids sort by time.
const findNewest = prepared<StoredChange>(
  'profile-change-list',
  `select c.* from unnest($2::bigint[]) as ids(id)
     cross join lateral (
       select profile_id, change_id, at, dialect, credential, trace_id, diff
         from profile_change
        where workspace_id = $1 and profile_id = ids.id and change_id < $5::uuid
          and at >= $3::timestamptz and at < $4::timestamptz
        order by change_id desc limit $6
     ) c
    order by c.change_id desc limit $6`,
)

/** Changes of one person, newest first. */
export async function findChanges(db: Queryable, query: ChangeLogQuery): Promise<ChangeRow[]> {
  const { workspaceId, profileIds, from, to, after, limit } = query
  const values = [workspaceId, profileIds, toRfc3339(from), toRfc3339(to), after?.id ?? LARGEST_UUID, limit]
  return (await findNewest(db, values)).map((row) => changeFrom(workspaceId, row))
}

function changeFrom(workspaceId: number, row: StoredChange): ChangeRow {
  return {
    workspaceId,
    profileId: row.profile_id,
    changeId: row.change_id,
    at: row.at.getTime(),
    dialect: row.dialect,
    credential: row.credential,
    traceId: row.trace_id,
    diff: row.diff,
  }
}

// Primary key, without the time: a look into each partition.
const findChangesByKey = prepared<StoredChange>(
  'profile-change-find-by-id',
  `select c.profile_id, c.change_id, c.at, c.dialect, c.credential, c.trace_id, c.diff
     from json_to_recordset($2::json) as k(p bigint, i uuid)
     join profile_change c on c.workspace_id = $1 and c.profile_id = k.p and c.change_id = k.i
    where octet_length(c.diff::text) <= $3`,
)

// As profile-change-find-by-id.
const findNamesByKey = prepared<{ change_id: string; names: string[] }>(
  'profile-change-names',
  `select c.change_id, array(select jsonb_object_keys(c.diff)) as names
     from json_to_recordset($2::json) as k(p bigint, i uuid)
     join profile_change c on c.workspace_id = $1 and c.profile_id = k.p and c.change_id = k.i`,
)

/** Names of the values that these changes changed, by the change's id; those that are gone are missing. */
export async function findChangedNames(
  db: Queryable,
  workspaceId: number,
  changes: readonly { profileId: number; id: string }[],
): Promise<Map<string, string[]>> {
  if (changes.length === 0) return new Map()
  const keys = changes.map(({ profileId: p, id: i }) => ({ p, i }))
  const rows = await findNamesByKey(db, [workspaceId, asRows(keys)])
  return new Map(rows.map((row) => [row.change_id, row.names]))
}

/** These changes, in no order; those that are gone, or longer than `bytesMax`, are missing. */
export async function findChangesById(
  db: Queryable,
  workspaceId: number,
  changes: readonly { profileId: number; id: string }[],
  bytesMax: number,
): Promise<ChangeRow[]> {
  if (changes.length === 0) return []
  const keys = changes.map(({ profileId: p, id: i }) => ({ p, i }))
  const rows = await findChangesByKey(db, [workspaceId, asRows(keys), bytesMax])
  return rows.map((row) => changeFrom(workspaceId, row))
}

/** Writes consents in key order. The caller has bumped the profile's version, which guards them too. */
export async function saveConsents(db: Queryable, rows: readonly ConsentRow[]): Promise<void> {
  if (rows.length === 0) return
  const sorted = rows.toSorted(
    (a, b) => a.workspaceId - b.workspaceId || a.profileId - b.profileId || (a.channel < b.channel ? -1 : 1),
  )
  const values = sorted.map((row) => ({
    w: row.workspaceId,
    p: row.profileId,
    c: row.channel,
    s: row.state,
    a: toRfc3339(row.at),
    o: row.source,
  }))
  await upsertConsents(db, [asRows(values)])
}

/** The consents that stand on those profiles, in no order. */
export async function findConsents(
  db: Queryable,
  keys: readonly { workspaceId: number; profileId: number }[],
): Promise<ConsentRow[]> {
  const rows = await findByProfile(db, [
    asRows(keys.map((key) => ({ w: key.workspaceId, p: key.profileId }))),
  ])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    profileId: row.profile_id,
    channel: row.channel,
    state: row.state,
    at: row.at.getTime(),
    source: row.source,
  }))
}
