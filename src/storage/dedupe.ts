import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared, writesAll } from './db.ts'
import type { Queryable } from './db.ts'

/** An event that carried an id, and where it is stored. `keyHash` has 16 bytes; `partCount` events derive from it. */
export interface DedupeRow {
  workspaceId: number
  keyHash: Buffer
  profileId: number
  eventId: string
  occurredAt: Instant
  receivedAt: Instant
  partCount: number
}

interface StoredRow {
  workspace_id: number
  key_hash: Buffer
  profile_id: number
  event_id: string
  occurred_at: Date
  received_at: Date
  part_count: number
}

// Primary key (workspace_id, key_hash).
const findByKey = prepared<StoredRow>(
  'dedupe-find',
  `select d.workspace_id, d.key_hash, d.profile_id, d.event_id, d.occurred_at, d.received_at, d.part_count
     from json_to_recordset($1::json) as k(w integer, h text)
     join dedupe d on d.workspace_id = k.w and d.key_hash = decode(k.h, 'hex')`,
)

const insertNew = prepared<{ workspace_id: number }>(
  'dedupe-insert',
  `insert into dedupe (workspace_id, key_hash, profile_id, event_id, occurred_at, received_at, part_count)
   select w, decode(h, 'hex'), p, i, o, r, n
     from json_to_recordset($1::json)
       as r(w integer, h text, p bigint, i uuid, o timestamptz, r timestamptz, n integer)
   on conflict do nothing
   returning workspace_id`,
)

const updateLocations = prepared(
  'dedupe-locate',
  `update dedupe d set profile_id = r.p, occurred_at = r.o, part_count = r.n
     from json_to_recordset($1::json) as r(w integer, h text, p bigint, o timestamptz, n integer)
    where d.workspace_id = r.w and d.key_hash = decode(r.h, 'hex')`,
)

const deleteOld = prepared(
  'dedupe-expire',
  'delete from dedupe where workspace_id = $1 and received_at < $2::timestamptz',
)

/** The stored rows of those keys, in no order. */
export async function findDedupe(
  db: Queryable,
  keys: readonly { workspaceId: number; keyHash: Buffer }[],
): Promise<DedupeRow[]> {
  const rows = await findByKey(db, [
    asRows(keys.map((key) => ({ w: key.workspaceId, h: key.keyHash.toString('hex') }))),
  ])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    keyHash: row.key_hash,
    profileId: row.profile_id,
    eventId: row.event_id,
    occurredAt: row.occurred_at.getTime(),
    receivedAt: row.received_at.getTime(),
    partCount: row.part_count,
  }))
}

/** Records keys in key order; false when someone else stored one of them meanwhile. */
export async function saveDedupe(db: Queryable, rows: readonly DedupeRow[]): Promise<boolean> {
  const sorted = rows.toSorted((a, b) => a.workspaceId - b.workspaceId || a.keyHash.compare(b.keyHash))
  const values = sorted.map((row) => ({
    w: row.workspaceId,
    h: row.keyHash.toString('hex'),
    p: row.profileId,
    i: row.eventId,
    o: toRfc3339(row.occurredAt),
    r: toRfc3339(row.receivedAt),
    n: row.partCount,
  }))
  return writesAll(db, insertNew, values)
}

/** Writes where stored events are that were replaced, and how many derive from them; the last word about each counts. */
export async function saveLocations(db: Queryable, rows: readonly DedupeRow[]): Promise<void> {
  if (rows.length === 0) return
  const last = new Map(rows.map((row) => [`${row.workspaceId}|${row.keyHash.toString('hex')}`, row]))
  const values = [...last.values()].map((row) => ({
    w: row.workspaceId,
    h: row.keyHash.toString('hex'),
    p: row.profileId,
    o: toRfc3339(row.occurredAt),
    n: row.partCount,
  }))
  await updateLocations(db, [asRows(values)])
}

/** Forgets the ids of events that were received before `before`. */
export async function expireDedupe(db: Queryable, workspaceId: number, before: Instant): Promise<void> {
  await deleteOld(db, [workspaceId, toRfc3339(before)])
}
