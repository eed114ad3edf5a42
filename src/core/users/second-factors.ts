import { randomInt } from 'node:crypto'
import { toDataURL } from 'qrcode'
import { sha256Of } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database, Queryable } from '../../storage/db.ts'
import {
  deleteSecondFactor,
  findTotp,
  isDeviceRemembered,
  rememberDevice,
  replaceRecoveryCodes,
  saveTotp,
  useRecoveryCode,
  useTotpStep,
} from '../../storage/second-factors.ts'
import { setSessionConfirmed } from '../../storage/sessions.ts'
import { FREE_FAILURES_OF_ADDRESS, addressSubject, requireConfirmed, seal, unseal } from '../access/index.ts'
import type { AttemptKey, Attempts, UserLogin } from '../access/index.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { holdLiving } from './living.ts'
import { addressOfSeed, newSeed, stepOfCode, writeSeed } from './totp.ts'

/** What an authenticator app needs, in three forms; shown once. */
export interface Enrolment {
  /** Base32, for typing. */
  secret: string
  /** `otpauth:` address. */
  url: string
  /** The address as a QR code, a PNG in a `data:` address. */
  qrCode: string
}

/** A code that somebody gives. */
export interface CodeAttempt {
  /** Six digits of the app, or a recovery code. */
  code: string
  address: string
  /** A device that need not be asked again for eight hours. */
  deviceId?: string | undefined
}

/** One-time codes of an app, recovery codes, and devices that are remembered. */
export interface SecondFactors {
  /** Begins an enrolment; nothing is asked for until it is confirmed. @throws CDP_MFA_ENROLLED CDP_MFA_REQUIRED */
  enrol(login: UserLogin): Promise<Enrolment>
  /**
   * Ends an enrolment by a first code, which confirms this login, too.
   * @returns ten recovery codes, shown only now
   * @throws CDP_MFA_CODE_WRONG CDP_MFA_ENROLLED CDP_ATTEMPTS_BLOCKED
   */
  confirmEnrolment(login: UserLogin, attempt: CodeAttempt, actor: Actor): Promise<string[]>
  /**
   * Confirms a login.
   * @throws CDP_MFA_CODE_WRONG also without an enrolment; CDP_ATTEMPTS_BLOCKED; CDP_TOKEN_INVALID the login ended meanwhile
   */
  verify(login: UserLogin, attempt: CodeAttempt): Promise<UserLogin>
  /** Ten recovery codes in place of all others. @throws CDP_MFA_CODE_WRONG CDP_ATTEMPTS_BLOCKED */
  renewRecoveryCodes(login: UserLogin, attempt: CodeAttempt, actor: Actor): Promise<string[]>
  /**
   * Takes the second factor away, with recovery codes and remembered devices; a workspace that asks for one then opens only
   * after another enrolment. @throws CDP_MFA_CODE_WRONG CDP_ATTEMPTS_BLOCKED
   */
  remove(login: UserLogin, attempt: CodeAttempt, actor: Actor): Promise<void>
}

/** @source reference Synerise, Verify User multi-factor authentication: not asked again on the device for 8 h */
const DEVICE_REMEMBERED_MS = 8 * 3_600_000

/** Opens second factors. */
export function openSecondFactors(db: Database, attempts: Attempts, secretKey: Buffer): SecondFactors {
  const check = async (login: UserLogin, { code, address }: CodeAttempt, state: State): Promise<void> => {
    const { userId } = login.operator
    const account = secondFactorAttempts(userId)
    const subject = addressSubject(address)
    const from = { purpose: 'user-mfa-address', subject, free: FREE_FAILURES_OF_ADDRESS }
    await attempts.take(account, from)
    if (!(await guarded(() => useCode(db.general, { userId, code, state, secretKey }))))
      throw new CdpError('CDP_MFA_CODE_WRONG')
    await attempts.clear(account)
    await attempts.giveBack(from)
  }
  return {
    enrol: (login) => enrol(db, secretKey, login),
    confirmEnrolment: async (login, attempt, actor) => {
      if (login.operator.hasTotp) throw new CdpError('CDP_MFA_ENROLLED')
      await check(login, attempt, 'pending')
      await confirm(db, login, attempt.deviceId)
      return giveCodes(db, login, actor, 'user.enrol-mfa')
    },
    verify: async (login, attempt) => {
      await check(login, attempt, 'confirmed')
      return confirm(db, login, attempt.deviceId)
    },
    renewRecoveryCodes: async (login, attempt, actor) => {
      requireConfirmed(login)
      await check(login, attempt, 'confirmed')
      return giveCodes(db, login, actor, 'user.renew-recovery-codes')
    },
    remove: async (login, attempt, actor) => {
      requireConfirmed(login)
      await check(login, attempt, 'confirmed')
      const { userId, email } = login.operator
      await guarded(() =>
        inTransaction(db.general, async (tx) => {
          await deleteSecondFactor(tx, userId)
          await record(tx, { actor, action: 'user.remove-mfa', object: email })
        }),
      )
    },
  }
}

