import { holdsKind, newProfile } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Work } from '../flush.ts'
import { profileKey, reject } from '../flush.ts'

/**
 * Finds the profile that the first known identifier leads to, or creates one, and gives it the identifiers that
 * nobody holds yet. An identifier that another profile holds stays there.
 */
export function resolveIdentity(work: Work): void {
  const { unit, resolvers, command } = work.prepared
  const { index } = work.flush
  const known = resolvers.map((identifier) => index.holder(unit.workspace.id, identifier))
  const profile = known.find((holder, position) => holder && mayBe(work, holder, position)) ?? create(work)
  work.profile = profile
  for (const [position, identifier] of resolvers.entries()) {
    const holder = known[position]
    if (holder === undefined) index.bind(profile, identifier, unit.dialect, unit.receivedAt)
    else if (holder !== profile) reject(work, 'identifier_held', command.pointer)
  }
}

/**
 * A write that names a userId is never about somebody with another one: a weaker identifier that such a profile
 * holds (a shared device) does not lead there.
 */
function mayBe(work: Work, holder: ProfileState, position: number): boolean {
  const { resolvers } = work.prepared
  const namesUser = resolvers.some(({ kind }) => kind === 'userId')
  return !namesUser || resolvers[position]?.kind === 'userId' || !holdsKind(holder, 'userId')
}

function create(work: Work): ProfileState {
  const { unit } = work.prepared
  const profile = newProfile(unit.workspace.id, work.flush.profileIds.take(), unit.receivedAt)
  work.flush.profiles.set(profileKey(profile.workspaceId, profile.id), profile)
  return profile
}
