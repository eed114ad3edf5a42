import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { insertBatch } from '../../storage/batches.ts'
import { guarded, isRetryable } from '../../storage/db.ts'
import type { Database, Queryable, Transaction } from '../../storage/db.ts'
import { findIdentifiers, findIdentifiersOfProfiles, saveIdentifiers } from '../../storage/identifiers.ts'
import { findMerge, findMergesInto, saveMergeUndo, saveMerges, undoMerge } from '../../storage/merges.ts'
import type { MergeRow } from '../../storage/merges.ts'
import { findProfiles, saveProfiles } from '../../storage/profiles.ts'
import type { ProfileChanges, ProfileRow } from '../../storage/profiles.ts'
import { deleteSearch, saveSearch } from '../../storage/profile-search.ts'
import { findTagAssignments } from '../../storage/tags.ts'
import { endProfileSessions } from '../../storage/sessions.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import type { RunOnce } from '../idempotency/index.ts'
import { IdentityIndex, fillAgain, mergeProfile, newProfile, unmergeProfile } from '../identity/index.ts'
import type { ProfileState } from '../identity/index.ts'
import { readProfiles } from './read.ts'
import type { Profile } from './read.ts'
import { searchRowOf } from './search-row.ts'

const TRIES_MAX = 20

/** Two profiles to become one. `by` names who asked for it. */
export interface MergeRequest {
  workspace: Workspace
  loserId: number
  winnerId: number
  by: string
  /** For the audit log; an act without one is not an administrative one. */
  actor?: Actor
}

/**
 * Merges `loserId` into `winnerId`; every identifier of the loser then leads to the winner. The winner's values
 * stay, only what it lacks is filled.
 * @throws CDP_PROFILE_NOT_FOUND one of them is no living profile; CDP_MERGE_SELF
 */
export async function mergeStoredProfiles(run: RunOnce, request: MergeRequest): Promise<void> {
  const { workspace, loserId, winnerId, by } = request
  if (loserId === winnerId) throw new CdpError('CDP_MERGE_SELF')
  await whileStale(run, async (tx) => {
    const { index, states } = await loadStates(tx, workspace.id, [loserId, winnerId])
    const [loser, winner] = states
    if (!loser || !winner) throw new CdpError('CDP_PROFILE_NOT_FOUND')
    const merge = mergeProfile(index, loser, winner, by, now())
    const deleted = [{ workspaceId: workspace.id, profileId: loser.id, readVersion: loser.readVersion }]
    const changes = { inserted: [], updated: [updateOf(winner)], deleted }
    return (
      (await saveIdentifiers(tx, index.changes())) &&
      (await saveProfiles(tx, changes)) &&
      (await saveMerges(tx, [merge])) &&
      (await relist(tx, workspace, [winner], [loser])) &&
      (await note(tx, request, 'profile.merge', loser.id)) &&
      (await recordBatch(tx, workspace.id, loser.id, -1))
    )
  })
}

/** What the survivor of a merge would be; nothing is stored. @throws as {@link mergeStoredProfiles} */
export async function previewMerge(db: Database, request: MergeRequest): Promise<Profile> {
  const { workspace, loserId, winnerId, by } = request
  if (loserId === winnerId) throw new CdpError('CDP_MERGE_SELF')
  return guarded(async () => {
    const { index, states } = await loadStates(db.general, workspace.id, [loserId, winnerId])
    const [profile] = await readProfiles(db.general, workspace.id, [winnerId])
    const [loser, winner] = states
    if (!loser || !winner || !profile) throw new CdpError('CDP_PROFILE_NOT_FOUND')
    mergeProfile(index, loser, winner, by, now())
    return { ...profile, attributes: winner.attributes, identifiers: winner.identifiers }
  })
}

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
  /** As in {@link MergeRequest}. */
  actor?: Actor
}

async function note(
  tx: Transaction,
  { workspace, actor, ...request }: Pick<MergeRequest, 'workspace' | 'actor'> & { winnerId?: number },
  action: string,
  profileId: number,
): Promise<boolean> {
  const detail = request.winnerId === undefined ? {} : { into: request.winnerId }
  if (actor) await record(tx, { actor, workspaceId: workspace.id, action, object: String(profileId), detail })
  return true
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
    (await recordBatch(tx, workspaceId, fromId, 1))
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

async function loadStates(
  tx: Queryable,
  workspaceId: number,
  ids: readonly number[],
): Promise<{ index: IdentityIndex; states: (ProfileState | undefined)[] }> {
  const keys = ids.map((profileId) => ({ workspaceId, profileId }))
  const rows = await findProfiles(tx, keys)
  const identifiers = await findIdentifiersOfProfiles(tx, keys)
  const index = new IdentityIndex()
  const states = ids.map((id) => {
    const row = rows.find(({ profileId }) => profileId === id)
    return (
      row && {
        ...newProfile(workspaceId, id, row.createdAt),
        attributes: row.attributes,
        readVersion: row.version,
      }
    )
  })
  for (const { kind, value, source, firstSeenAt, isPrimary, ...row } of identifiers) {
    const state = states.find((candidate) => candidate?.id === row.profileId)
    const held = { kind, value, source, firstSeenAt, isPrimary }
    state?.identifiers.push(held)
    if (state) index.read({ ...row, ...held }, state)
  }
  return { index, states }
}

function rowOf(state: ProfileState): ProfileRow {
  const { workspaceId, id: profileId, readVersion, attributes, createdAt } = state
  return { workspaceId, profileId, version: readVersion + 1, attributes, createdAt, updatedAt: now() }
}

function updateOf(state: ProfileState): ProfileChanges['updated'][number] {
  return { ...rowOf(state), readVersion: state.readVersion }
}

/** Lists of profiles follow in the same transaction. */
async function relist(
  tx: Transaction,
  { settings }: Workspace,
  living: readonly ProfileState[],
  gone: readonly ProfileState[],
): Promise<boolean> {
  await saveSearch(
    tx,
    living.map((state) => searchRowOf(rowOf(state), settings)),
  )
  await deleteSearch(
    tx,
    gone.map(({ workspaceId, id: profileId }) => ({ workspaceId, profileId })),
  )
  return true
}

/** The totals follow: the merged profile and its tags leave them with a merge and come back without it. */
async function recordBatch(
  tx: Transaction,
  workspaceId: number,
  profileId: number,
  amount: 1 | -1,
): Promise<boolean> {
  const assigned = await findTagAssignments(tx, [{ workspaceId, profileId }])
  const tags = Object.fromEntries(assigned.map(({ tagId }) => [tagId, amount]))
  const counts = { profiles: amount, byDialect: {}, names: {}, tags }
  await insertBatch(tx, [{ workspaceId, at: now(), profiles: [], counts, items: [] }])
  return true
}

/** Runs a transaction again while another writer changes what it had read, which `work` tells by `false`. */
async function whileStale<Outcome>(
  run: RunOnce,
  work: (tx: Transaction) => Promise<Outcome | false>,
): Promise<Outcome> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const done = await tryOnce(run, work)
    if (done) return done.outcome
  }
  throw new CdpError('CDP_OVERLOADED', { retryAfterSeconds: 1 })
}

async function tryOnce<Outcome>(
  run: RunOnce,
  work: (tx: Transaction) => Promise<Outcome | false>,
): Promise<{ outcome: Outcome } | undefined> {
  try {
    const outcome = await run(async (tx) => {
      const result = await work(tx)
      if (result === false) throw new Stale()
      return result
    })
    return { outcome }
  } catch (error) {
    if (error instanceof Stale || isRetryable(error)) return undefined
    throw error
  }
}

class Stale extends Error {}
