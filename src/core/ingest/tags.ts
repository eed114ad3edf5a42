import type { Queryable } from '../../storage/db.ts'
import type { IdSource } from '../../storage/id-blocks.ts'
import { findTagAssignments, findTags } from '../../storage/tags.ts'
import type { TagAssignmentRow, TagRow } from '../../storage/tags.ts'
import type { ProfileState } from '../identity/index.ts'
import type { PreparedCommand } from './prepared.ts'

/** The tags of a flush: what is stored, and what it decides. */
export interface TagView {
  /** Stored and new tags, by {@link tagKey}. */
  readonly byName: Map<string, number>
  /** Tags that stored profiles have, by {@link assignmentKey}. */
  readonly assigned: Set<string>
  /** How many tags the commands name: at most so many are new. */
  readonly wanted: number
  readonly ids: IdSource
}

/** Reads the tags that the commands name, and those of the profiles that may get them. */
export async function loadTags(
  db: Queryable,
  commands: readonly PreparedCommand[],
  profiles: ReadonlyMap<string, ProfileState>,
  ids: IdSource,
): Promise<TagView> {
  const wanted = new Map<string, { workspaceId: number; name: string }>()
  for (const { unit, command } of commands)
    for (const name of command.tags ?? [])
      wanted.set(tagKey(unit.workspace.id, name), { workspaceId: unit.workspace.id, name })
  if (wanted.size === 0) return { byName: new Map(), assigned: new Set(), wanted: 0, ids }
  const tags = await findTags(db, [...wanted.values()])
  const stored = [...profiles.values()].filter(({ readVersion }) => readVersion > 0)
  const keys = stored.map(({ workspaceId, id: profileId }) => ({ workspaceId, profileId }))
  const assigned = keys.length === 0 ? [] : await findTagAssignments(db, keys)
  return {
    byName: new Map(tags.map(({ workspaceId, name, tagId }) => [tagKey(workspaceId, name), tagId])),
    assigned: new Set(assigned.map(assignmentKey)),
    wanted: wanted.size,
    ids,
  }
}

/** New tags and assignments of a flush. */
export interface TagOutput {
  tags: TagRow[]
  assignments: TagAssignmentRow[]
}

/** Key of a tag among all workspaces. */
export function tagKey(workspaceId: number, name: string): string {
  return `${workspaceId}|${name}`
}

/** Key of a tag on a profile. */
export function assignmentKey(row: Omit<TagAssignmentRow, 'at'>): string {
  return `${row.workspaceId}|${row.profileId}|${row.tagId}`
}
