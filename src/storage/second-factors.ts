import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A seed of one-time codes, sealed. */
export interface TotpRow {
  seedSealed: Buffer
  /** Undefined until a first code was given. */
  confirmedAt: Instant | undefined
}

interface StoredTotp {
  seed_sealed: Buffer
  confirmed_at: Date | null
}

const find = prepared<StoredTotp>(
  'totp-find',
  'select seed_sealed, confirmed_at from user_totp where user_id = $1',
)

const upsert = prepared<{ user_id: number }>(
  'totp-save',
  `insert into user_totp as t (user_id, seed_sealed, created_at) values ($1, $2, $3)
   on conflict (user_id) do update set seed_sealed = excluded.seed_sealed, created_at = excluded.created_at, last_step = null
     where t.confirmed_at is null
   returning user_id`,
)

// One statement: of two requests with the same code only one finds an older step.
const useStep = prepared<{ user_id: number }>(
  'totp-use-step',
  `update user_totp set last_step = $2, confirmed_at = coalesce(confirmed_at, $3::timestamptz)
    where user_id = $1 and (last_step is null or last_step < $2) returning user_id`,
)

const deleteTotp = prepared('totp-delete', 'delete from user_totp where user_id = $1')

const deleteCodes = prepared('recovery-code-delete-all', 'delete from user_recovery_code where user_id = $1')

const insertCodes = prepared(
  'recovery-code-insert',
  'insert into user_recovery_code (user_id, code_hash) select $1, c from unnest($2::bytea[]) as t(c)',
)

const useCode = prepared<{ user_id: number }>(
  'recovery-code-use',
  'delete from user_recovery_code where user_id = $1 and code_hash = $2 returning user_id',
)

const deleteDevices = prepared('device-forget-all', 'delete from user_device where user_id = $1')

const saveDevice = prepared(
  'user-device-save',
  `insert into user_device (user_id, device_hash, remembered_until) values ($1, $2, $3)
   on conflict (user_id, device_hash) do update set remembered_until = excluded.remembered_until`,
)

const findDevice = prepared<{ user_id: number }>(
  'user-device-find',
  'select user_id from user_device where user_id = $1 and device_hash = $2 and remembered_until > $3',
)

// Index user_device_age.
const deleteOldDevices = prepared(
  'user-device-delete-old',
  'delete from user_device where remembered_until <= $1',
)

/** A user's seed. */
export async function findTotp(db: Queryable, userId: number): Promise<TotpRow | undefined> {
  const [row] = await find(db, [userId])
  return row && { seedSealed: row.seed_sealed, confirmedAt: row.confirmed_at?.getTime() }
}

/** Stores a seed in place of one that was never confirmed. @returns false when the user has a confirmed one */
export async function saveTotp(
  db: Queryable,
  userId: number,
  seedSealed: Buffer,
  at: Instant,
): Promise<boolean> {
  return (await upsert(db, [userId, seedSealed, toRfc3339(at)])).length === 1
}

/** Uses the code of a step up, and confirms the seed by it. @returns false when this step or a later one was used */
export async function useTotpStep(
  db: Queryable,
  userId: number,
  step: number,
  at: Instant,
): Promise<boolean> {
  return (await useStep(db, [userId, step, toRfc3339(at)])).length === 1
}

/** Puts hashes of recovery codes in place of all that a user has. */
export async function replaceRecoveryCodes(
  db: Queryable,
  userId: number,
  codeHashes: readonly Buffer[],
): Promise<void> {
  await deleteCodes(db, [userId])
  await insertCodes(db, [userId, codeHashes])
}

/** Uses a recovery code up. @returns false when there is none like it */
export async function useRecoveryCode(db: Queryable, userId: number, codeHash: Buffer): Promise<boolean> {
  return (await useCode(db, [userId, codeHash])).length === 1
}

/** Takes seed, recovery codes and remembered devices away. */
export async function deleteSecondFactor(db: Queryable, userId: number): Promise<void> {
  await deleteTotp(db, [userId])
  await deleteCodes(db, [userId])
  await deleteDevices(db, [userId])
}

/** Forgets all devices of a user. */
export async function forgetDevices(db: Queryable, userId: number): Promise<void> {
  await deleteDevices(db, [userId])
}

/** Remembers that a second factor was given on a device. */
export async function rememberDevice(
  db: Queryable,
  userId: number,
  deviceHash: Buffer,
  until: Instant,
): Promise<void> {
  await saveDevice(db, [userId, deviceHash, toRfc3339(until)])
}

/** Whether a second factor was given on the device, and is not too long ago. */
export async function isDeviceRemembered(
  db: Queryable,
  userId: number,
  deviceHash: Buffer,
  at: Instant,
): Promise<boolean> {
  return (await findDevice(db, [userId, deviceHash, toRfc3339(at)])).length === 1
}

/** Forgets devices, once their time is over. */
export async function deleteDevicesBefore(db: Queryable, at: Instant): Promise<void> {
  await deleteOldDevices(db, [toRfc3339(at)])
}
