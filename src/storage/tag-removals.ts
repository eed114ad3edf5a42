import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'
import type { Instant } from '../lib/time.ts'
import type { TagRow } from './tags.ts'

/** Who removed a tag, and when: the changes that follow from it are said to be this one's. */
export interface TagRemoval {
  at: Instant
  dialect: string
  operation: string
  credential: string
  traceId: string
}

/** A tag that was removed. */
export interface RemovedTag extends Pick<TagRow, 'workspaceId' | 'tagId'> {
  removal: TagRemoval
}

const mark = prepared<{ name: string }>(
  'tag-remove',
  `update tag set removal = $3::jsonb where workspace_id = $1 and tag_id = $2 and removal is null returning name`,
)

/** Marks a tag as removed. @returns its name; undefined when its owner has no such tag */
export async function removeTag(
  db: Queryable,
  { workspaceId, tagId, removal }: RemovedTag,
): Promise<string | undefined> {
  const [row] = await mark(db, [workspaceId, tagId, JSON.stringify(removal)])
  return row?.name
}

// Index tag_removed.
const findMarked = prepared<{ workspace_id: number; tag_id: number; removal: TagRemoval }>(
  'tag-find-removed',
  'select workspace_id, tag_id, removal from tag where removal is not null order by tag_id',
)

/** Tags that were removed and whose row is still there. */
export async function findRemovedTags(db: Queryable): Promise<RemovedTag[]> {
  const rows = await findMarked(db, [])
  return rows.map(({ workspace_id: workspaceId, tag_id: tagId, removal }) => ({
    workspaceId,
    tagId,
    removal,
  }))
}

// Index tag_assignment_tag, and the primary key of profile.
const findSome = prepared<{ profile_id: number; is_living: boolean }>(
  'tag-carriers',
  `select a.profile_id, exists (
            select from profile p where p.workspace_id = a.workspace_id and p.profile_id = a.profile_id) as is_living
     from tag_assignment a where a.workspace_id = $1 and a.tag_id = $2 order by a.profile_id limit $3`,
)

/** Some of the profiles that have a tag; one that was merged away is not living. */
export async function findTagCarriers(
  db: Queryable,
  { workspaceId, tagId, limit }: { workspaceId: number; tagId: number; limit: number },
): Promise<{ profileId: number; isLiving: boolean }[]> {
  const rows = await findSome(db, [workspaceId, tagId, limit])
  return rows.map(({ profile_id: profileId, is_living: isLiving }) => ({ profileId, isLiving }))
}

const deleteRow = prepared(
  'tag-forget',
  'delete from tag where workspace_id = $1 and tag_id = $2 and removal is not null',
)

const deleteCounts = prepared('tag-count-forget', 'delete from tag_count where tag_id = $1')

/** Forgets a removed tag that no profile has any more. */
export async function forgetTag(
  db: Queryable,
  { workspaceId, tagId }: Pick<RemovedTag, 'workspaceId' | 'tagId'>,
): Promise<void> {
  await deleteCounts(db, [tagId])
  await deleteRow(db, [workspaceId, tagId])
}

const addAll = prepared(
  'tag-count-add',
  `insert into tag_count as c (workspace_id, tag_id, profiles)
   select w, i, v from json_to_recordset($1::json) as r(w integer, i integer, v bigint)
   on conflict (workspace_id, tag_id) do update set profiles = c.profiles + excluded.profiles`,
)

/** How many more profiles of a workspace have a tag. */
export interface TagCountRow {
  workspaceId: number
  tagId: number
  profiles: number
}

/** Adds to the counts of tags; one row a tag. */
export async function addToTagCounts(db: Queryable, rows: readonly TagCountRow[]): Promise<void> {
  if (rows.length === 0) return
  const sorted = rows.toSorted((a, b) => a.workspaceId - b.workspaceId || a.tagId - b.tagId)
  await addAll(db, [asRows(sorted.map((row) => ({ w: row.workspaceId, i: row.tagId, v: row.profiles })))])
}
