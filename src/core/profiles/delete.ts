import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { BatchCounts, DialectCounter } from '../../storage/batches.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findMergesInto } from '../../storage/merges.ts'
import { deleteProfile } from '../../storage/profile-deletion.ts'
import type { Deleted } from '../../storage/profile-deletion.ts'

/**
 * Deletes a living profile with everything that belongs to it. Ids of its events stay known, so that a late retry does
 * not bring one back. @throws CDP_PROFILE_NOT_FOUND it is no living profile
 */
export async function deleteStoredProfile(
  db: Database,
  workspace: Workspace,
  profileId: number,
): Promise<void> {
  await guarded(() =>
    inTransaction(db.background, async (tx) => {
      const merges = await findMergesInto(tx, workspace.id, profileId)
      const mergedIds = merges.map(({ fromId }) => fromId)
      const deleted = await deleteProfile(tx, workspace.id, profileId, mergedIds)
      if (!deleted) throw new CdpError('CDP_PROFILE_NOT_FOUND')
      const counts = { profiles: -1, byDialect: lessOf(deleted), names: {} }
      await insertBatch(tx, [{ workspaceId: workspace.id, at: now(), profiles: [], counts, items: [] }])
    }),
  )
}

/** Totals are of what is stored: what went is taken off them. */
function lessOf({ events, transactions }: Deleted): BatchCounts['byDialect'] {
  const byDialect: Record<string, Partial<Record<DialectCounter, number>>> = {}
  for (const { source, count } of events) byDialect[source] = { events: -count }
  for (const { source, count } of transactions)
    byDialect[source] = { ...byDialect[source], transactions: -count }
  return byDialect
}
