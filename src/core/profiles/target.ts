import { CdpError } from '../../model/errors.ts'
import type { Queryable, Transaction } from '../../storage/db.ts'
import { lockIdentifiersOf } from '../../storage/identifiers.ts'
import { findMerge, findMergesInto } from '../../storage/merges.ts'
import { findProfiles, holdProfile, lockProfile } from '../../storage/profiles.ts'

/** Which profile is meant: the living one with this id or, where `throughMerges`, the one that it was merged into. */
export interface ProfileTarget {
  profileId: number
  throughMerges?: boolean
}

/** A profile that a transaction holds. */
export interface HeldProfile {
  /** Its id. */
  livingId: number
  /** Every id whose rows belong to it: its own first. */
  profileIds: readonly number[]
}

/**
 * Looks for something at the living profile that `resolve` gives. A merge may commit between the two looks, and the second one finds
 * nothing: then both are repeated, until the same profile has nothing twice.
 * @throws CDP_PROFILE_NOT_FOUND
 */
export async function atLiving<Found>(
  resolve: () => Promise<number>,
  look: (livingId: number) => Promise<Found | undefined>,
): Promise<Found> {
  let emptyId: number | undefined
  for (;;) {
    const livingId = await resolve()
    const found = livingId === emptyId ? undefined : await look(livingId)
    if (found !== undefined) return found
    if (livingId === emptyId) throw new CdpError('CDP_PROFILE_NOT_FOUND')
    emptyId = livingId
  }
}

/**
 * Keeps the meant profile from being deleted or merged away until the transaction ends, so that what is stored beside
 * it cannot end up with nobody.
 * @throws CDP_PROFILE_NOT_FOUND
 */
export function holdTarget(
  tx: Transaction,
  workspaceId: number,
  target: ProfileTarget,
): Promise<HeldProfile> {
  return atLiving(
    () => idOfTarget(tx, workspaceId, target),
    async (livingId) =>
      (await holdProfile(tx, workspaceId, livingId)) ? heldOf(tx, workspaceId, livingId) : undefined,
  )
}

/**
 * Takes a profile for its deletion: nobody else writes to it until the transaction ends. Its identifiers are locked before its row,
 * as every flush and every merge does, or they and the deletion would wait for each other.
 * @param resolve gives the living profile that is meant by now
 * @throws CDP_PROFILE_NOT_FOUND
 */
export function seizeProfile(
  tx: Transaction,
  workspaceId: number,
  resolve: () => Promise<number>,
): Promise<HeldProfile> {
  return atLiving(resolve, async (livingId) => {
    await lockIdentifiersOf(tx, workspaceId, livingId)
    return (await lockProfile(tx, workspaceId, livingId)) ? heldOf(tx, workspaceId, livingId) : undefined
  })
}

/** Every profile id whose rows belong to the meant profile: its own first. @throws CDP_PROFILE_NOT_FOUND */
export async function idsOfTarget(
  db: Queryable,
  workspaceId: number,
  target: ProfileTarget,
): Promise<readonly number[]> {
  const { profileIds } = await atLiving(
    () => idOfTarget(db, workspaceId, target),
    async (profileId) => {
      const [row] = await findProfiles(db, [{ workspaceId, profileId }])
      return row && heldOf(db, workspaceId, profileId)
    },
  )
  return profileIds
}

/** The id of the profile that is meant, as long as nobody merges it away. */
export async function idOfTarget(
  db: Queryable,
  workspaceId: number,
  { profileId, throughMerges = false }: ProfileTarget,
): Promise<number> {
  return throughMerges ? resolveProfileId(db, workspaceId, profileId) : profileId
}

/** The id of the living profile behind an id: the same, or where its merges lead. */
export async function resolveProfileId(
  db: Queryable,
  workspaceId: number,
  profileId: number,
): Promise<number> {
  const merge = await findMerge(db, workspaceId, profileId)
  return merge?.toId ?? profileId
}

async function heldOf(db: Queryable, workspaceId: number, livingId: number): Promise<HeldProfile> {
  const merges = await findMergesInto(db, workspaceId, livingId)
  return { livingId, profileIds: [livingId, ...merges.map(({ fromId }) => fromId)] }
}
