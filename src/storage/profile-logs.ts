import type { Json } from '../lib/json.ts'
import { newUuid } from '../lib/ids.ts'
import type { Consent } from '../model/attributes.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** One profile write that changed something: attribute → value before and after; null is "absent". */
export interface ChangeRow {
  workspaceId: number
  profileId: number
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
    i: newUuid(),
    a: toRfc3339(row.at),
    d: row.dialect,
    c: row.credential,
    t: row.traceId,
    f: row.diff,
  }))
  await insertChanges(db, [asRows(sorted)])
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
