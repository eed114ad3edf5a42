import { newProfile } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Work } from '../flush.ts'
import { ignore, profileKey, refuse } from '../flush.ts'

/** The living profile with the id that the command names. */
export function addressedProfile(work: Work): ProfileState | undefined {
  const { command, unit } = work.prepared
  if (command.profileId === undefined) return undefined
  const state = work.flush.profiles.get(profileKey(unit.workspace.id, command.profileId))
  return state?.loaded && !state.mergedInto ? state : undefined
}

/** A new profile; none, and the command ends, when it is only for those that exist or names no identifier. */
export function createProfile(work: Work): ProfileState | undefined {
  const { unit, resolvers, command, onCreate } = work.prepared
  if (command.target === 'existing' || resolvers.length === 0) {
    if (command.onUnknown === 'ignore') ignore(work, 'profile_unknown')
    else refuse(work, 'CDP_PROFILE_NOT_FOUND', command.pointer)
    return undefined
  }
  const { profiles, profileIds, index } = work.flush
  const profile = newProfile(unit.workspace.id, profileIds.take(), unit.receivedAt)
  profiles.set(profileKey(profile.workspaceId, profile.id), profile)
  work.isNew = true
  for (const identifier of onCreate) {
    if (!index.holder(unit.workspace.id, identifier))
      index.bind(profile, identifier, unit.dialect, unit.receivedAt)
  }
  return profile
}
