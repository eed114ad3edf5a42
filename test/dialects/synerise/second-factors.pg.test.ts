import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { useClock } from '../../../src/lib/time.ts'
import { codeAt } from '../../contract/credentials.ts'
import { CAREFUL, openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let time = Date.now()
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

interface Auth {
  token: string
  mfaMethods: string[]
}

const authOf = (reply: Reply): Auth => {
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Auth
}

const logIn = (more: object = {}): Promise<Reply> =>
  harness.call('synerise', 'login-user', {
    body: { username: CAREFUL.email, password: CAREFUL.password, ...more },
  })

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

const select = (token: string): Promise<Reply> => harness.call('synerise', 'select-workspace', as(token))

const verify = (token: string, verificationCode: string, more: object = {}): Promise<Reply> =>
  harness.call('synerise', 'verify-user', {
    ...as(token),
    query: { mfaType: 'TOTP_AUTHENTICATOR' },
    body: { verificationCode, ...more },
  })

/** A clock that stands still, a minute later than before: the codes of earlier tests are used up. */
const holdClock = (): void => {
  time = Math.max(time, Date.now()) + 120_000
  restoreClock()
  restoreClock = useClock(() => time)
}

describe('a second factor', () => {
  it('is asked for before anything else, and its code is taken once', async () => {
    holdClock()
    const { token, mfaMethods } = authOf(await logIn())
    expect(mfaMethods).toEqual(['TOTP_AUTHENTICATOR'])
    expect((await select(token)).status).toBe(423)
    expectVendorError('synerise', await harness.call('synerise', 'list-workspaces', as(token)), 'forbidden')
    expect(authOf(await verify(token, codeAt(time))).mfaMethods).toEqual([])
    expectVendorError('synerise', await verify(token, codeAt(time)), 'unauthenticated')
    expect((await select(token)).status).toBe(200)
    const second = authOf(await logIn()).token
    expectVendorError('synerise', await verify(second, codeAt(time)), 'unauthenticated')
    time += 30_000
    expect((await verify(second, codeAt(time))).status).toBe(200)
  })

  it('takes the code of the step before and after, and none further away', async () => {
    holdClock()
    const { token } = authOf(await logIn())
    for (const away of [-60_000, 60_000])
      expectVendorError('synerise', await verify(token, codeAt(time + away)), 'unauthenticated')
    expect((await verify(token, codeAt(time - 30_000))).status).toBe(200)
    expect((await verify(token, codeAt(time + 30_000))).status).toBe(200)
    expectVendorError('synerise', await verify(token, codeAt(time)), 'unauthenticated')
  })

  it('of which many requests give the same code confirms one of them', async () => {
    holdClock()
    const tokens = await Promise.all([1, 2, 3, 4].map(async () => authOf(await logIn()).token))
    const replies = await Promise.all(tokens.map((token) => verify(token, codeAt(time))))
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  })

  it('cannot be guessed: failures slow it down', async () => {
    holdClock()
    const { token } = authOf(await logIn())
    for (let failure = 1; failure <= 6; failure++) expect((await verify(token, '000000')).status).toBe(401)
    expect((await verify(token, codeAt(time))).status).toBe(423)
  })

  it('is not asked for again on the same device for eight hours', async () => {
    holdClock()
    const deviceId = 'desk'
    const { token } = authOf(await logIn({ deviceId }))
    expect((await verify(token, codeAt(time), { deviceId })).status).toBe(200)
    const again = async (id: string): Promise<string[]> => authOf(await logIn({ deviceId: id })).mfaMethods
    time += 8 * 3_600_000 - 1
    expect(await again(deviceId)).toEqual([])
    expect(await again('another')).toEqual(['TOTP_AUTHENTICATOR'])
    time += 1
    expect(await again(deviceId)).toEqual(['TOTP_AUTHENTICATOR'])
  })
})
