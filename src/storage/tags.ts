import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared, writesAll } from './db.ts'
import type { Queryable } from './db.ts'

/** Stands for a workspace in tags of the installation. No workspace has this id. */
export const INSTALLATION = 0

/**
 * The colour of a tag that was given none.
 * @assumed the vendor that has colours prints no default; this is the colour of its samples
 */
export const TAG_COLOR_DEFAULT = '#0768ff'

/** A tag. */
export interface TagRow {
  /** Whose it is; {@link INSTALLATION} for one that every workspace has. */
  workspaceId: number
  tagId: number
  name: string
  /** As `#rrggbb`. */
  color: string
  createdAt: Instant
}

/** A tag on a profile. */
export interface TagAssignmentRow {
  workspaceId: number
  profileId: number
  tagId: number
  at: Instant
}

interface StoredTag {
  workspace_id: number
  tag_id: number
  name: string
  color: string
  created_at: Date
}

// Unique index tag_name.
const findByName = prepared<{ workspace_id: number; tag_id: number; name: string }>(
  'tag-find',
  `select k.w as workspace_id, t.tag_id, t.name from json_to_recordset($1::json) as k(w integer, n text)
     join tag t on t.workspace_id = any(array[k.w, ${INSTALLATION}]) and t.name = k.n and t.removal is null
    order by t.workspace_id`,
)

/** A tag as the write path needs it; `workspaceId` is of who asked. */
export interface KnownTag {
  workspaceId: number
  tagId: number
  name: string
}

/** The tags with those names; a workspace's own one after one of the installation. */
export async function findTags(
  db: Queryable,
  keys: readonly { workspaceId: number; name: string }[],
): Promise<KnownTag[]> {
  const rows = await findByName(db, [asRows(keys.map(({ workspaceId: w, name: n }) => ({ w, n })))])
  return rows.map((row) => ({ workspaceId: row.workspace_id, tagId: row.tag_id, name: row.name }))
}

// Primary key (workspace_id, tag_id).
const findById = prepared<{ workspace_id: number; tag_id: number; name: string; is_removed: boolean }>(
  'tag-find-by-id',
  `select k.w as workspace_id, t.tag_id, t.name, t.removal is not null as is_removed
     from json_to_recordset($1::json) as k(w integer, i integer)
     join tag t on t.workspace_id = any(array[k.w, ${INSTALLATION}]) and t.tag_id = k.i`,
)

/** The tags with those ids, in no order; also those that were removed and are still on profiles. */
export async function findTagsById(
  db: Queryable,
  keys: readonly { workspaceId: number; tagId: number }[],
): Promise<(KnownTag & { isRemoved: boolean })[]> {
  const rows = await findById(db, [asRows(keys.map(({ workspaceId: w, tagId: i }) => ({ w, i })))])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    tagId: row.tag_id,
    name: row.name,
    isRemoved: row.is_removed,
  }))
}

// Primary key (workspace_id, profile_id, tag_id).
const findByProfile = prepared<{ workspace_id: number; profile_id: number; tag_id: number; at: Date }>(
  'tag-assignment-find',
  `select a.workspace_id, a.profile_id, a.tag_id, a.at from json_to_recordset($1::json) as k(w integer, p bigint)
     join tag_assignment a on a.workspace_id = k.w and a.profile_id = k.p`,
)

/** Which tags those profiles have. */
export async function findTagAssignments(
  db: Queryable,
  profiles: readonly { workspaceId: number; profileId: number }[],
): Promise<TagAssignmentRow[]> {
  const keys = profiles.map(({ workspaceId: w, profileId: p }) => ({ w, p }))
  const rows = await findByProfile(db, [asRows(keys)])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    profileId: row.profile_id,
    tagId: row.tag_id,
    at: row.at.getTime(),
  }))
}

