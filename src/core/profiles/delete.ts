import { now } from '../../lib/time.ts'
import type { RawIdentifier } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { BatchCounts, DialectCounter } from '../../storage/batches.ts'
import type { Transaction } from '../../storage/db.ts'
import { findMergesInto } from '../../storage/merges.ts'
import { deleteProfile } from '../../storage/profile-deletion.ts'
import type { Deleted } from '../../storage/profile-deletion.ts'
import type { RunOnce } from '../idempotency/index.ts'
import { holderOf } from './read.ts'
import { resolveProfileId } from './target.ts'
import type { ProfileTarget } from './target.ts'

/** Which profile goes: by its id, also by one that was merged away where `throughMerges`; or by an identifier. */
export type DeletionTarget = ProfileTarget | { identifier: RawIdentifier }

/**
 * Deletes a living profile with everything that belongs to it. Ids of its events stay known, so that a late retry does
 * not bring one back. @throws CDP_PROFILE_NOT_FOUND the target is no living profile
 */
export async function deleteStoredProfile(
  run: RunOnce,
  workspace: Workspace,
  target: DeletionTarget,
): Promise<void> {
  await run(async (tx) => {
    const profileId = await targetOf(tx, workspace, target)
    const merges = await findMergesInto(tx, workspace.id, profileId)
    const mergedIds = merges.map(({ fromId }) => fromId)
    const deleted = await deleteProfile(tx, workspace.id, profileId, mergedIds)
    if (!deleted) throw new CdpError('CDP_PROFILE_NOT_FOUND')
    const tags = Object.fromEntries(deleted.tagIds.map((tagId) => [tagId, -1]))
    const { members, leftIds } = deleted
    const reshaped = [profileId, ...mergedIds, ...leftIds]
    const counts = { profiles: -1, byDialect: lessOf(deleted), namesByDialect: {}, tags, members, reshaped }
    await insertBatch(tx, [{ workspaceId: workspace.id, at: now(), profiles: [], counts, items: [] }])
    return true
  })
}

async function targetOf(tx: Transaction, workspace: Workspace, target: DeletionTarget): Promise<number> {
  if ('identifier' in target) return holderOf(tx, workspace, target.identifier)
  const { profileId, throughMerges = false } = target
  return throughMerges ? resolveProfileId(tx, workspace.id, profileId) : profileId
}

/** Totals are of what is stored: what went is taken off them. */
function lessOf({ events, transactions }: Deleted): BatchCounts['byDialect'] {
  const byDialect: Record<string, Partial<Record<DialectCounter, number>>> = {}
  for (const { source, count } of events) byDialect[source] = { events: -count }
  for (const { source, count } of transactions)
    byDialect[source] = { ...byDialect[source], transactions: -count }
  return byDialect
}
