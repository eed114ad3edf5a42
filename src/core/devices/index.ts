/** Devices: those of a person. They are linked on the write path, see `device` of a command. */
import { decodeCursor } from '../../lib/cursor.ts'
import { isStorableText } from '../../lib/text.ts'
import { cutPage, foreignCursor, isStoredInstant } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { listDevices } from '../../storage/devices.ts'
import type { DeviceQuery, DeviceRow } from '../../storage/devices.ts'

export type { DeviceRow } from '../../storage/devices.ts'

/** Which devices: those of one person, by its own profile id and the ids merged into it. */
export interface DeviceList {
  workspaceId: number
  profileIds: readonly number[]
  cursor: string | undefined
  limit: number
}

/** Reads of devices. */
export interface Devices {
  /** Devices of one person, those that were linked last first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
  list(query: DeviceList): Promise<Page<DeviceRow>>
}

/** Opens devices over a database. */
export function openDevices(db: Database): Devices {
  return {
    list: ({ cursor, limit, ...query }) =>
      guarded(async () => {
        const rows = await listDevices(db.general, { ...query, after: placeOf(cursor), limit: limit + 1 })
        return cutPage(rows, limit, ({ linkedAt, deviceId }) => [linkedAt, deviceId])
      }),
  }
}

function placeOf(cursor: string | undefined): DeviceQuery['after'] {
  if (cursor === undefined) return undefined
  const [at, deviceId] = decodeCursor(cursor) ?? []
  if (isStoredInstant(at) && typeof deviceId === 'string' && isStorableText(deviceId)) return { at, deviceId }
  throw foreignCursor()
}
