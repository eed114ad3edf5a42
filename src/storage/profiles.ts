import type { Json } from '../lib/json.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared, writesAll } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** A profile as stored; `version` counts its writes from 1. */
export interface ProfileRow {
  workspaceId: number
  profileId: number
  version: number
  attributes: Record<string, Json>
  createdAt: Instant
  updatedAt: Instant
}

interface StoredRow {
  workspace_id: number
  profile_id: number
  version: number
  attributes: Record<string, Json>
  created_at: Date
  updated_at: Date
}

// Primary key (workspace_id, profile_id).
const findByKey = prepared<StoredRow>(
  'profile-find',
  `select p.workspace_id, p.profile_id, p.version, p.attributes, p.created_at, p.updated_at
     from json_to_recordset($1::json) as k(w integer, p bigint)
     join profile p on p.workspace_id = k.w and p.profile_id = k.p`,
)

const insertNew = prepared<{ profile_id: number }>(
  'profile-insert',
  `insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
   select w, p, ver, a, c, u
     from json_to_recordset($1::json)
       as r(w integer, p bigint, ver integer, a jsonb, c timestamptz, u timestamptz)
   on conflict do nothing
   returning profile_id`,
)

// `o` is the version that was read: a write in between makes the row miss.
const updateRead = prepared<{ profile_id: number }>(
  'profile-update',
  `update profile p set version = r.ver, attributes = r.a, updated_at = r.u
     from json_to_recordset($1::json) as r(w integer, p bigint, o integer, ver integer, a jsonb, u timestamptz)
    where p.workspace_id = r.w and p.profile_id = r.p and p.version = r.o
   returning p.profile_id`,
)

const deleteRead = prepared<{ profile_id: number }>(
  'profile-delete',
  `delete from profile p
    using json_to_recordset($1::json) as r(w integer, p bigint, o integer)
    where p.workspace_id = r.w and p.profile_id = r.p and p.version = r.o
   returning p.profile_id`,
)

/** The stored rows of those profiles, in no order; a merged or unknown id gives none. */
export async function findProfiles(
  db: Queryable,
  keys: readonly { workspaceId: number; profileId: number }[],
): Promise<ProfileRow[]> {
  const rows = keys.map(({ workspaceId, profileId }) => ({ w: workspaceId, p: profileId }))
  return (await findByKey(db, [asRows(rows)])).map(fromStored)
}

// A key share lock: a flush goes on writing the row, and only who deletes it waits.
const holdOne = prepared<{ profile_id: number }>(
  'profile-hold',
  'select profile_id from profile where workspace_id = $1 and profile_id = $2 for key share',
)

/** Keeps a living profile from being deleted or merged away until the transaction ends; false when there is none. */
export async function holdProfile(tx: Transaction, workspaceId: number, profileId: number): Promise<boolean> {
  return (await holdOne(tx, [workspaceId, profileId])).length > 0
}

const lockOne = prepared<{ profile_id: number }>(
  'profile-lock',
  'select profile_id from profile where workspace_id = $1 and profile_id = $2 for update',
)

/** Keeps everybody else from writing a living profile until the transaction ends; false when there is none. */
export async function lockProfile(tx: Transaction, workspaceId: number, profileId: number): Promise<boolean> {
  return (await lockOne(tx, [workspaceId, profileId])).length > 0
}

/** What a flush does to the profile table; `readVersion` is the version it decided on. */
export interface ProfileChanges {
  inserted: readonly ProfileRow[]
  updated: readonly (ProfileRow & { readVersion: number })[]
  deleted: readonly { workspaceId: number; profileId: number; readVersion: number }[]
}

/**
 * Writes the changes in key order under the version guard.
 * @returns false when a row was not as it had been read: someone else wrote, run the flush again
 */
export async function saveProfiles(db: Queryable, changes: ProfileChanges): Promise<boolean> {
  const inserted = changes.inserted.map(columns)
  const updated = changes.updated.map((row) => ({ ...columns(row), o: row.readVersion }))
  const deleted = changes.deleted.map((row) => ({ w: row.workspaceId, p: row.profileId, o: row.readVersion }))
  return (
    (await writesAll(db, insertNew, inKeyOrder(inserted))) &&
    (await writesAll(db, updateRead, inKeyOrder(updated))) &&
    (await writesAll(db, deleteRead, inKeyOrder(deleted)))
  )
}

function inKeyOrder<Row extends { w: number; p: number }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.w - b.w || a.p - b.p)
}

function columns(row: ProfileRow): { w: number; p: number; ver: number; a: object; c: string; u: string } {
  return {
    w: row.workspaceId,
    p: row.profileId,
    ver: row.version,
    a: row.attributes,
    c: toRfc3339(row.createdAt),
    u: toRfc3339(row.updatedAt),
  }
}

function fromStored(row: StoredRow): ProfileRow {
  return {
    workspaceId: row.workspace_id,
    profileId: row.profile_id,
    version: row.version,
    attributes: row.attributes,
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
  }
}
