import { Secret, TOTP } from 'otpauth'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { now, useClock } from '../../../src/lib/time.ts'
import { OPERATOR, openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterEach(async () => {
  restoreClock()
  await database.admin.query('delete from attempt')
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const PASSWORD = 'a sentence that nobody guesses'

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** What these tests read of answers. */
interface Answer {
  token: string
  id: number
  secret: string
  url: string
  recoveryCodes: string[]
  needsCode: boolean
}

/** The body of a call that succeeds. */
const bodyOf = (reply: Reply, status = 200): Answer => {
  expect(reply.status, reply.text).toBe(status)
  return reply.body as Answer
}

const logIn = async (email: string, password = PASSWORD): Promise<string> =>
  bodyOf(await native('log-in', { body: { email, password } })).token

/** A token in the first workspace. */
const enter = async (email: string, password = PASSWORD): Promise<string> => {
  const call = { ...as(await logIn(email, password)), body: { guid: '@guid' } }
  return bodyOf(await native('select-workspace', call)).token
}

const owner = (): Promise<string> => enter(OPERATOR.email, OPERATOR.password)

let made = 0

/** A new user of the first workspace. */
const make = async (role: string, roleThere = 'reader'): Promise<{ id: string; email: string }> => {
  const email = `user-${++made}@example.com`
  const body = { email, password: PASSWORD, role, workspaces: [{ guid: '@guid', role: roleThere }] }
  const { id } = bodyOf(await native('create-user', { ...as(await owner()), body }), 201)
  return { id: String(id), email }
}

describe('a session', () => {
  it('ends at once when the user logs out, and works for every operation before', async () => {
    const token = await owner()
    expect((await native('list-profiles', as(token))).status).toBe(200)
    expect((await native('log-out', as(token))).status).toBe(204)
    expectVendorError('native', await native('list-profiles', as(token)), 'unauthenticated')
    expectVendorError('native', await native('get-session', as(token)), 'unauthenticated')
  })

  it('moves into the workspace: the token of before is over', async () => {
    const token = await logIn(OPERATOR.email, OPERATOR.password)
    expectVendorError('native', await native('get-stats', as(token)), 'forbidden')
    const call = { ...as(token), body: { guid: '@guid' } }
    expect((await native('select-workspace', call)).status).toBe(200)
    expectVendorError('native', await native('select-workspace', call), 'unauthenticated')
  })

  it('in a cookie is taken from its own origin only, and the token is not in the answer', async () => {
    const { email, password } = OPERATOR
    const body = { email, password, cookie: true }
    const foreign = { origin: 'https://evil.example' }
    expectVendorError(
      'native',
      await native('log-in', { body, credential: 'none', headers: foreign }),
      'forbidden',
    )
    const origin = { origin: 'http://localhost:80', host: 'localhost:80' }
    const reply = await native('log-in', { body, credential: 'none', headers: origin })
    expect(bodyOf(reply)).not.toHaveProperty('token')
    const set = String(reply.headers['set-cookie'])
    expect(set).toMatch(/^tributary_session=eyJ.*; Path=\/api\/v1; HttpOnly; SameSite=Strict$/)
    const cookie = set.split(';')[0] ?? ''
    const select = (headers: Record<string, string>): Promise<Reply> =>
      native('select-workspace', {
        credential: 'none',
        headers: { cookie, ...headers },
        body: { guid: '@guid' },
      })
    expectVendorError('native', await select(foreign), 'forbidden')
    const selected = await select(origin)
    expect(selected.status, selected.text).toBe(200)
    const next = String(selected.headers['set-cookie']).split(';')[0] ?? ''
    const stats = await native('get-stats', { credential: 'none', headers: { cookie: next } })
    expect(stats.status).toBe(200)
  })

  it('ends when another one of the user changes the password, and the old password opens nothing', async () => {
    const { email } = await make('member')
    const [one, two] = [await enter(email), await enter(email)]
    const change = (currentPassword: string, newPassword: string): Promise<Reply> =>
      native('change-password', { ...as(one), body: { currentPassword, newPassword } })
    expectVendorError('native', await change('wrong', `${PASSWORD}!`), 'unauthenticated')
    expectVendorError('native', await change(PASSWORD, 'short'), 'invalid')
    expectVendorError('native', await change(PASSWORD, 'aaaaaaaaaaaaaaaa'), 'invalid')
    expect((await change(PASSWORD, `${PASSWORD}!`)).status).toBe(204)
    expect((await native('get-session', as(one))).status).toBe(200)
    expectVendorError('native', await native('get-session', as(two)), 'unauthenticated')
    expectVendorError(
      'native',
      await native('log-in', { body: { email, password: PASSWORD } }),
      'unauthenticated',
    )
    await logIn(email, `${PASSWORD}!`)
  })
})

describe('a second factor', () => {
  it('is taken away by its user with one of its codes, and with it the recovery codes', async () => {
    const time = now()
    restoreClock = useClock(() => time)
    const { email } = await make('member')
    const token = await enter(email)
    const { secret } = bodyOf(await native('enrol-totp', as(token)))
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: time })
    const { recoveryCodes } = bodyOf(await native('confirm-totp', { ...as(token), body: { code } }))
    const remove = (given = ''): Promise<Reply> =>
      native('remove-totp', { ...as(token), body: { code: given } })
    expectVendorError('native', await remove('000000'), 'unauthenticated')
    expect((await remove(recoveryCodes[0])).status).toBe(204)
    expectVendorError('native', await remove(recoveryCodes[1]), 'unauthenticated')
    await enter(email)
  })

  it('is set up by a first code; recovery codes work once; an owner takes it away', async () => {
    const time = now()
    restoreClock = useClock(() => time)
    const { id, email } = await make('member')
    const token = await enter(email)
    const { secret, url } = bodyOf(await native('enrol-totp', as(token)))
    expect(url).toContain(`secret=${secret}`)
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: time })
    const confirm = (given: string): Promise<Reply> =>
      native('confirm-totp', { ...as(token), body: { code: given } })
    expectVendorError('native', await confirm('000000'), 'unauthenticated')
    const { recoveryCodes } = bodyOf(await confirm(code))
    expect(new Set(recoveryCodes).size).toBe(10)
    const [first = '', second = ''] = recoveryCodes
    expectVendorError('native', await native('enrol-totp', as(token)), 'conflict')
    const stored = JSON.stringify(
      await rowsOf(database, 'select t::text, r::text from user_totp t, user_recovery_code r'),
    )
    expect(stored).not.toContain(Buffer.from(Secret.fromBase32(secret).bytes).toString('hex'))
    expect(stored).not.toContain(first)

    const login = await logIn(email)
    const verify = (given: string): Promise<Reply> =>
      native('confirm-login', { ...as(login), body: { code: given } })
    expectVendorError('native', await verify(code), 'unauthenticated')
    expectVendorError('native', await native('enrol-totp', as(login)), 'forbidden')
    expect((await verify(first.toLowerCase())).status).toBe(200)
    expectVendorError('native', await verify(first), 'unauthenticated')
    expect((await verify(second)).status).toBe(200)

    const reset = await native('reset-mfa', { ...as(await owner()), params: { userId: id } })
    expect(reset.status).toBe(204)
    expectVendorError('native', await native('get-session', as(login)), 'unauthenticated')
    const { needsCode } = bodyOf(await native('log-in', { body: { email, password: PASSWORD } }))
    expect(needsCode).toBe(false)
  })
  it('is not saved by names of devices that are tried, and a new password or a reset forgets the devices', async () => {
    const time = now()
    restoreClock = useClock(() => time)
    const { id, email } = await make('member')
    const token = await enter(email)
    const { secret } = bodyOf(await native('enrol-totp', as(token)))
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: time })
    const { recoveryCodes } = bodyOf(await native('confirm-totp', { ...as(token), body: { code } }))
    const from = (deviceId: string, password = PASSWORD): Promise<Reply> =>
      native('log-in', { body: { email, password, deviceId } })
    const remember = async (password = PASSWORD): Promise<string> => {
      const login = bodyOf(await from('laptop', password))
      const body = { code: recoveryCodes.pop() }
      const { token: confirmed } = bodyOf(await native('confirm-login', { ...as(login.token), body }))
      expect(bodyOf(await from('laptop', password)).needsCode).toBe(false)
      return confirmed
    }
    const confirmed = await remember()
    for (let guess = 1; guess <= 6; guess++) expect(bodyOf(await from(`guess-${guess}`)).needsCode).toBe(true)
    for (const name of ['guess-7', 'laptop'])
      expect(await from(name)).toMatchObject({ body: { code: 'CDP_ATTEMPTS_BLOCKED' } })
    await database.admin.query('delete from attempt')

    const next = `${PASSWORD}!`
    const change = { currentPassword: PASSWORD, newPassword: next }
    expect((await native('change-password', { ...as(confirmed), body: change })).status).toBe(204)
    expect(bodyOf(await from('laptop', next)).needsCode).toBe(true)

    await remember(next)
    await native('reset-mfa', { ...as(await owner()), params: { userId: id } })
    expect(await rowsOf(database, `select * from user_device where user_id = ${id}`)).toEqual([])
  })
})
