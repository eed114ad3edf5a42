import type { Instant } from '../../lib/time.ts'
import type { Queryable } from '../../storage/db.ts'
import type { IdSource } from '../../storage/id-blocks.ts'
import type { MergeRow } from '../../storage/merges.ts'
import { findTagAssignments, findTags, findTagsById } from '../../storage/tags.ts'
import type { KnownTag, TagAssignmentRow, TagRow } from '../../storage/tags.ts'
import type { ProfileState } from '../identity/index.ts'
import type { PreparedCommand } from './prepared.ts'

/** The tags of a flush: what is stored, and what it decides. */
export interface TagView {
  /** Stored and new tags, by {@link tagKey}. */
  readonly byName: Map<string, number>
  /** Tags that commands name by their id, by {@link tagKey}; also those that were removed. */
  readonly byId: ReadonlyMap<string, KnownTag & { isRemoved: boolean }>
  /** When tags were put on stored profiles, by {@link assignmentKey}. */
  readonly assigned: Map<string, Instant>
  /** How many tags the commands name: at most so many are new. */
  readonly wanted: number
  readonly ids: IdSource
}

/** Reads the tags that the commands name, and those of the profiles that may get or lose them. */
export async function loadTags(
  db: Queryable,
  commands: readonly PreparedCommand[],
  profiles: ReadonlyMap<string, ProfileState>,
  ids: IdSource,
): Promise<TagView> {
  const wanted = new Map<string, { workspaceId: number; name: string }>()
  const named: { workspaceId: number; tagId: number }[] = []
  for (const { unit, command } of commands) {
    const workspaceId = unit.workspace.id
    for (const name of command.tags ?? []) wanted.set(tagKey(workspaceId, name), { workspaceId, name })
    if (command.tagChange) named.push({ workspaceId, tagId: command.tagChange.tagId })
  }
  if (wanted.size + named.length === 0)
    return { byName: new Map(), byId: new Map(), assigned: new Map(), wanted: 0, ids }
  const tags = wanted.size === 0 ? [] : await findTags(db, [...wanted.values()])
  const tagsById = named.length === 0 ? [] : await findTagsById(db, named)
  const stored = [...profiles.values()].filter(({ readVersion }) => readVersion > 0)
  const keys = stored.map(({ workspaceId, id: profileId }) => ({ workspaceId, profileId }))
  const assigned = keys.length === 0 ? [] : await findTagAssignments(db, keys)
  return {
    byName: new Map(tags.map(({ workspaceId, name, tagId }) => [tagKey(workspaceId, name), tagId])),
    byId: new Map(tagsById.map((tag) => [tagKey(tag.workspaceId, tag.tagId), tag])),
    assigned: new Map(assigned.map((row) => [assignmentKey(row), row.at])),
    wanted: wanted.size,
    ids,
  }
}

/**
 * The tags that leave the lists with profiles that this flush merges away: a survivor keeps its own, and those of a
 * merged profile stay with that one until the merge is taken back.
 */
export async function loadMergedTags(
  db: Queryable,
  merges: readonly MergeRow[],
): Promise<TagAssignmentRow[]> {
  const losers = merges.map(({ workspaceId, fromId: profileId }) => ({ workspaceId, profileId }))
  return losers.length === 0 ? [] : findTagAssignments(db, losers)
}

/** What a flush does to the counts of tags: how many more profiles have one, by tag id, of one workspace after another. */
export function countTags(
  { assignments, unassignments, merges }: TagOutput & { merges: readonly MergeRow[] },
  mergedTags: readonly TagAssignmentRow[],
): Map<number, Record<string, number>> {
  const counts = new Map<number, Record<string, number>>()
  const gone = new Set(merges.map(({ workspaceId, fromId }) => `${workspaceId}|${fromId}`))
  const lives = (row: Assignment): boolean => !gone.has(`${row.workspaceId}|${row.profileId}`)
  const add = ({ workspaceId, tagId }: Assignment, amount: number): void => {
    const own = counts.get(workspaceId) ?? {}
    own[tagId] = (own[tagId] ?? 0) + amount
    counts.set(workspaceId, own)
  }
  // What a merged profile got or lost in this flush never was in a count: all that it had before goes.
  for (const row of assignments) if (lives(row)) add(row, 1)
  for (const row of unassignments) if (lives(row)) add(row, -1)
  for (const row of mergedTags) add(row, -1)
  return counts
}

type Assignment = Omit<TagAssignmentRow, 'at'>

/** New tags and assignments of a flush, and stored assignments that go before those are written. */
export interface TagOutput {
  tags: TagRow[]
  assignments: TagAssignmentRow[]
  unassignments: Assignment[]
}

/** Key of a tag among all workspaces, by its name or, in maps of their own, by its id. */
export function tagKey(workspaceId: number, name: string | number): string {
  return `${workspaceId}|${name}`
}

/** Key of a tag on a profile. */
export function assignmentKey(row: Assignment): string {
  return `${row.workspaceId}|${row.profileId}|${row.tagId}`
}
