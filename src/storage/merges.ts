import type { Json } from '../lib/json.ts'
import type { HeldIdentifier } from '../model/identity.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { joinActivity, splitActivity } from './activity.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** What is needed to take a merge back. */
export interface MergeUndo {
  /** The loser as it was. */
  attributes: Record<string, Json>
  identifiers: HeldIdentifier[]
  createdAt: Instant
  version: number
  /** What the survivor got from it, by attribute. */
  filled: Record<string, Json>
}

/** One merge. `toId` is the living profile that `fromId` leads to; `intoId` the one it was merged into. */
export interface MergeRow {
  workspaceId: number
  fromId: number
  toId: number
  intoId: number
  at: Instant
  by: string
  undo: MergeUndo
}

interface StoredRow {
  workspace_id: number
  from_id: number
  to_id: number
  into_id: number
  at: Date
  by: string
  undo: MergeUndo
}

const COLUMNS = 'workspace_id, from_id, to_id, into_id, at, by, undo'

const findByFrom = prepared<StoredRow>(
  'profile-merge-find',
  `select ${COLUMNS} from profile_merge where workspace_id = $1 and from_id = $2`,
)

// Index profile_merge_to.
const findByTo = prepared<StoredRow>(
  'profile-merge-find-to',
  `select ${COLUMNS} from profile_merge where workspace_id = $1 and to_id = $2`,
)

const compress = prepared<{ from_id: number }>(
  'profile-merge-compress',
  `update profile_merge m set to_id = r.t
     from json_to_recordset($1::json) as r(w integer, f bigint, t bigint)
    where m.workspace_id = r.w and m.to_id = r.f
   returning m.from_id`,
)

const insertNew = prepared<{ from_id: number }>(
  'profile-merge-insert',
  `insert into profile_merge (${COLUMNS})
   select w, f, t, i, a, b, u
     from json_to_recordset($1::json)
       as r(w integer, f bigint, t bigint, i bigint, a timestamptz, b text, u jsonb)
   on conflict do nothing
   returning from_id`,
)

const redirect = prepared<{ from_id: number }>(
  'profile-merge-redirect',
  `update profile_merge set to_id = $3 where workspace_id = $1 and from_id = any($2::bigint[]) returning from_id`,
)

const saveUndo = prepared(
  'profile-merge-save-undo',
  `update profile_merge m set undo = r.u from json_to_recordset($1::json) as r(w integer, f bigint, u jsonb)
    where m.workspace_id = r.w and m.from_id = r.f`,
)

const deleteOne = prepared<{ from_id: number }>(
  'profile-merge-delete',
  'delete from profile_merge where workspace_id = $1 and from_id = $2 and to_id = $3 returning from_id',
)

/** A merge as a list shows it. */
export type ListedMerge = Pick<MergeRow, 'fromId' | 'at' | 'by'>

/** A part of the merges into a living profile, newest first; `after` is exclusive. */
export interface MergeQuery {
  workspaceId: number
  profileId: number
  after: Pick<MergeRow, 'at' | 'fromId'> | undefined
  limit: number
}

// Index profile_merge_to: a profile has few merges, so they are sorted as they are read.
const listByTo = prepared<Pick<StoredRow, 'from_id' | 'at' | 'by'>>(
  'profile-merge-list',
  `select from_id, at, by from profile_merge
    where workspace_id = $1 and to_id = $2 and ($3::timestamptz is null or (at, from_id) < ($3, $4))
    order by at desc, from_id desc limit $5`,
)

/** Those who were merged into a living profile, also by way of others. */
export async function findMerges(
  db: Queryable,
  { workspaceId, profileId, after, limit }: MergeQuery,
): Promise<ListedMerge[]> {
  const place = after ? [toRfc3339(after.at), after.fromId] : [null, null]
  const rows = await listByTo(db, [workspaceId, profileId, ...place, limit])
  return rows.map((row) => ({ fromId: row.from_id, at: row.at.getTime(), by: row.by }))
}

