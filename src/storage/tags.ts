import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared, writesAll } from './db.ts'
import type { Queryable } from './db.ts'

/** A tag of a workspace. */
export interface TagRow {
  workspaceId: number
  tagId: number
  name: string
  createdAt: Instant
}

/** A tag on a profile. */
export interface TagAssignmentRow {
  workspaceId: number
  profileId: number
  tagId: number
  at: Instant
}

// Unique index tag_name.
const findByName = prepared<{ workspace_id: number; tag_id: number; name: string; created_at: Date }>(
  'tag-find',
  `select t.workspace_id, t.tag_id, t.name, t.created_at from json_to_recordset($1::json) as k(w integer, n text)
     join tag t on t.workspace_id = k.w and t.name = k.n`,
)

/** The tags with those names, in no order. */
export async function findTags(
  db: Queryable,
  keys: readonly { workspaceId: number; name: string }[],
): Promise<TagRow[]> {
  const rows = await findByName(db, [asRows(keys.map(({ workspaceId: w, name: n }) => ({ w, n })))])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    tagId: row.tag_id,
    name: row.name,
    createdAt: row.created_at.getTime(),
  }))
}

// Primary key (workspace_id, profile_id, tag_id).
const findByProfile = prepared<{ workspace_id: number; profile_id: number; tag_id: number }>(
  'tag-assignment-find',
  `select a.workspace_id, a.profile_id, a.tag_id from json_to_recordset($1::json) as k(w integer, p bigint)
     join tag_assignment a on a.workspace_id = k.w and a.profile_id = k.p`,
)

/** Which tags those profiles have. */
export async function findTagAssignments(
  db: Queryable,
  profiles: readonly { workspaceId: number; profileId: number }[],
): Promise<Omit<TagAssignmentRow, 'at'>[]> {
  const keys = profiles.map(({ workspaceId: w, profileId: p }) => ({ w, p }))
  const rows = await findByProfile(db, [asRows(keys)])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    profileId: row.profile_id,
    tagId: row.tag_id,
  }))
}

const insertNew = prepared<{ tag_id: number }>(
  'tag-insert',
  `insert into tag (workspace_id, tag_id, name, created_at)
   select w, i, n, c from json_to_recordset($1::json) as r(w integer, i integer, n text, c timestamptz)
   on conflict do nothing
   returning tag_id`,
)

/** Stores new tags in the order of their names; false when someone else made one of them meanwhile. */
export async function saveTags(db: Queryable, rows: readonly TagRow[]): Promise<boolean> {
  const sorted = rows.toSorted((a, b) => a.workspaceId - b.workspaceId || (a.name < b.name ? -1 : 1))
  const values = sorted.map((row) => ({
    w: row.workspaceId,
    i: row.tagId,
    n: row.name,
    c: toRfc3339(row.createdAt),
  }))
  return writesAll(db, insertNew, values)
}

const insertAssignments = prepared(
  'tag-assignment-insert',
  `insert into tag_assignment (workspace_id, profile_id, tag_id, origin_profile_id, at)
   select w, p, i, p, a from json_to_recordset($1::json) as r(w integer, p bigint, i integer, a timestamptz)
   on conflict do nothing`,
)

/** Puts tags on profiles; one that is there already stays as it is. */
export async function saveTagAssignments(db: Queryable, rows: readonly TagAssignmentRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) => ({
    w: row.workspaceId,
    p: row.profileId,
    i: row.tagId,
    a: toRfc3339(row.at),
  }))
  await insertAssignments(db, [asRows(values)])
}
