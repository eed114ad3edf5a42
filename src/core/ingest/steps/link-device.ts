import { holdsKind, sameIdentifier } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { DeviceRow } from '../../../storage/devices.ts'
import { deviceKey } from '../devices.ts'
import type { Flush, Work } from '../flush.ts'
import { loadedProfileOf, profileKey, reject } from '../flush.ts'
import { recordDiff } from './record-change.ts'

/**
 * Links a device to the profile. One that another profile has moves here, and nothing else of that one does: two people who
 * share a device stay two.
 * @assumed that it moves: no vendor says what happens to a device that another profile has
 */
export function linkDevice(work: Work): void {
  const { command, unit } = work.prepared
  if (!command.device) return
  const profile = loadedProfileOf(work)
  const { workspaceId } = profile
  const key = deviceKey({ workspaceId, deviceId: command.device.deviceId })
  const before = work.flush.devices.byId.get(key)
  const owner = before && ownerOf(work.flush, before)
  // A device that came with a merged profile stays that one's, and goes back with it.
  const kept = before && owner === profile ? before : { profileId: profile.id, linkedAt: unit.receivedAt }
  takeIdentifier(work, profile, owner)
  const row = {
    ...command.device,
    workspaceId,
    profileId: kept.profileId,
    linkedAt: kept.linkedAt,
    updatedAt: unit.receivedAt,
  }
  work.flush.devices.byId.set(key, row)
  work.flush.out.devices.set(key, row)
  // Written under its version also where only the device changes, so that it is not merged away or deleted meanwhile.
  profile.changed = true
  recordMove(work, { before, owner, profile, after: row })
}

/** The living profile that shows a device; undefined when that is gone. */
export function ownerOf(
  { profiles, survivors }: Pick<Flush, 'profiles' | 'survivors'>,
  row: DeviceRow,
): ProfileState | undefined {
  const key = profileKey(row.workspaceId, row.profileId)
  let state = profiles.get(profileKey(row.workspaceId, survivors.get(key) ?? row.profileId))
  while (state?.mergedInto) state = state.mergedInto
  return state
}

/**
 * The id of the device is an identifier of the profile that it is linked to. It moves with the link that gave it; where
 * another profile has it for another reason it stays there, as every identifier does.
 */
function takeIdentifier(work: Work, profile: ProfileState, owner: ProfileState | undefined): void {
  const { device: identifier, unit, command } = work.prepared
  const { index } = work.flush
  if (!identifier) return
  const holder = index.holder(profile.workspaceId, identifier)
  const held = holder?.identifiers.find((other) => sameIdentifier(other, identifier))
  if (!holder) index.bind(profile, identifier, unit.dialect, unit.receivedAt)
  else if (holder === profile) return
  else if (holder === owner && held && !mustStay(work, holder))
    index.move(holder, profile, held, !holdsKind(profile, identifier.kind))
  else reject(work, 'identifier_held', `${command.pointer}/deviceId`)
}

function mustStay({ prepared }: Work, holder: ProfileState): boolean {
  const isKnown = holdsKind(holder, 'userId') || holdsKind(holder, 'email')
  return prepared.command.deviceIdentifier === 'leave' && isKnown
}

/** Both profiles say so in their change logs: the one that has the device now, and the one that had it. */
function recordMove(
  work: Work,
  move: {
    before: DeviceRow | undefined
    owner: ProfileState | undefined
    profile: ProfileState
    after: DeviceRow
  },
): void {
  const { before, owner, profile, after } = move
  const name = `device.${after.deviceId}`
  const had = before && owner === profile ? before.type : null
  if (had !== after.type) work.diff[name] = [had, after.type]
  if (before && owner && owner !== profile) recordDiff(work, owner, { [name]: [before.type, null] })
}
