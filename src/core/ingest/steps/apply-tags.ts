import type { Instant } from '../../../lib/time.ts'
import type { TagChange } from '../../../model/command.ts'
import { TAG_COLOR_DEFAULT } from '../../../storage/tags.ts'
import type { Work } from '../flush.ts'
import { profileOf, refuse } from '../flush.ts'
import { assignmentKey, tagKey } from '../tags.ts'

/** Puts tags on the profile, of which those are made that the workspace does not have yet, or changes the one named by id. */
export function applyTags(work: Work): void {
  const { command } = work.prepared
  for (const name of command.tags ?? []) assign(work, tagIdOf(work, name), name)
  if (command.tagChange) changeTag(work, command.tagChange)
}

function changeTag(work: Work, { tagId, change }: TagChange): void {
  const tag = work.flush.tags.byId.get(tagKey(work.prepared.unit.workspace.id, tagId))
  if (!tag || (tag.isRemoved && change !== 'clear'))
    return refuse(work, 'CDP_TAG_NOT_FOUND', work.prepared.command.pointer)
  if (change === 'assign') work.assignedAt = assign(work, tagId, tag.name)
  else unassign(work, tagId, tag.name)
}

/** @returns since when the profile has the tag */
function assign(work: Work, tagId: number, name: string): Instant {
  const { id: profileId, workspaceId } = profileOf(work)
  const { tags, out } = work.flush
  const row = { workspaceId, profileId, tagId, at: work.prepared.unit.receivedAt }
  const key = assignmentKey(row)
  const since = tags.assigned.get(key)
  if (since !== undefined) return since
  tags.assigned.set(key, row.at)
  out.assignments.push(row)
  work.diff[`tag.${name}`] = [null, true]
  return row.at
}

function unassign(work: Work, tagId: number, name: string): void {
  const { id: profileId, workspaceId } = profileOf(work)
  const { tags, out } = work.flush
  const row = { workspaceId, profileId, tagId }
  const key = assignmentKey(row)
  if (!tags.assigned.delete(key)) return
  const fresh = out.assignments.findIndex((other) => assignmentKey(other) === key)
  if (fresh === -1) out.unassignments.push(row)
  else out.assignments.splice(fresh, 1)
  work.diff[`tag.${name}`] = [true, null]
}

function tagIdOf({ flush, prepared }: Work, name: string): number {
  const workspaceId = prepared.unit.workspace.id
  const key = tagKey(workspaceId, name)
  const known = flush.tags.byName.get(key)
  if (known !== undefined) return known
  const tagId = flush.tags.ids.take()
  flush.tags.byName.set(key, tagId)
  const createdAt = prepared.unit.receivedAt
  flush.out.tags.push({ workspaceId, tagId, name, color: TAG_COLOR_DEFAULT, createdAt })
  return tagId
}
