import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import type { Transaction } from '../../storage/db.ts'
import { findIdentifiers, saveIdentifiers } from '../../storage/identifiers.ts'
import { findMerge, findMergesInto, saveMergeUndo, undoMerge } from '../../storage/merges.ts'
import type { MergeRow } from '../../storage/merges.ts'
import { saveProfiles } from '../../storage/profiles.ts'
import type { ProfileRow } from '../../storage/profiles.ts'
import { endProfileSessions } from '../../storage/sessions.ts'
import type { Actor } from '../audit/index.ts'
import { whileStale } from '../idempotency/index.ts'
import type { RunOnce } from '../idempotency/index.ts'
import { fillAgain, newProfile, unmergeProfile } from '../identity/index.ts'
import type { IdentityIndex, ProfileState } from '../identity/index.ts'
import { loadStates, note, recordBatch, relist, rowOf, updateOf } from './merge-state.ts'

/**
 * Takes the merge of `profileId` back: it is a profile of its own again, with its identifiers, its values as they
 * were and the rows of its origin. What was written since stays with the survivor.
 * @returns the id of the profile that it had been merged into
 * @throws CDP_MERGE_NOT_FOUND it is not merged; CDP_MERGE_NOT_LATEST its survivor was merged further since
 */
export async function unmergeStoredProfile(run: RunOnce, request: UnmergeRequest): Promise<number> {
  const { workspace, profileId } = request
  return whileStale(run, async (tx) => {
    const merge = await findMerge(tx, workspace.id, profileId)
    if (!merge) throw new CdpError('CDP_MERGE_NOT_FOUND')
    if (merge.toId !== merge.intoId) throw new CdpError('CDP_MERGE_NOT_LATEST')
    await note(tx, request, 'profile.unmerge', profileId)
    return (await undoInto(tx, workspace, merge)) && merge.toId
  })
}

/** A merge to be taken back. */
export interface UnmergeRequest {
  workspace: Workspace
  profileId: number
  /** For the audit log; an act without one is not an administrative one. */
  actor?: Actor
}

async function undoInto(tx: Transaction, workspace: Workspace, merge: MergeRow): Promise<boolean> {
  const { workspaceId, fromId, toId, undo } = merge
  const { index, states } = await loadStates(tx, workspaceId, [toId])
  const [winner] = states
  if (!winner) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'a merge leads to no profile' })
  await readForeignHolders(tx, index, merge, winner)
  const loser = newProfile(workspaceId, fromId, undo.createdAt)
  const before = Object.keys(winner.attributes)
  unmergeProfile(index, merge, winner, loser)
  const others = await findMergesInto(tx, workspaceId, toId)
  const lost = before.filter((name) => !Object.hasOwn(winner.attributes, name))
  await saveMergeUndo(tx, fillAgain(winner, lost, directInto(toId, others, fromId)))
  const inserted: ProfileRow[] = [{ ...rowOf(loser), version: undo.version + 1 }]
  const behind = idsBehind(fromId, others)
  return (
    (await saveIdentifiers(tx, index.changes())) &&
    (await saveProfiles(tx, { inserted, updated: [updateOf(winner)], deleted: [] })) &&
    (await undoMerge(tx, merge, behind)) &&
    (await relist(tx, workspace, [winner, loser], [])) &&
    (await endSessionsOf(tx, workspaceId, toId)) &&
    (await recordBatch(tx, workspaceId, { profileIds: [fromId], survivorId: toId, amount: 1 }))
  )
}

/** Whoever logged in as one of the two meanwhile is on the survivor: nobody knows any more which of them it is. */
async function endSessionsOf(tx: Transaction, workspaceId: number, profileId: number): Promise<boolean> {
  await endProfileSessions(tx, { workspaceId, profileIds: [profileId] }, now())
  return true
}

/** Identifiers of the loser that someone else took since are in the index, so that they are not given back. */
async function readForeignHolders(
  tx: Transaction,
  index: IdentityIndex,
  merge: MergeRow,
  winner: ProfileState,
): Promise<void> {
  const keys = merge.undo.identifiers.map(({ kind, value }) => ({
    workspaceId: merge.workspaceId,
    kind,
    value,
  }))
  for (const row of await findIdentifiers(tx, keys)) {
    if (row.profileId !== winner.id) index.read(row, newProfile(row.workspaceId, row.profileId, 0))
  }
}

/** The other merges into the survivor itself, in the order they happened. */
function directInto(winnerId: number, merges: readonly MergeRow[], except: number): MergeRow[] {
  return merges
    .filter(({ intoId, fromId }) => intoId === winnerId && fromId !== except)
    .toSorted((a, b) => a.at - b.at || a.fromId - b.fromId)
}

/** The profiles that had been merged into `fromId`, directly or on the way, before it was merged itself. */
function idsBehind(fromId: number, merges: readonly MergeRow[]): number[] {
  const direct = merges.filter(({ intoId }) => intoId === fromId).map((merge) => merge.fromId)
  return direct.flatMap((id) => [id, ...idsBehind(id, merges)])
}
