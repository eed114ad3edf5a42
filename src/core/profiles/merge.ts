import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { STANDARD_ATTRIBUTES } from '../../model/attributes.ts'
import { insertBatch } from '../../storage/batches.ts'
import { insertEvents } from '../../storage/events.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { saveIdentifiers } from '../../storage/identifiers.ts'
import { saveMerges } from '../../storage/merges.ts'
import type { MergeRow } from '../../storage/merges.ts'
import { saveProfiles } from '../../storage/profiles.ts'
import type { Actor } from '../audit/index.ts'
import { whileStale } from '../idempotency/index.ts'
import type { RunOnce } from '../idempotency/index.ts'
import { mergeProfile } from '../identity/index.ts'
import type { IdentityIndex, ProfileState } from '../identity/index.ts'
import { readProfiles } from './read.ts'
import type { Profile } from './read.ts'
import { loadStates, note, recordBatch, relist, tagCountsOf, updateOf } from './merge-state.ts'

/** Profiles to become one. */
export interface MergeRequest {
  workspace: Workspace
  loserIds: readonly number[]
  winnerId: number
  /** Names who asked for it. */
  by: string
  /** What the winner takes over where it lacks it: all attributes (default), or those that are not standard ones. */
  fill?: 'all' | 'custom'
  /** An event for the winner's timeline; its properties name the losers. */
  event?: { name: string; source: string }
  /** For the audit log; an act without one is not an administrative one. */
  actor?: Actor
}

/**
 * Merges every loser into the winner, or none; every identifier of theirs then leads to the winner. The winner's values
 * stay, only what it lacks is filled. Rows of events and the like stay where they are: it takes no longer for a long history.
 * @throws CDP_PROFILE_NOT_FOUND one of them is no living profile; CDP_MERGE_SELF
 */
export async function mergeStoredProfiles(run: RunOnce, request: MergeRequest): Promise<void> {
  const { workspace, winnerId } = request
  const loserIds = distinctLosers(request)
  await whileStale(run, async (tx) => {
    const { index, states } = await loadStates(tx, workspace.id, [winnerId, ...loserIds])
    const { winner, losers } = participants(states)
    const merges = mergeAll(index, winner, losers, request)
    const deleted = losers.map(({ id: profileId, readVersion }) => ({
      workspaceId: workspace.id,
      profileId,
      readVersion,
    }))
    const changes = { inserted: [], updated: [updateOf(winner)], deleted }
    return (
      (await saveIdentifiers(tx, index.changes())) &&
      (await saveProfiles(tx, changes)) &&
      (await saveMerges(tx, merges)) &&
      (await relist(tx, workspace, [winner], losers)) &&
      (await note(tx, request, 'profile.merge', loserIds.join())) &&
      (await tell(tx, request, loserIds))
    )
  })
}

function distinctLosers({ loserIds, winnerId }: Pick<MergeRequest, 'loserIds' | 'winnerId'>): number[] {
  if (loserIds.includes(winnerId) || loserIds.length === 0) throw new CdpError('CDP_MERGE_SELF')
  return [...new Set(loserIds)]
}

/** @throws CDP_PROFILE_NOT_FOUND */
function participants(states: readonly (ProfileState | undefined)[]): {
  winner: ProfileState
  losers: ProfileState[]
} {
  const living = states.filter((state) => state !== undefined)
  const [winner, ...losers] = living
  if (!winner || living.length < states.length) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return { winner, losers }
}

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

function mergeAll(
  index: IdentityIndex,
  winner: ProfileState,
  losers: readonly ProfileState[],
  { by, fill }: Pick<MergeRequest, 'by' | 'fill'>,
): MergeRow[] {
  const fills = fill === 'custom' ? (name: string) => !STANDARD_NAMES.has(name) : undefined
  return losers.map((loser) => mergeProfile(index, loser, winner, { by, at: now(), fills }))
}

/** The winner's event, and the flush that counters and followers see. */
async function tell(
  tx: Transaction,
  { workspace: { id: workspaceId }, winnerId, event }: MergeRequest,
  loserIds: readonly number[],
): Promise<boolean> {
  const at = now()
  if (!event) return recordBatch(tx, workspaceId, { profileIds: loserIds, survivorId: winnerId, amount: -1 })
  const place = { workspaceId, profileId: winnerId, eventId: newUuid(), occurredAt: at, receivedAt: at }
  const properties = { mergedIds: [...loserIds] }
  await insertEvents(tx, [{ ...place, ...event, sentAt: undefined, originalTime: undefined, properties }])
  const counts = {
    profiles: -loserIds.length,
    byDialect: { [event.source]: { events: 1 } },
    namesByDialect: { [event.source]: { [event.name]: 1 } },
    tags: await tagCountsOf(tx, workspaceId, loserIds, -1),
    reshaped: [winnerId, ...loserIds],
  }
  const profiles = [{ profileId: winnerId, lastOccurredAt: at }]
  await insertBatch(tx, [{ workspaceId, at, profiles, counts, items: [] }])
  return true
}

/** What the survivor of a merge would be; nothing is stored. @throws as {@link mergeStoredProfiles} */
export async function previewMerge(db: Database, request: MergeRequest): Promise<Profile> {
  const { workspace, winnerId } = request
  const loserIds = distinctLosers(request)
  return guarded(async () => {
    const { index, states } = await loadStates(db.general, workspace.id, [winnerId, ...loserIds])
    const [profile] = await readProfiles(db.general, workspace.id, [winnerId])
    const { winner, losers } = participants(states)
    if (!profile) throw new CdpError('CDP_PROFILE_NOT_FOUND')
    mergeAll(index, winner, losers, request)
    return { ...profile, attributes: winner.attributes, identifiers: winner.identifiers }
  })
}
