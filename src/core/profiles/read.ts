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
import { atLiving, idsOfTarget, resolveProfileId } from './target.ts'

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
  const resolve = (): Promise<number> => resolveProfileId(db.general, workspace.id, profileId)
  const profile = await guarded(() => atLiving(resolve, (id) => readProfile(db.general, workspace.id, id)))
  return { ...profile, mergedFrom: profile.id === profileId ? undefined : profileId }
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
  const resolve = (): Promise<number> => holderOf(db.general, workspace, raw)
  return guarded(() => atLiving(resolve, (id) => readProfile(db.general, workspace.id, id)))
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
): Promise<Profile | undefined> {
  return (await readProfiles(db, workspaceId, [profileId]))[0]
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
  const found = new Map<number, Profile>()
  let asked = [...new Set(profileIds)]
  let tried: ReadonlyMap<number, number> = new Map()
  // One that has nobody at the id that was tried is gone; at another id, it was merged away between the two looks.
  while (asked.length > 0) {
    const living = await guarded(() => livingIdsOf(db.general, workspace.id, asked))
    asked = asked.filter((id) => living.get(id) !== tried.get(id))
    const ids = [...new Set(asked.map((id) => living.get(id) ?? id))]
    const profiles = await guarded(() => readProfiles(db.general, workspace.id, ids))
    const byId = new Map(profiles.map((profile) => [profile.id, profile]))
    for (const id of asked) {
      const profile = byId.get(living.get(id) ?? id)
      if (profile) found.set(id, profile)
    }
    asked = asked.filter((id) => !found.has(id))
    tried = living
  }
  return found
}

/** The id of the living profile behind each id. */
async function livingIdsOf(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const merged = await findSurvivors(
    db,
    profileIds.map((profileId) => ({ workspaceId, profileId })),
  )
  return new Map([
    ...profileIds.map((id): [number, number] => [id, id]),
    ...merged.map(({ fromId, toId }): [number, number] => [fromId, toId]),
  ])
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
