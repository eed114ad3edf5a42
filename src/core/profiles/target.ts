import { CdpError } from '../../model/errors.ts'
import type { Queryable, Transaction } from '../../storage/db.ts'
import { findMerge, findMergesInto } from '../../storage/merges.ts'
import { findProfiles, holdProfile } from '../../storage/profiles.ts'

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
 * Keeps the meant profile from being deleted or merged away until the transaction ends, so that what is stored beside
 * it cannot end up with nobody.
 * @throws CDP_PROFILE_NOT_FOUND
 */
export async function holdTarget(
  tx: Transaction,
  workspaceId: number,
  { profileId, throughMerges = false }: ProfileTarget,
): Promise<HeldProfile> {
  let livingId: number | undefined = profileId
  while (livingId !== undefined && !(await holdProfile(tx, workspaceId, livingId)))
    livingId = throughMerges ? (await findMerge(tx, workspaceId, livingId))?.toId : undefined
  if (livingId === undefined) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return { livingId, profileIds: await withMergedIds(tx, workspaceId, livingId) }
}

/** Every profile id whose rows belong to the meant profile: its own first. @throws CDP_PROFILE_NOT_FOUND */
export async function idsOfTarget(
  db: Queryable,
  workspaceId: number,
  { profileId, throughMerges = false }: ProfileTarget,
): Promise<readonly number[]> {
  const livingId = throughMerges ? await resolveProfileId(db, workspaceId, profileId) : profileId
  const [row] = await findProfiles(db, [{ workspaceId, profileId: livingId }])
  if (!row) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return withMergedIds(db, workspaceId, livingId)
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

async function withMergedIds(db: Queryable, workspaceId: number, profileId: number): Promise<number[]> {
  const merges = await findMergesInto(db, workspaceId, profileId)
  return [profileId, ...merges.map(({ fromId }) => fromId)]
}
