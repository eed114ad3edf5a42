import type { Queryable } from '../../storage/db.ts'
import { findDevices, lockDevices } from '../../storage/devices.ts'
import type { DeviceKey, DeviceRow } from '../../storage/devices.ts'
import type { PreparedCommand } from './prepared.ts'

/** The devices that the commands of a flush link. */
export interface DeviceView {
  /** Where each is, as stored and as decided since, by {@link deviceKey}. */
  readonly byId: Map<string, DeviceRow>
  /** The rows as stored. */
  readonly stored: readonly DeviceRow[]
}

/**
 * Reads the devices that commands link, each under a lock until the transaction ends: which profile has a device is in
 * no unique key, so two writers must not decide about one at the same time.
 */
export async function loadDevices(db: Queryable, commands: readonly PreparedCommand[]): Promise<DeviceView> {
  const keys = new Map<string, DeviceKey>()
  for (const { unit, command } of commands) {
    if (!command.device) continue
    const key = { workspaceId: unit.workspace.id, deviceId: command.device.deviceId }
    keys.set(deviceKey(key), key)
  }
  if (keys.size === 0) return { byId: new Map(), stored: [] }
  await lockDevices(db, [...keys.values()])
  const stored = await findDevices(db, [...keys.values()])
  return { byId: new Map(stored.map((row) => [deviceKey(row), row])), stored }
}

/** The stored rows that must go, because their device is on another profile now. */
export function leftRows(view: DeviceView, linked: ReadonlyMap<string, DeviceRow>): DeviceRow[] {
  return view.stored.filter((row) => {
    const now = linked.get(deviceKey(row))
    return now !== undefined && now.profileId !== row.profileId
  })
}

/** Key of a device among all workspaces. */
export function deviceKey({ workspaceId, deviceId }: DeviceKey): string {
  return `${workspaceId}|${deviceId}`
}
