import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { decodeJwt } from 'jose'
import { useClock } from '../../../src/lib/time.ts'
import { codeAt } from '../../contract/credentials.ts'
import { CAREFUL, OPERATOR, openHarness, openTestApp } from '../../contract/harness.ts'
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
  consumer: { businessProfileId: number | null; authorities: string[]; roles: string }
  mfaMethods: string[]
}

const authOf = (reply: Reply): Auth => {
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Auth
}

const logIn = (username: string, password = OPERATOR.password, more: object = {}): Promise<Reply> =>
  harness.call('synerise', 'login-user', { body: { username, password, ...more } })

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

const select = (token: string, more: object = {}): Promise<Reply> =>
  harness.call('synerise', 'select-workspace', { ...as(token), ...more })

const verify = (token: string, verificationCode: string, more: object = {}): Promise<Reply> =>
  harness.call('synerise', 'verify-user', {
    ...as(token),
    query: { mfaType: 'TOTP_AUTHENTICATOR' },
    body: { verificationCode, ...more },
  })

const list = (token: string): Promise<Reply> => harness.call('synerise', 'list-clients', as(token))

/** A clock that stands still, a minute later than before: the codes of earlier tests are used up. */
const holdClock = (): void => {
  time = Math.max(time, Date.now()) + 120_000
  restoreClock()
  restoreClock = useClock(() => time)
}

/** The token of a user with these rights in the first workspace. */
const memberWith = async (permissions: string[] | undefined): Promise<string> => {
  const email = `member-${permissions?.join('-') ?? 'reader'}@example.com`.toLowerCase()
  await database.admin.query(
    `insert into user_account (user_id, email, password_hash, role, managed_by, created_at)
     select coalesce(max(user_id), 0) + 100000, $1, (select password_hash from user_account where email = $2), 'member', 'api', now()
       from user_account`,
    [email, OPERATOR.email],
  )
  await database.admin.query(
    `insert into user_workspace (user_id, workspace_id, role)
     select user_id, (select workspace_id from workspace where name = 'First'), $2 from user_account where email = $1`,
    [email, permissions ? email : 'reader'],
  )
  if (permissions)
    await database.admin.query(
      `insert into workspace_role select workspace_id, $1, $2, now() from workspace where name = 'First'`,
      [email, permissions],
    )
  return authOf(await select(authOf(await logIn(email)).token)).token
}

describe('a login', () => {
  it('opens a workspace once one is selected, and then what the role says', async () => {
    const { token, consumer } = authOf(await logIn(OPERATOR.email))
    expect(consumer).toMatchObject({ businessProfileId: null, authorities: [] })
    expectVendorError('synerise', await list(token), 'forbidden')
    const selected = authOf(await select(token))
    expect(selected.consumer.businessProfileId).toEqual(expect.any(Number))
    expect((await list(selected.token)).status).toBe(200)
    expect(decodeJwt(selected.token)).toMatchObject({
      rlm: 'user',
      iss: 'Synerise',
      aud: 'API',
      eml: OPERATOR.email,
    })
  })

  it('with the e-mail in any letter case is the same', async () => {
    expect((await logIn(OPERATOR.email.toUpperCase())).status).toBe(200)
  })

  it('is refused alike for an unknown e-mail, a wrong password and a disabled user', async () => {
    await database.admin.query('update user_account set disabled_at = now() where email = $1', [
      CAREFUL.email,
    ])
    const replies = [
      await logIn('nobody@example.com'),
      await logIn(OPERATOR.email, 'wrong'),
      await logIn(CAREFUL.email),
    ]
    await database.admin.query('update user_account set disabled_at = null')
    const bodies = replies.map(({ body }) => ({ ...(body as object), traceId: '', timestamp: '' }))
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1)
    for (const reply of replies) expectVendorError('synerise', reply, 'unauthenticated')
  })

  it('is slowed down after failures, for known and unknown e-mails alike, and free again later', async () => {
    for (const email of [OPERATOR.email, 'nobody@example.com']) {
      holdClock()
      for (let failure = 1; failure <= 6; failure++) expect((await logIn(email, 'wrong')).status).toBe(401)
      const blocked = await logIn(email)
      expect([blocked.status, blocked.headers['retry-after']]).toEqual([423, '2'])
      expect(blocked.body).toMatchObject({ errorCode: 'CDP_ATTEMPTS_BLOCKED', status: 423 })
      time += 2_000
      expect((await logIn(email)).status).toBe(email === OPERATOR.email ? 200 : 401)
    }
  })

  it('by an identity token is refused where no provider is set up', async () => {
    const reply = await harness.call('synerise', 'login-user', {
      body: { externalProviderToken: 'x.y.z', externalProviderType: 'GOOGLE' },
    })
    expectVendorError('synerise', reply, 'unauthenticated')
  })

  it('with a body of a wrong form is invalid', async () => {
    for (const body of [
      {},
      { username: 'x' },
      { username: 1, password: [] },
      { username: 'x', password: '' },
    ])
      expectVendorError('synerise', await harness.call('synerise', 'login-user', { body }), 'invalid')
  })

  it('survives a new process', async () => {
    const { token } = authOf(await select(authOf(await logIn(OPERATOR.email)).token))
    const other = await openTestApp(database.db)
    const headers = { authorization: `Bearer ${token}`, 'api-version': '4.4' }
    const reply = await other.http.inject({ method: 'GET', url: '/v4/clients', headers })
    await other.close()
    expect(reply.statusCode).toBe(200)
  })

  it('of a user who is disabled later ends at once', async () => {
    const { token } = authOf(await select(authOf(await logIn(OPERATOR.email)).token))
    expect((await list(token)).status).toBe(200)
    await database.admin.query('update user_account set disabled_at = now() where email = $1', [
      OPERATOR.email,
    ])
    const reply = await list(token)
    await database.admin.query('update user_account set disabled_at = null')
    expectVendorError('synerise', reply, 'unauthenticated')
  })
})