const insertNew = prepared<{ tag_id: number }>(
  'tag-insert',
  `insert into tag (workspace_id, tag_id, name, color, created_at)
   select w, i, n, c, a from json_to_recordset($1::json) as r(w integer, i integer, n text, c text, a timestamptz)
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
    c: row.color,
    a: toRfc3339(row.createdAt),
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

// Primary key (workspace_id, profile_id, tag_id).
const deleteAssignments = prepared(
  'tag-assignment-delete',
  `delete from tag_assignment a using json_to_recordset($1::json) as r(w integer, p bigint, i integer)
    where a.workspace_id = r.w and a.profile_id = r.p and a.tag_id = r.i`,
)

/** Takes tags off profiles. */
export async function deleteTagAssignments(
  db: Queryable,
  rows: readonly Omit<TagAssignmentRow, 'at'>[],
): Promise<void> {
  if (rows.length === 0) return
  await deleteAssignments(db, [
    asRows(rows.map((row) => ({ w: row.workspaceId, p: row.profileId, i: row.tagId }))),
  ])
}

const COLUMNS = 't.workspace_id, t.tag_id, t.name, t.color, t.created_at'

/** A tag, and how many profiles of the asking workspace have it. */
export type CountedTag = TagRow & { profiles: number }

// Unique index tag_name, and the primary key of tag_count.
const findMany = prepared<StoredTag & { profiles: number | null }>(
  'tag-list',
  `select ${COLUMNS}, c.profiles
     from tag t left join tag_count c on c.workspace_id = $1 and c.tag_id = t.tag_id
    where t.workspace_id in ($1, ${INSTALLATION}) and t.removal is null and (t.name, t.tag_id) > ($2, $3::integer)
    order by t.name, t.tag_id limit $4`,
)

/** Which tags of a workspace, its own and those of the installation, in the order of their names. */
export interface TagQuery {
  workspaceId: number
  /** The last one before; undefined for the first page. */
  after: { name: string; tagId: number } | undefined
  limit: number
}

/** Tags of a workspace. */
export async function listTags(
  db: Queryable,
  { workspaceId, after, limit }: TagQuery,
): Promise<CountedTag[]> {
  const rows = await findMany(db, [workspaceId, after?.name ?? '', after?.tagId ?? 0, limit])
  return rows.map((row) => ({ ...fromStored(row), profiles: row.profiles ?? 0 }))
}

// Unique index tag_name.
const findNamed = prepared<StoredTag>(
  'tag-find-named',
  `select ${COLUMNS} from tag t
    where t.workspace_id in ($1, ${INSTALLATION}) and t.name = $2 and t.removal is null
    order by t.workspace_id desc limit 1`,
)

/** The tag of this name that a workspace has: its own, else one of the installation. */
export async function findNamedTag(
  db: Queryable,
  workspaceId: number,
  name: string,
): Promise<TagRow | undefined> {
  const [row] = await findNamed(db, [workspaceId, name])
  return row && fromStored(row)
}

// A scan: tags are few, and only the command line asks.
const findAnywhere = prepared<{ workspace_id: number }>(
  'tag-find-anywhere',
  'select workspace_id from tag where name = $1 and removal is null limit 1',
)

/** Whether a workspace, or the installation, has a tag of this name. */
export async function isTagNameTaken(db: Queryable, name: string): Promise<boolean> {
  return (await findAnywhere(db, [name])).length > 0
}

// Primary keys of tag and tag_assignment.
const findOnProfile = prepared<StoredTag>(
  'tag-of-profile',
  `select ${COLUMNS} from tag_assignment a
     join tag t on t.workspace_id in ($1, ${INSTALLATION}) and t.tag_id = a.tag_id and t.removal is null
    where a.workspace_id = $1 and a.profile_id = $2 order by t.name`,
)

/** The tags of one profile, in the order of their names. */
export async function findProfileTags(
  db: Queryable,
  workspaceId: number,
  profileId: number,
): Promise<TagRow[]> {
  return (await findOnProfile(db, [workspaceId, profileId])).map(fromStored)
}

const updateColor = prepared<StoredTag>(
  'tag-recolor',
  `update tag t set color = coalesce($3, t.color)
    where t.workspace_id = $1 and t.tag_id = $2 and t.removal is null returning ${COLUMNS}`,
)

/** Gives a tag another colour; undefined leaves it. @returns undefined when its owner has no such tag */
export async function saveTagColor(
  db: Queryable,
  { workspaceId, tagId }: Pick<TagRow, 'workspaceId' | 'tagId'>,
  color: string | undefined,
): Promise<TagRow | undefined> {
  const [row] = await updateColor(db, [workspaceId, tagId, color ?? null])
  return row && fromStored(row)
}

function fromStored(row: StoredTag): TagRow {
  return {
    workspaceId: row.workspace_id,
    tagId: row.tag_id,
    name: row.name,
    color: row.color,
    createdAt: row.created_at.getTime(),
  }
}