async function enrol(db: Database, secretKey: Buffer, login: UserLogin): Promise<Enrolment> {
  requireConfirmed(login)
  const { userId, email } = login.operator
  const seed = newSeed()
  const sealed = seal(seed, contextOf(userId), secretKey)
  if (!(await guarded(() => saveTotp(db.general, userId, sealed, now()))))
    throw new CdpError('CDP_MFA_ENROLLED')
  const url = addressOfSeed(seed, email)
  return { secret: writeSeed(seed), url, qrCode: await toDataURL(url) }
}

async function confirm(db: Database, login: UserLogin, deviceId: string | undefined): Promise<UserLogin> {
  const confirmedAt = now()
  const { session, operator } = login
  const { userId } = operator
  await guarded(() =>
    inTransaction(db.general, async (tx) => {
      // Who ended the login meanwhile has also made the devices be forgotten: none may come back after that.
      await holdLiving(tx, login)
      await setSessionConfirmed(tx, session.sessionId, confirmedAt)
      if (deviceId === undefined) return
      const hash = deviceHash(userId, deviceId)
      await rememberDevice(tx, userId, hash, confirmedAt + DEVICE_REMEMBERED_MS)
    }),
  )
  return { session: { ...session, confirmedAt }, operator: { ...operator, hasTotp: true } }
}

async function giveCodes(
  db: Database,
  { operator: { userId, email } }: UserLogin,
  actor: Actor,
  action: string,
): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode)
  const hashes = codes.map((code) => recoveryHash(userId, code))
  await guarded(() =>
    inTransaction(db.general, async (tx) => {
      await replaceRecoveryCodes(tx, userId, hashes)
      await record(tx, { actor, action, object: email })
    }),
  )
  return codes
}

/** Whether a seed was confirmed: an enrolment takes codes of one that was not, all else of one that was. */
type State = 'pending' | 'confirmed'

interface CodeUse {
  userId: number
  code: string
  state: State
  secretKey: Buffer
}

async function useCode(db: Queryable, { userId, code, state, secretKey }: CodeUse): Promise<boolean> {
  const totp = await findTotp(db, userId)
  const isMeant = totp && (totp.confirmedAt !== undefined) === (state === 'confirmed')
  if (!isMeant) return false
  const typed = code.replaceAll(/[\s-]/g, '')
  if (!/^\d{6}$/.test(typed))
    return state === 'confirmed' && useRecoveryCode(db, userId, recoveryHash(userId, typed))
  const step = stepOfCode(unseal(totp.seedSealed, contextOf(userId), secretKey), typed)
  return step !== undefined && useTotpStep(db, userId, step, now())
}

function contextOf(userId: number): string {
  return `totp|${userId}`
}

/** Enough for years of lost telephones, and few enough to be written down. */
const RECOVERY_CODES = 10

// Without characters that look like others; twelve of them are 59 bits, too many to be found from a plain hash in the
// time that a code waits.
const RECOVERY_ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
const RECOVERY_GROUPS = 3
const RECOVERY_GROUP_LENGTH = 4

function newRecoveryCode(): string {
  const letter = (): string => RECOVERY_ALPHABET.charAt(randomInt(RECOVERY_ALPHABET.length))
  const group = (): string => Array.from({ length: RECOVERY_GROUP_LENGTH }, letter).join('')
  return Array.from({ length: RECOVERY_GROUPS }, group).join('-')
}

function recoveryHash(userId: number, code: string): Buffer {
  return sha256Of('recovery-code', String(userId), code.replaceAll('-', '').toUpperCase())
}

/** Where guesses of a user's second factor count: its codes, and the names of devices that need none. */
export function secondFactorAttempts(userId: number): AttemptKey {
  return { purpose: 'user-mfa', subject: String(userId) }
}

/** Whether the second factor was given on a device in the last eight hours. */
export async function isRemembered(
  db: Queryable,
  userId: number,
  deviceId: string | undefined,
): Promise<boolean> {
  return deviceId !== undefined && isDeviceRemembered(db, userId, deviceHash(userId, deviceId), now())
}

function deviceHash(userId: number, deviceId: string): Buffer {
  return sha256Of('user-device', String(userId), deviceId)
}