describe('a workspace', () => {
  const settings = (change: object): Promise<unknown> =>
    database.admin.query(`update workspace set settings = settings || $1 where name = 'First'`, [change])

  it('of others is not found, and not listed', async () => {
    const { token } = authOf(await select(await memberWith(undefined)))
    expectVendorError('synerise', await select(token, { workspace: 'Second' }), 'not_found')
    const { body } = await harness.call('synerise', 'list-workspaces', as(token))
    expect(body).toMatchObject([{ name: 'First' }])
  })

  it('that asks for a second factor refuses who gave none, also with a token from before', async () => {
    const first = authOf(await logIn(OPERATOR.email)).token
    const { token } = authOf(await select(first))
    await settings({ mfaRequired: true })
    try {
      expect((await select(first)).status).toBe(423)
      expectVendorError('synerise', await list(token), 'forbidden')
      holdClock()
      const careful = authOf(await logIn(CAREFUL.email)).token
      await verify(careful, codeAt(time))
      const selected = authOf(await select(careful)).token
      expect((await list(selected)).status).toBe(200)
      const { body } = await harness.call('synerise', 'current-workspace', as(selected))
      expect(body).toMatchObject({ name: 'First', mfaRequired: true, ipRestricted: false })
    } finally {
      await settings({ mfaRequired: false })
    }
  })

  it('that takes some networks only refuses others, also with a token from before', async () => {
    const first = authOf(await logIn(OPERATOR.email)).token
    const { token } = authOf(await select(first))
    await settings({ ipAllowlist: ['192.0.2.0/24', '2001:db8::/32'] })
    try {
      expectVendorError('synerise', await select(first), 'forbidden')
      expectVendorError('synerise', await list(token), 'forbidden')
      // The keys of programs are not bound to it.
      expect((await harness.call('synerise', 'list-clients')).status).toBe(200)
      await settings({ ipAllowlist: ['127.0.0.0/8'] })
      expect((await list(token)).status).toBe(200)
    } finally {
      await settings({ ipAllowlist: [] })
    }
  })

  test('two that are selected by one login are two tokens that never mix', async () => {
    const { token } = authOf(await logIn(OPERATOR.email))
    const one = authOf(await select(token))
    const two = authOf(await select(token, { workspace: 'Second' }))
    const current = async (of: string): Promise<unknown> =>
      (await harness.call('synerise', 'current-workspace', as(of))).body
    expect(await current(one.token)).toMatchObject({ name: 'First' })
    expect(await current(two.token)).toMatchObject({ name: 'Second' })
  })

  test('its list answers with and without the slash', async () => {
    const headers = as(authOf(await logIn(OPERATOR.email)).token).headers
    const [bare, slash] = await Promise.all([
      harness.raw('GET', '/uauth/business-profile', { headers }),
      harness.raw('GET', '/uauth/business-profile/', { headers }),
    ])
    expect([bare?.status, slash?.status, bare?.text]).toEqual([200, 200, slash?.text])
  })
})

describe('roles', () => {
  it('a member without a role of the workspace reads everything and changes nothing', async () => {
    const token = await memberWith(['*:read'])
    expect((await list(token)).status).toBe(200)
    const create = await harness.call('synerise', 'create-client', { ...as(token), body: { customId: 'no' } })
    expectVendorError('synerise', create, 'forbidden')
  })

  it('a role permits each act of each group by itself', async () => {
    const token = await memberWith(['CLIENT_MANAGEMENT:create'])
    const create = await harness.call('synerise', 'create-client', {
      ...as(token),
      body: { customId: 'yes' },
    })
    expect(create.status).toBe(202)
    expectVendorError('synerise', await list(token), 'forbidden')
  })

  it('a change of a role counts at once', async () => {
    const token = await memberWith(['CLIENT_INFO:*'])
    expect((await list(token)).status).toBe(200)
    await database.admin.query(`update workspace_role set permissions = '{}'`)
    expectVendorError('synerise', await list(token), 'forbidden')
  })

  it('operations that are not for users are forbidden to them', async () => {
    const { token } = authOf(await select(authOf(await logIn(OPERATOR.email)).token))
    const body = [{ orderId: 'x' }]
    const reply = await harness.call('synerise', 'batch-transactions', { ...as(token), body })
    expectVendorError('synerise', reply, 'forbidden')
  })
})

describe('a token of a workspace', () => {
  it('is refreshed for as long again, also that of a user', async () => {
    holdClock()
    const { token } = authOf(await select(authOf(await logIn(OPERATOR.email)).token))
    time += 3_000_000
    const refreshed = await harness.call('synerise', 'refresh-workspace', as(token))
    expect(refreshed.status).toBe(200)
    const { token: next } = refreshed.body as { token: string }
    time += 3_000_000
    expect((await list(next)).status).toBe(200)
    expectVendorError('synerise', await list(token), 'unauthenticated')
  })

  it('enters nothing as a user', async () => {
    const { token } = (await harness.call('synerise', 'login-workspace', { body: { apiKey: '@apiKey' } }))
      .body as Auth
    expectVendorError('synerise', await select(token), 'forbidden')
  })
})
