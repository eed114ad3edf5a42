import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findOperatorByEmail } from '../../storage/operators.ts'
import type { OperatorRow } from '../../storage/operators.ts'
import { forgetDevices } from '../../storage/second-factors.ts'
import { setPassword } from '../../storage/users.ts'
import {
  FREE_FAILURES_OF_ADDRESS,
  addressSubject,
  hashPassword,
  requireConfirmed,
  toOperator,
  verifyPassword,
} from '../access/index.ts'
import type { AttemptKey, Attempts, Entry, Operators, Sessions, UserLogin } from '../access/index.ts'
import { record } from '../audit/index.ts'
import type { Actor } from '../audit/index.ts'
import { openGoogle } from './google.ts'
import type { GoogleSignIn } from './google.ts'
import { holdLiving, holdVerified } from './living.ts'
import { requirePassword } from './password-policy.ts'
import { isRemembered, secondFactorAttempts } from './second-factors.ts'

/** Where and for how long somebody logs in. */
export interface LoginRequest {
  address: string
  lifeSeconds: number
  /** A device that gave a second factor lately is not asked again. */
  deviceId?: string | undefined
}

/** A login that entered a workspace. */
export interface SelectedLogin {
  login: UserLogin
  entry: Entry
}

/** A login by a token that a browser asked for; `nonce` is what it asked with. */
export interface GoogleLoginRequest extends LoginRequest {
  nonce?: string
}

/** How users get in and out. */
export interface Logins {
  /** What a browser needs to ask Google for a token; undefined when nobody signs in by it. */
  readonly google: { clientId: string; authorizationEndpoint: string } | undefined
  /** @throws CDP_LOGIN_FAILED unknown, disabled or wrong, without a difference; CDP_ATTEMPTS_BLOCKED CDP_OVERLOADED */
  withPassword(email: string, password: string, request: LoginRequest): Promise<UserLogin>
  /**
   * @throws CDP_LOGIN_FAILED the token is not valid, was asked for with another nonce, or no user has its e-mail;
   * CDP_ATTEMPTS_BLOCKED CDP_PROVIDER_UNAVAILABLE
   */
  withGoogle(token: string, request: GoogleLoginRequest): Promise<UserLogin>
  /**
   * Enters a workspace. The login stays as it is and a session of its own begins, so that a token never moves from one
   * workspace to another.
   * @param options.lifeSeconds the tokens' life in the workspace when left out
   * @throws CDP_WORKSPACE_NOT_FOUND CDP_MFA_REQUIRED CDP_NETWORK_FORBIDDEN; CDP_TOKEN_INVALID the login ended meanwhile
   */
  select(
    login: UserLogin,
    guid: string,
    options: { address: string; lifeSeconds?: number },
  ): Promise<SelectedLogin>
  /**
   * Changes the password, ends all other sessions and forgets the devices.
   * @throws CDP_LOGIN_FAILED CDP_PASSWORD_WEAK CDP_ATTEMPTS_BLOCKED
   */
  changePassword(login: UserLogin, change: PasswordChange, actor: Actor): Promise<void>
}

/** A change of one's own password. */
export interface PasswordChange {
  current: string
  next: string
  address: string
}

/** What logins need. */
export interface LoginsOptions {
  db: Database
  sessions: Sessions
  attempts: Attempts
  operators: Operators
  google: GoogleSignIn | undefined
}

/** Opens the logins. */
export function openLogins(options: LoginsOptions): Logins {
  const { db, attempts, google } = options
  const readGoogle = openGoogle(google)
  return {
    google: google && { clientId: google.audience, authorizationEndpoint: google.authorizationEndpoint },
    withPassword: async (email, password, request) => {
      const known = email.trim().toLowerCase()
      const check = (): Promise<OperatorRow | undefined> => findByPassword(db, known, password)
      return begin(options, await checkGuess(attempts, known, request.address, check), request)
    },
    withGoogle: async (token, request) => {
      const check = async (): Promise<OperatorRow | undefined> =>
        findActive(db, await readGoogle(token, request.nonce))
      return begin(options, await checkGuess(attempts, undefined, request.address, check), request)
    },
    select: (login, guid, request) => select(options, login, guid, request),
    changePassword: (login, change, actor) => changePassword(options, login, change, actor),
  }
}

