import { generateKeyPairSync } from 'node:crypto'
import { SignJWT, decodeJwt, decodeProtectedHeader } from 'jose'
import type { JSONWebKeySet } from 'jose'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { useClock } from '../../../src/lib/time.ts'
import { openHarness, openTestApp } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterEach(() => restoreClock())

afterAll(async () => {
  await harness.close()
  await database.close()
})

const logIn = async (operation = 'login-workspace'): Promise<string> => {
  const reply = await harness.call('synerise', operation, { body: { apiKey: '@apiKey' } })
  expect(reply.status, reply.text).toBe(200)
  return (reply.body as { token: string }).token
}

const listWith = (authorization: string): Promise<Reply> =>
  harness.call('synerise', 'list-clients', { headers: { authorization } })

describe('tokens', () => {
  it.each(['login-workspace', 'login-workspace-v1', 'login-workspace-v4'])(
    '%s gives a token that opens the workspace',
    async (operation) => {
      expect((await listWith(`Bearer ${await logIn(operation)}`)).status).toBe(200)
    },
  )

  it('carry the claims of the reference, signed by a published key', async () => {
    const token = await logIn()
    const { body } = await harness.raw('GET', '/.well-known/jwks.json')
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(body as JSONWebKeySet))
    expect(protectedHeader).toMatchObject({ alg: 'RS512', kid: expect.any(String) })
    expect(payload).toMatchObject({
      aud: 'API',
      iss: 'Synerise',
      rlm: 'business_profile',
      bpi: expect.any(Number),
      ctd: expect.any(Number),
      auth: ['*'],
      apk: expect.stringMatching(/^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/),
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600)
    expect(JSON.stringify(body)).not.toMatch(/"(d|p|q|dp|dq|qi)":/)
  })

  it('open the workspace for many calls at once, also of a process that has just started', async () => {
    const token = await logIn()
    const other = await openTestApp(database.db)
    try {
      const headers = { authorization: `Bearer ${token}`, 'api-version': '4.4' }
      const calls = Array.from({ length: 8 }, () => other.http.inject({ url: '/v4/clients', headers }))
      expect((await Promise.all(calls)).map(({ statusCode }) => statusCode)).toEqual(calls.map(() => 200))
    } finally {
      await other.close()
    }
  })

  it('are the same for a while, because clients log in before every call', async () => {
    expect(await logIn()).toBe(await logIn())
  })

  it('end with their time', async () => {
    const token = await logIn()
    const { exp = 0 } = decodeJwt(token)
    restoreClock = useClock(() => (exp - 1) * 1000)
    expect((await listWith(`Bearer ${token}`)).status).toBe(200)
    restoreClock()
    restoreClock = useClock(() => exp * 1000)
    expectVendorError('synerise', await listWith(`Bearer ${token}`), 'unauthenticated')
  })

  it('that are not ours are refused: changed, unsigned, signed by another or by the public key as a secret', async () => {
    const token = await logIn()
    const [head = '', payload = '', signature = ''] = token.split('.')
    const claims = { ...decodeJwt(token), bpi: 2 }
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const { kid } = decodeProtectedHeader(token)
    const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const signedBy = (header: { alg: string; kid?: string }, key: Parameters<SignJWT['sign']>[0]) =>
      new SignJWT(claims).setProtectedHeader(header).sign(key)
    const { body } = await harness.raw('GET', '/.well-known/jwks.json')
    const secret = new TextEncoder().encode(JSON.stringify((body as JSONWebKeySet).keys[0]))
    const forged = [
      `${head}.${encode(claims)}.${signature}`,
      `${encode({ alg: 'none' })}.${payload}.`,
      `${encode({ alg: 'none', kid })}.${payload}.${signature}`,
      await signedBy({ alg: 'RS512', kid: String(kid) }, foreign),
      await signedBy({ alg: 'RS512', kid: 'unknown' }, foreign),
      await signedBy({ alg: 'RS512' }, foreign),
      await signedBy({ alg: 'HS512', kid: String(kid) }, secret),
      'not.a.token',
      'x',
    ]
    for (const candidate of forged)
      expectVendorError('synerise', await listWith(`Bearer ${candidate}`), 'unauthenticated')
  })

  it('end with the api key that bought them', async () => {
    const token = await logIn()
    await database.admin.query(`update api_key set revoked_at = now() where scope = 'workspace'`)
    harness.app.credentials.forget()
    expectVendorError('synerise', await listWith(`Bearer ${token}`), 'unauthenticated')
    await database.admin.query('update api_key set revoked_at = null')
    harness.app.credentials.forget()
  })
})

describe('HTTP Basic', () => {
  const basic = (user: string, password: string): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

  const own = (): { guid: string; key: string } => {
    const { headers } = harness.credentialOf('synerise')
    const [guid = '', key = ''] = Buffer.from((headers['authorization'] ?? '').slice(6), 'base64')
      .toString()
      .split(':')
    return { guid, key }
  }

  it('with the guid and key of a workspace opens it, in any letter case of the guid', async () => {
    const { guid, key } = own()
    expect((await listWith(basic(guid.toUpperCase(), key))).status).toBe(200)
  })

  it('with another guid, another key or nothing is refused', async () => {
    const { guid, key } = own()
    const other = '0f6d9e2b-3a1c-4c55-9a77-2a9d7f1f0a11'
    for (const header of [basic(other, key), basic(guid, 'x'), basic('', key), basic(guid, ''), 'Basic %%%'])
      expectVendorError('synerise', await listWith(header), 'unauthenticated')
  })
})

describe('what comes before the operation', () => {
  test('a key without the permission is forbidden, also with its token', async () => {
    const setPermissions = `update api_key set permissions = $1 where scope = 'workspace'`
    await database.admin.query(setPermissions, [['API_CLIENT_CREATE']])
    harness.app.credentials.forget()
    try {
      const token = `Bearer ${await logIn()}`
      expectVendorError('synerise', await listWith(token), 'forbidden')
      expectVendorError('synerise', await harness.call('synerise', 'list-clients'), 'forbidden')
      const created = await harness.call('synerise', 'create-client', { body: { customId: 'may' } })
      expect(created.status).toBe(202)
    } finally {
      await database.admin.query(setPermissions, [['*']])
      harness.app.credentials.forget()
    }
  })

  test.each(['', '4.3', '4'])('the version header "%s" is refused in shape C', async (version) => {
    const reply = await harness.call('synerise', 'list-clients', { headers: { 'api-version': version } })
    expect(reply.status).toBe(400)
    expect(reply.body).toEqual({
      timestamp: expect.any(String),
      status: 400,
      error: 'Bad Request',
      message: 'Version header content is invalid',
      path: '/clients',
    })
  })

  test('a login takes a body in chunks and a content type without charset', async () => {
    await harness.app.http.listen({ host: '127.0.0.1', port: 0 })
    const address = harness.app.http.server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { apiKey } = harness.credentialOf('synerise').params
    const text = JSON.stringify({ apiKey })
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(text.slice(0, 10)))
        controller.enqueue(new TextEncoder().encode(text.slice(10)))
        controller.close()
      },
    })
    const request = {
      method: 'POST',
      headers: { 'CONTENT-TYPE': 'application/json' },
      body,
      duplex: 'half' as const,
    }
    const reply = await fetch(`http://127.0.0.1:${port}/uauth/v2/auth/login/profile`, request)
    expect(reply.status).toBe(200)
  })
})
