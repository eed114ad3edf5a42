import { holdsKind } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Work } from '../flush.ts'
import { refuse, reject } from '../flush.ts'
import { resolveExclusive } from './resolve-exclusive.ts'
import { addressedProfile, createProfile } from './target-profile.ts'

/**
 * Finds the profile that the command is about, or creates one, and gives it the identifiers that nobody holds yet.
 * Ends the command when its preconditions do not hold.
 */
export function resolveIdentity(work: Work): void {
  const { command } = work.prepared
  if (command.identityRule === 'exclusive') resolveExclusive(work)
  else resolveAdopting(work)
  const { profile, result } = work
  if (!profile || result || command.ifVersion === undefined) return
  // Its row gets one new version a flush, whatever number of commands change it.
  const version = profile.readVersion + (profile.changed ? 1 : 0)
  if (version !== command.ifVersion) refuse(work, 'CDP_PRECONDITION_FAILED', command.pointer)
}

/** The first known identifier decides. An identifier that another profile holds stays there. */
function resolveAdopting(work: Work): void {
  const { unit, resolvers, command } = work.prepared
  const { index } = work.flush
  const known = resolvers.map((identifier) => index.holder(unit.workspace.id, identifier))
  const profile =
    addressedProfile(work) ??
    known.find((holder, position) => holder && mayBe(work, holder, position)) ??
    createProfile(work)
  if (!profile) return
  work.profile = profile
  for (const [position, identifier] of resolvers.entries()) {
    const holder = known[position]
    if (holder === undefined) index.bind(profile, identifier, unit.dialect, unit.receivedAt)
    else if (holder === profile) continue
    else if (command.onHeld === 'refuse') return refuse(work, 'CDP_IDENTIFIER_HELD', command.pointer)
    else reject(work, 'identifier_held', command.pointer)
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
