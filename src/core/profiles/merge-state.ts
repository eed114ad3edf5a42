import { now } from '../../lib/time.ts'
import type { Workspace } from '../../model/workspace.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { Queryable, Transaction } from '../../storage/db.ts'
import { findIdentifiersOfProfiles } from '../../storage/identifiers.ts'
import { findProfiles } from '../../storage/profiles.ts'
import type { ProfileChanges, ProfileRow } from '../../storage/profiles.ts'
import { deleteSearch, saveSearch } from '../../storage/profile-search.ts'
import { findTagAssignments } from '../../storage/tags.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { IdentityIndex, newProfile } from '../identity/index.ts'
import type { ProfileState } from '../identity/index.ts'
import { searchRowOf } from './search-row.ts'

/** Who changes which profiles. */
export interface MergeAct {
  workspace: Workspace
  winnerId?: number
  /** For the audit log; an act without one is not an administrative one. */
  actor?: Actor
}

/** Writes an administrative act down. */
export async function note(
  tx: Transaction,
  { workspace, actor, winnerId }: MergeAct,
  action: string,
  object: string | number,
): Promise<boolean> {
  const detail = winnerId === undefined ? {} : { into: winnerId }
  if (actor) await record(tx, { actor, workspaceId: workspace.id, action, object, detail })
  return true
}

/** Reads profiles with all their identifiers; undefined for an id that is no living profile. */
export async function loadStates(
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

/** A profile's row, with its next version. */
export function rowOf(state: ProfileState): ProfileRow {
  const { workspaceId, id: profileId, readVersion, attributes, createdAt } = state
  return { workspaceId, profileId, version: readVersion + 1, attributes, createdAt, updatedAt: now() }
}

/** The row of a stored profile that changed. */
export function updateOf(state: ProfileState): ProfileChanges['updated'][number] {
  return { ...rowOf(state), readVersion: state.readVersion }
}

/** Lists of profiles follow in the same transaction. */
export async function relist(
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

/**
 * How many more living profiles have each tag, once profiles with tags of their own went or came back: a survivor keeps
 * its own tags, and those of a merged profile stay with that one.
 */
export async function tagCountsOf(
  tx: Transaction,
  workspaceId: number,
  profileIds: readonly number[],
  amount: 1 | -1,
): Promise<Record<string, number>> {
  const assigned = await findTagAssignments(
    tx,
    profileIds.map((profileId) => ({ workspaceId, profileId })),
  )
  const counts: Record<string, number> = {}
  for (const { tagId } of assigned) counts[tagId] = (counts[tagId] ?? 0) + amount
  return counts
}

/**
 * The flush that followers see, of an act by which profiles and their tags went or came back.
 * @param survivorId the profile that they went into, or came out of
 */
export async function recordBatch(
  tx: Transaction,
  workspaceId: number,
  { profileIds, survivorId, amount }: { profileIds: readonly number[]; survivorId: number; amount: 1 | -1 },
): Promise<boolean> {
  const tags = await tagCountsOf(tx, workspaceId, profileIds, amount)
  const reshaped = [...profileIds, survivorId]
  const counts = { profiles: amount * profileIds.length, byDialect: {}, namesByDialect: {}, tags, reshaped }
  await insertBatch(tx, [{ workspaceId, at: now(), profiles: [], counts, items: [] }])
  return true
}