/** The merge that took this profile away, if any. */
export async function findMerge(
  db: Queryable,
  workspaceId: number,
  fromId: number,
): Promise<MergeRow | undefined> {
  const [row] = await findByFrom(db, [workspaceId, fromId])
  return row && fromStored(row)
}

// Primary key (workspace_id, from_id).
const findTargets = prepared<{ workspace_id: number; from_id: number; to_id: number }>(
  'profile-merge-targets',
  `select m.workspace_id, m.from_id, m.to_id from json_to_recordset($1::json) as k(w integer, p bigint)
     join profile_merge m on m.workspace_id = k.w and m.from_id = k.p`,
)

/** For each of these profiles that was merged away: the living profile that it leads to. */
export async function findSurvivors(
  db: Queryable,
  profiles: readonly { workspaceId: number; profileId: number }[],
): Promise<Pick<MergeRow, 'workspaceId' | 'fromId' | 'toId'>[]> {
  const rows = await findTargets(db, [
    asRows(profiles.map((key) => ({ w: key.workspaceId, p: key.profileId }))),
  ])
  return rows.map((row) => ({ workspaceId: row.workspace_id, fromId: row.from_id, toId: row.to_id }))
}

/** Every merge that leads to this living profile, in no order. */
export async function findMergesInto(db: Queryable, workspaceId: number, toId: number): Promise<MergeRow[]> {
  return (await findByTo(db, [workspaceId, toId])).map(fromStored)
}

/**
 * Records merges in the order they happened; what led to a loser leads to its survivor from now on.
 * @returns false when one of the losers was merged by someone else meanwhile
 */
export async function saveMerges(db: Queryable, merges: readonly MergeRow[]): Promise<boolean> {
  if (merges.length === 0) return true
  for (const round of rounds(merges)) {
    await compress(db, [asRows(round.map((m) => ({ w: m.workspaceId, f: m.fromId, t: m.toId })))])
    const inserted = await insertNew(db, [asRows(round.map(columns))])
    if (inserted.length !== round.length) return false
    await joinActivity(db, round)
  }
  return true
}

/** Cuts the list where a survivor of an earlier merge is the loser of a later one: nearly always one round. */
function rounds(merges: readonly MergeRow[]): MergeRow[][] {
  const result: MergeRow[][] = [[]]
  let survivors = new Set<string>()
  for (const merge of merges) {
    if (survivors.has(`${merge.workspaceId}:${merge.fromId}`)) {
      result.push([])
      survivors = new Set()
    }
    survivors.add(`${merge.workspaceId}:${merge.toId}`)
    result.at(-1)?.push(merge)
  }
  return result
}

/** Writes the records of merges anew. */
export async function saveMergeUndo(db: Queryable, merges: readonly MergeRow[]): Promise<void> {
  if (merges.length === 0) return
  await saveUndo(db, [asRows(merges.map(({ workspaceId: w, fromId: f, undo: u }) => ({ w, f, u })))])
}

/** Takes a merge back: its row goes, and the older merges behind it lead to `fromId` again. */
export async function undoMerge(db: Queryable, merge: MergeRow, behind: readonly number[]): Promise<boolean> {
  await redirect(db, [merge.workspaceId, behind, merge.fromId])
  if ((await deleteOne(db, [merge.workspaceId, merge.fromId, merge.toId])).length !== 1) return false
  await splitActivity(db, merge.workspaceId, [merge.fromId, merge.toId])
  return true
}

function columns(row: MergeRow): object {
  return {
    w: row.workspaceId,
    f: row.fromId,
    t: row.toId,
    i: row.intoId,
    a: toRfc3339(row.at),
    b: row.by,
    u: row.undo,
  }
}

function fromStored(row: StoredRow): MergeRow {
  return {
    workspaceId: row.workspace_id,
    fromId: row.from_id,
    toId: row.to_id,
    intoId: row.into_id,
    at: row.at.getTime(),
    by: row.by,
    undo: row.undo,
  }
}
