import { now } from '../../lib/time.ts'
import type { RawIdentifier } from '../../model/command.ts'
import type { Workspace } from '../../model/workspace.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { BatchCounts, DialectCounter } from '../../storage/batches.ts'
import type { Transaction } from '../../storage/db.ts'
import { deleteProfile, deleteRowsOf } from '../../storage/profile-deletion.ts'
import type { Deleted } from '../../storage/profile-deletion.ts'
import { whileStale } from '../idempotency/index.ts'
import type { RunOnce } from '../idempotency/index.ts'
import { holderOf } from './read.ts'
import { idOfTarget, seizeProfile } from './target.ts'
import type { HeldProfile, ProfileTarget } from './target.ts'

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
  await whileStale(run, async (tx) => {
    const held = await seizeProfile(tx, workspace.id, () => idOf(tx, workspace, target))
    await deleteInside(tx, workspace.id, held)
    return true
  })
}

/** Deletes a profile that the transaction has seized, and tells the followers what went. @returns how many rows, by table */
export async function deleteInside(
  tx: Transaction,
  workspaceId: number,
  { livingId, profileIds }: HeldProfile,
): Promise<Deleted['rows']> {
  const mergedIds = profileIds.filter((id) => id !== livingId)
  const deleted = await deleteProfile(tx, workspaceId, livingId, mergedIds)
  const tags = Object.fromEntries(deleted.tagIds.map((tagId) => [tagId, -1]))
  const reshaped = [...profileIds, ...deleted.leftIds]
  await tellFollowers(tx, workspaceId, deleted, { profiles: -1, tags, reshaped })
  return deleted.rows
}

/**
 * Deletes what came to be of profiles that are gone: a write that began before they went ends behind it, and nothing holds an
 * event to its profile.
 */
export async function deleteLeftovers(
  tx: Transaction,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<Deleted['rows']> {
  const deleted = await deleteRowsOf(tx, workspaceId, profileIds)
  const found = Object.values(deleted.rows).some((count) => count > 0)
  if (found) await tellFollowers(tx, workspaceId, deleted, { profiles: 0, tags: {}, reshaped: profileIds })
  return deleted.rows
}

async function tellFollowers(
  tx: Transaction,
  workspaceId: number,
  deleted: Pick<Deleted, 'events' | 'transactions' | 'members'>,
  rest: { profiles: number; tags: Record<string, number>; reshaped: readonly number[] },
): Promise<void> {
  const { members } = deleted
  const counts = { ...rest, byDialect: lessOf(deleted), namesByDialect: {}, members }
  await insertBatch(tx, [{ workspaceId, at: now(), profiles: [], counts, items: [] }])
}

function idOf(tx: Transaction, workspace: Workspace, target: DeletionTarget): Promise<number> {
  return 'identifier' in target
    ? holderOf(tx, workspace, target.identifier)
    : idOfTarget(tx, workspace.id, target)
}

/** Totals are of what is stored: what went is taken off them. */
function lessOf({
  events,
  transactions,
}: Pick<Deleted, 'events' | 'transactions'>): BatchCounts['byDialect'] {
  const byDialect: Record<string, Partial<Record<DialectCounter, number>>> = {}
  for (const { source, count } of events) byDialect[source] = { events: -count }
  for (const { source, count } of transactions)
    byDialect[source] = { ...byDialect[source], transactions: -count }
  return byDialect
}
