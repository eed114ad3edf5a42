import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openAttempts, openOperators, openSessions } from '../../src/core/access/index.ts'
import type { Attempts, Operators } from '../../src/core/access/index.ts'
import { openLogins, openSecondFactors } from '../../src/core/users/index.ts'
import type { Logins } from '../../src/core/users/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration } from '../../src/core/workspaces/index.ts'
import { now } from '../../src/lib/time.ts'
import { countOf, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

const EMAIL = 'ann@example.com'
const GUID = '11111111-1111-4111-8111-111111111111'
const FIRST = 'a sentence of words'
const REQUEST = { address: '192.0.2.1', lifeSeconds: 60 }
const ACTOR = { kind: 'user', label: EMAIL } as const

let database: TestDatabase
let attempts: Attempts
let operators: Operators
let password = FIRST

beforeAll(async () => {
  database = await openTestDatabase()
  attempts = openAttempts(database.db)
  operators = openOperators(database.db)
  const workspaces = [{ name: 'Shop', guid: GUID, settings: DEFAULT_SETTINGS, keys: [] }]
  const users = [{ email: EMAIL, password: FIRST, role: 'member', workspaces: ['Shop'] } as const]
  await applyDeclaration(database.db, { workspaces, users }, 'config')
})

beforeEach(async () => {
  await database.admin.query('delete from session')
  await database.admin.query('update user_account set disabled_at = null')
})

afterAll(() => database.close())

const open = (hooks: Partial<{ attempts: Attempts; operators: Operators }> = {}): Logins =>
  openLogins({
    db: database.db,
    sessions: openSessions(database.db),
    attempts,
    operators,
    google: undefined,
    ...hooks,
  })

/** Something happens between the check of a secret and what follows from it. */
const interruptedBy = (meanwhile: () => Promise<unknown>): Attempts => ({
  ...attempts,
  clear: async (...keys) => {
    await attempts.clear(...keys)
    await meanwhile()
  },
})

const interrupted = (meanwhile: () => Promise<unknown>): Logins =>
  open({ attempts: interruptedBy(meanwhile) })

const logIn = (logins = open()) => logins.withPassword(EMAIL, password, REQUEST)

const change = async (logins = open()): Promise<void> => {
  const login = await logIn()
  const next = `${password}!`
  await logins.changePassword(login, { current: password, next, address: REQUEST.address }, ACTOR)
  password = next
}

const openSessionCount = (): Promise<number> =>
  countOf(database, 'select count(*) from session where ended_at is null')

const disable = () => database.admin.query('update user_account set disabled_at = now()')

describe('a login whose password was right', () => {
  it('begins no session once the password is another one', async () => {
    await expect(logIn(interrupted(() => change()))).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
    // That of who changed it.
    expect(await openSessionCount()).toBe(1)
  })

  it('begins no session once the user is disabled', async () => {
    await expect(logIn(interrupted(disable))).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
    expect(await openSessionCount()).toBe(0)
  })
})

describe('a change of the password', () => {
  it('does not undo another one that came before it', async () => {
    const late = change(interrupted(() => change()))
    await expect(late).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
    await logIn()
  })
})

describe('a workspace', () => {
  it('is not entered by a login that ended meanwhile', async () => {
    const login = await logIn()
    const enter: Operators['enter'] = async (...all) => {
      await openSessions(database.db).endAll({ userId: login.operator.userId })
      return operators.enter(...all)
    }
    const select = open({ operators: { ...operators, enter } }).select(login, GUID, REQUEST)
    await expect(select).rejects.toMatchObject({ code: 'CDP_TOKEN_INVALID' })
    expect(await openSessionCount()).toBe(0)
  })
})

describe('a code', () => {
  it('confirms no login that ended meanwhile, and its device is not remembered', async () => {
    const { db } = database
    const login = await logIn()
    const secretKey = Buffer.alloc(32)
    const { secret } = await openSecondFactors(db, attempts, secretKey).enrol(login)
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now() })
    const ending = interruptedBy(() => openSessions(db).endAll({ userId: login.operator.userId }))
    const attempt = { code, address: REQUEST.address, deviceId: 'laptop' }
    const confirm = openSecondFactors(db, ending, secretKey).confirmEnrolment(login, attempt, ACTOR)
    await expect(confirm).rejects.toMatchObject({ code: 'CDP_TOKEN_INVALID' })
    expect(await countOf(database, 'select count(*) from user_device')).toBe(0)
  })
})
