import type { Json } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Consent } from '../../model/attributes.ts'
import type { RawIdentifier } from '../../model/command.ts'
import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import { identifierKey } from '../../model/identity.ts'
import type { HeldIdentifier } from '../../model/identity.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database, Queryable } from '../../storage/db.ts'
import { findIdentifiers } from '../../storage/identifiers.ts'
import { findSurvivors } from '../../storage/merges.ts'
import { findWholeProfiles } from '../../storage/profile-reads.ts'
import type { WholeProfile } from '../../storage/profile-reads.ts'
import { normalizeIdentifier } from '../identity/index.ts'
import { idsOfTarget, resolveProfileId } from './target.ts'

/** A person as reads show it. */
export interface Profile {
  id: number
  version: number
  identifiers: readonly HeldIdentifier[]
  attributes: Record<string, Json>
  consents: readonly Consent[]
  /** Names of its tags, in alphabetical order. */
  tags: readonly string[]
  createdAt: Instant
  updatedAt: Instant
  /** When the newest event happened; exact. */
  lastActivityAt: Instant | undefined
  /** Set when the profile was asked for by the id of one that was merged into it. */
  mergedFrom: number | undefined
}

/** The profile with this id, or the one it was merged into. @throws CDP_PROFILE_NOT_FOUND */
export async function getProfile(db: Database, workspace: Workspace, profileId: number): Promise<Profile> {
  return guarded(async () => {
    const livingId = await resolveProfileId(db.general, workspace.id, profileId)
    return readProfile(db.general, workspace.id, livingId, livingId === profileId ? undefined : profileId)
  })
}

/**
 * The profile that an identifier, in any spelling, leads to.
 * @throws CDP_PROFILE_NOT_FOUND nobody holds it, or it can be nobody's
 */
export async function lookupProfile(
  db: Database,
  workspace: Workspace,
  raw: RawIdentifier,
): Promise<Profile> {
  return guarded(async () => {
    const profileId = await holderOf(db.general, workspace, raw)
    return readProfile(db.general, workspace.id, profileId, undefined)
  })
}

/** The id of the profile that holds an identifier, in any spelling. @throws CDP_PROFILE_NOT_FOUND */
export async function holderOf(db: Queryable, workspace: Workspace, raw: RawIdentifier): Promise<number> {
  const [profileId] = await holdersOf(db, workspace, [raw])
  if (profileId === undefined) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return profileId
}

/** The ids of the living profiles that hold identifiers, each at the place of its own. @throws CDP_PROFILE_NOT_FOUND for any */
export async function holdersOf(
  db: Queryable,
  { id: workspaceId, settings }: Workspace,
  raws: readonly RawIdentifier[],
): Promise<number[]> {
  const keys = raws.map((raw) => {
    const normalized = normalizeIdentifier(raw, settings)
    if (normalized.outcome !== 'usable') throw new CdpError('CDP_PROFILE_NOT_FOUND')
    return { workspaceId, ...normalized.identifier }
  })
  const rows = await findIdentifiers(db, keys)
  const holders = new Map(rows.map((row) => [identifierKey(row), row.profileId]))
  return keys.map((key) => {
    const holder = holders.get(identifierKey(key))
    if (holder === undefined) throw new CdpError('CDP_PROFILE_NOT_FOUND')
    return holder
  })
}

/** Every profile id whose rows belong to the profile behind an id: its own first. @throws CDP_PROFILE_NOT_FOUND */
export async function profileIdsOf(
  db: Database,
  workspace: Workspace,
  profileId: number,
): Promise<readonly number[]> {
  return guarded(() => idsOfTarget(db.general, workspace.id, { profileId, throughMerges: true }))
}

async function readProfile(
  db: Queryable,
  workspaceId: number,
  profileId: number,
  mergedFrom: number | undefined,
): Promise<Profile> {
  const [profile] = await readProfiles(db, workspaceId, [profileId])
  if (!profile) throw new CdpError('CDP_PROFILE_NOT_FOUND')
  return { ...profile, mergedFrom }
}

/** Living profiles, in the order of their ids as given; one that is gone by now is left out. */
export async function readProfiles(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<Profile[]> {
  if (profileIds.length === 0) return []
  const found = await findWholeProfiles(db, workspaceId, profileIds)
  const byId = new Map(found.map((whole) => [whole.profileId, whole]))
  return profileIds.flatMap((id) => {
    const whole = byId.get(id)
    return whole ? [profileOf(whole)] : []
  })
}

/**
 * The living profiles behind these ids, by the id that was asked for: a profile that was merged away is the one that it was
 * merged into; one that is gone has no entry.
 */
export async function livingProfiles(
  db: Database,
  workspace: Workspace,
  profileIds: readonly number[],
): Promise<ReadonlyMap<number, Profile>> {
  const ids = [...new Set(profileIds)]
  if (ids.length === 0) return new Map()
  return guarded(async () => {
    const rows = await findSurvivors(
      db.general,
      ids.map((profileId) => ({ workspaceId: workspace.id, profileId })),
    )
    const survivors = new Map(rows.map(({ fromId, toId }) => [fromId, toId]))
    const living = [...new Set(ids.map((id) => survivors.get(id) ?? id))]
    const profiles = new Map(
      (await readProfiles(db.general, workspace.id, living)).map((one) => [one.id, one]),
    )
    return new Map(
      ids.flatMap((id) => {
        const profile = profiles.get(survivors.get(id) ?? id)
        return profile ? [[id, profile] as const] : []
      }),
    )
  })
}

function profileOf({ profileId, consents, identifiers, ...whole }: WholeProfile): Profile {
  const inOrder = (a: HeldIdentifier, b: HeldIdentifier): number =>
    a.firstSeenAt - b.firstSeenAt || IDENTIFIER_KINDS[a.kind].code - IDENTIFIER_KINDS[b.kind].code
  return {
    ...whole,
    id: profileId,
    identifiers: identifiers.toSorted(inOrder),
    consents: standingConsents(consents, profileId),
    mergedFrom: undefined,
  }
}

/** One answer a channel: the survivor's own, else the newest of those that were merged in. */
function standingConsents(rows: WholeProfile['consents'], ownId: number): Consent[] {
  const standing = new Map<string, WholeProfile['consents'][number]>()
  for (const row of rows) {
    const other = standing.get(row.channel)
    const isOwn = row.profileId === ownId
    if (!other || isOwn || (other.profileId !== ownId && row.at > other.at)) standing.set(row.channel, row)
  }
  return [...standing.values()].map(({ channel, state, at, source }) => ({ channel, state, at, source }))
}