async function begin(
  { db, sessions, attempts }: LoginsOptions,
  verified: OperatorRow,
  { deviceId, lifeSeconds }: LoginRequest,
): Promise<UserLogin> {
  // The name of a device is a text that the client chooses: one that is not known counts like a wrong code, or names
  // could be tried until one saves the code.
  const guess = verified.hasTotp && deviceId !== undefined ? [secondFactorAttempts(verified.userId)] : []
  if (guess.length > 0) await attempts.take(...guess)
  const login = await guarded(() =>
    inTransaction(db.general, async (tx) => {
      const user = await holdVerified(tx, verified)
      const isKnown = guess.length > 0 && (await isRemembered(tx, user.userId, deviceId))
      const draft = {
        ...NO_PROFILE,
        kind: 'user' as const,
        workspaceId: undefined,
        userId: user.userId,
        deviceId,
        confirmedAt: user.hasTotp && isKnown ? now() : undefined,
        expiresAt: now() + lifeSeconds * 1000,
      }
      return { session: await sessions.begin(draft, tx), operator: toOperator(user) }
    }),
  )
  if (login.session.confirmedAt !== undefined) await attempts.giveBack(...guess)
  return login
}

async function select(
  { db, operators, sessions }: LoginsOptions,
  login: UserLogin,
  guid: string,
  { address, lifeSeconds }: { address: string; lifeSeconds?: number },
): Promise<SelectedLogin> {
  requireConfirmed(login)
  const workspaces = await operators.workspacesOf(login.operator)
  const wanted = workspaces.find((workspace) => workspace.guid === guid.toLowerCase())
  if (!wanted) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
  const entry = await operators.enter(login, wanted.id, address)
  const { sessionId: _old, createdAt: _then, ...same } = login.session
  const life = lifeSeconds ?? wanted.settings.tokenLifeSeconds
  const session = await guarded(() =>
    inTransaction(db.general, async (tx) => {
      await holdLiving(tx, login)
      return sessions.begin({ ...same, workspaceId: wanted.id, expiresAt: now() + life * 1000 }, tx)
    }),
  )
  return { login: { session, operator: login.operator }, entry }
}

async function changePassword(
  { db, attempts, sessions }: LoginsOptions,
  login: UserLogin,
  { current, next, address }: PasswordChange,
  actor: Actor,
): Promise<void> {
  requireConfirmed(login)
  const { email, userId } = login.operator
  const verified = await checkGuess(attempts, email, address, () => findByPassword(db, email, current))
  requirePassword(next, email, '/newPassword')
  const passwordHash = await hashPassword(next)
  await guarded(() =>
    inTransaction(db.general, async (tx) => {
      await holdVerified(tx, verified)
      await setPassword(tx, userId, passwordHash)
      await forgetDevices(tx, userId)
      await sessions.endAll({ userId }, { except: login.session.sessionId, db: tx })
      await record(tx, { actor, action: 'user.change-password', object: email })
    }),
  )
}

const NO_PROFILE = { profileId: undefined, accountId: undefined, apiKeyId: undefined } as const

// A hash of 24 random bytes that nobody kept, with the cost of all others: an e-mail that is not known takes the same
// time as one that is.
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$ANf+1OXnmLUBGvbRrhY9Vg$EnfSVPi8dDWpjuMz+d1htuWpnB1ZqObAsi9RLc9m1Ns'

async function findByPassword(
  db: Database,
  email: string,
  password: string,
): Promise<OperatorRow | undefined> {
  const found = await findActive(db, email)
  const isRight = await verifyPassword(password, found?.passwordHash ?? NOBODYS_HASH)
  return isRight ? found : undefined
}

async function findActive(db: Database, email: string): Promise<OperatorRow | undefined> {
  const user = await guarded(() => findOperatorByEmail(db.general, email))
  return user?.disabledAt === undefined ? user : undefined
}

/**
 * Runs a check of a secret under the counters of account and address.
 * @throws CDP_LOGIN_FAILED it found nobody; CDP_ATTEMPTS_BLOCKED
 */
async function checkGuess(
  attempts: Attempts,
  email: string | undefined,
  address: string,
  check: () => Promise<OperatorRow | undefined>,
): Promise<OperatorRow> {
  const from: AttemptKey = {
    purpose: 'user-login-address',
    subject: addressSubject(address),
    free: FREE_FAILURES_OF_ADDRESS,
  }
  const account: AttemptKey[] = email === undefined ? [] : [{ purpose: 'user-login', subject: email }]
  await attempts.take(...account, from)
  const user = await check().catch(async (error: unknown) => {
    // Who was not served has not guessed.
    if (error instanceof CdpError && error.kind === 'unavailable')
      await attempts.giveBack(...account, from).catch(() => undefined)
    throw error
  })
  if (!user) throw new CdpError('CDP_LOGIN_FAILED')
  await attempts.clear(...account)
  await attempts.giveBack(from)
  return user
}
