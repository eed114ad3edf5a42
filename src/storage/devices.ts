import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { Device } from '../model/device.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A device on a profile; `profileId` is the one that it was linked to. */
export interface DeviceRow extends Device {
  workspaceId: number
  profileId: number
  linkedAt: Instant
  updatedAt: Instant
}

interface StoredDevice {
  workspace_id: number
  profile_id: number
  device_id: string
  registration_id: string
  type: Device['type']
  bluetooth_address: string | null
  mac_address: string | null
  manufacturer: string | null
  model: string | null
  os_version: string | null
  product: string | null
  screen_height: number | null
  screen_width: number | null
  public_key: string | null
  linked_at: Date
  updated_at: Date
}

const COLUMNS = `workspace_id, profile_id, device_id, registration_id, type, bluetooth_address, mac_address, manufacturer,
          model, os_version, product, screen_height, screen_width, public_key, linked_at, updated_at`

/** A device, whoever has it. */
export interface DeviceKey {
  workspaceId: number
  deviceId: string
}

// In key order, so that two transactions that need the same locks wait for one another in the same order.
const lockAll = prepared(
  'device-lock',
  `select pg_advisory_xact_lock(hashtextextended(k.w || '|' || k.d, 7414200008)) from (
     select w, d from json_to_recordset($1::json) as r(w integer, d text) order by w, d) k`,
)

/** Makes whoever links one of these devices next wait until this transaction has ended: no two profiles get one. */
export async function lockDevices(db: Queryable, keys: readonly DeviceKey[]): Promise<void> {
  await lockAll(db, [keyRows(keys)])
}

// Index device_id.
const findById = prepared<StoredDevice>(
  'device-find',
  `select d.* from json_to_recordset($1::json) as k(w integer, d text)
     join device d on d.workspace_id = k.w and d.device_id = k.d`,
)

/** Those devices, on whatever profile they are. */
export async function findDevices(db: Queryable, keys: readonly DeviceKey[]): Promise<DeviceRow[]> {
  return (await findById(db, [keyRows(keys)])).map(fromStored)
}

function keyRows(keys: readonly DeviceKey[]): string {
  return asRows(keys.map(({ workspaceId: w, deviceId: d }) => ({ w, d })))
}

// Primary key (workspace_id, profile_id, device_id).
const deleteAll = prepared(
  'device-delete',
  `delete from device d using json_to_recordset($1::json) as r(w integer, p bigint, d text)
    where d.workspace_id = r.w and d.profile_id = r.p and d.device_id = r.d`,
)

/** Takes devices off profiles. */
export async function deleteDevices(
  db: Queryable,
  rows: readonly Pick<DeviceRow, 'workspaceId' | 'profileId' | 'deviceId'>[],
): Promise<void> {
  if (rows.length === 0) return
  const keys = rows.map(({ workspaceId: w, profileId: p, deviceId: d }) => ({ w, p, d }))
  await deleteAll(db, [asRows(keys)])
}

const upsertAll = prepared(
  'device-upsert',
  `insert into device (${COLUMNS}, origin_profile_id)
   select w, p, d, r, t, b, m, f, o, v, q, h, s, k, l, u, p from json_to_recordset($1::json)
     as x(w integer, p bigint, d text, r text, t text, b text, m text, f text, o text, v text, q text, h integer,
          s integer, k text, l timestamptz, u timestamptz)
   on conflict (workspace_id, profile_id, device_id) do update set
     registration_id = excluded.registration_id, type = excluded.type,
     bluetooth_address = excluded.bluetooth_address, mac_address = excluded.mac_address,
     manufacturer = excluded.manufacturer, model = excluded.model, os_version = excluded.os_version,
     product = excluded.product, screen_height = excluded.screen_height, screen_width = excluded.screen_width,
     public_key = excluded.public_key, updated_at = excluded.updated_at`,
)

/** Puts devices on profiles, or writes anew what is known of one that is there. */
export async function saveDevices(db: Queryable, rows: readonly DeviceRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) => ({
    w: row.workspaceId,
    p: row.profileId,
    d: row.deviceId,
    r: row.registrationId,
    t: row.type,
    b: row.bluetoothAddress,
    m: row.macAddress,
    f: row.manufacturer,
    o: row.model,
    v: row.osVersion,
    q: row.product,
    h: row.screenHeight,
    s: row.screenWidth,
    k: row.publicKey,
    l: toRfc3339(row.linkedAt),
    u: toRfc3339(row.updatedAt),
  }))
  await upsertAll(db, [asRows(values)])
}

/** Which devices of one person, those that were linked last first. */
export interface DeviceQuery {
  workspaceId: number
  profileIds: readonly number[]
  after: { at: Instant; deviceId: string } | undefined
  limit: number
}

// Primary key, by its first two columns: a person has few devices, and they are sorted as read.
const findMany = prepared<StoredDevice>(
  'device-list',
  `select ${COLUMNS} from device
    where workspace_id = $1 and profile_id = any($2::bigint[])
      and ($3::timestamptz is null or (linked_at, device_id) < ($3::timestamptz, $4::text collate "C"))
    order by linked_at desc, device_id desc
    limit $5`,
)

/** Devices of one person. */
export async function listDevices(db: Queryable, query: DeviceQuery): Promise<DeviceRow[]> {
  const { workspaceId, profileIds, after, limit } = query
  const place = [after === undefined ? null : toRfc3339(after.at), after?.deviceId ?? '']
  return (await findMany(db, [workspaceId, profileIds, ...place, limit])).map(fromStored)
}

function fromStored(row: StoredDevice): DeviceRow {
  return {
    workspaceId: row.workspace_id,
    profileId: row.profile_id,
    deviceId: row.device_id,
    registrationId: row.registration_id,
    type: row.type,
    bluetoothAddress: row.bluetooth_address ?? undefined,
    macAddress: row.mac_address ?? undefined,
    manufacturer: row.manufacturer ?? undefined,
    model: row.model ?? undefined,
    osVersion: row.os_version ?? undefined,
    product: row.product ?? undefined,
    screenHeight: row.screen_height ?? undefined,
    screenWidth: row.screen_width ?? undefined,
    publicKey: row.public_key ?? undefined,
    linkedAt: row.linked_at.getTime(),
    updatedAt: row.updated_at.getTime(),
  }
}
