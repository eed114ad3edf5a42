import type { Work } from '../flush.ts'
import { profileOf } from '../flush.ts'
import { assignmentKey, tagKey } from '../tags.ts'

/** Puts tags on the profile; one that the workspace does not have yet is made. */
export function applyTags(work: Work): void {
  const { command, unit } = work.prepared
  const { id: profileId, workspaceId } = profileOf(work)
  for (const name of command.tags ?? []) {
    const tagId = tagIdOf(work, name)
    const row = { workspaceId, profileId, tagId, at: unit.receivedAt }
    const key = assignmentKey(row)
    if (work.flush.tags.assigned.has(key)) continue
    work.flush.tags.assigned.add(key)
    work.flush.out.assignments.push(row)
    work.diff[`tag.${name}`] = [null, true]
  }
}

function tagIdOf({ flush, prepared }: Work, name: string): number {
  const workspaceId = prepared.unit.workspace.id
  const key = tagKey(workspaceId, name)
  const known = flush.tags.byName.get(key)
  if (known !== undefined) return known
  const tagId = flush.tags.ids.take()
  flush.tags.byName.set(key, tagId)
  flush.out.tags.push({ workspaceId, tagId, name, createdAt: prepared.unit.receivedAt })
  return tagId
}
