import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { App } from '../../../src/app.ts'
import { CAREFUL, OPERATOR, openHarness, openTestApp } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { CONSOLE_APP, openIdentityProvider } from '../../setup/identity-provider.ts'
import type { IdentityProvider } from '../../setup/identity-provider.ts'

let database: TestDatabase
let harness: Harness
let idp: IdentityProvider
let app: App

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  idp = await openIdentityProvider()
  const { issuer, jwksUrl: keySet, authorizationEndpoint } = idp
  const google = { audience: CONSOLE_APP, issuer, keySet, authorizationEndpoint }
  app = await openTestApp(database.db, undefined, {}, undefined, google)
  await app.http.ready()
})

afterEach(() => database.admin.query('delete from attempt'))

afterAll(async () => {
  await app.close()
  await idp.close()
  await harness.close()
  await database.close()
})

const newNonce = (): string => randomBytes(16).toString('base64url')

/** A token as the page gets it from the provider. */
const tokenFor = (email: string, nonce: string, isVerified = true): Promise<string> =>
  idp.logInAtPage({ sub: email, email, email_verified: isVerified }, nonce)

const send = async (payload: object, headers: Record<string, string> = {}, to = app) => {
  const reply = await to.http.inject({ method: 'POST', url: '/api/v1/auth/google', payload, headers })
  return { status: reply.statusCode, headers: reply.headers, body: reply.json<Record<string, unknown>>() }
}

it('a page finds out where to send its browser, and whether there is such a place', async () => {
  const options = async ({ http }: App) =>
    (await http.inject({ method: 'GET', url: '/api/v1/auth/options' })).json<object>()
  expect(await options(app)).toMatchObject({
    google: { clientId: CONSOLE_APP, authorizationEndpoint: idp.authorizationEndpoint },
  })
  const without = await openTestApp(database.db)
  try {
    expect(await options(without)).toMatchObject({ password: true, google: null })
    const nonce = newNonce()
    const refused = await send({ idToken: await tokenFor(OPERATOR.email, nonce), nonce }, {}, without)
    expect([refused.status, refused.body['code']]).toEqual([401, 'CDP_LOGIN_FAILED'])
  } finally {
    await without.close()
  }
})

it('a user whose verified e-mail is known gets what a login by password gives', async () => {
  const nonce = newNonce()
  const { status, body } = await send({ idToken: await tokenFor(OPERATOR.email, nonce), nonce })
  expect(status).toBe(200)
  expect(body).toMatchObject({ user: { email: OPERATOR.email }, needsCode: false, workspace: null })
  const headers = { authorization: `Bearer ${String(body['token'])}` }
  const session = await app.http.inject({ method: 'GET', url: '/api/v1/auth/session', headers })
  expect(session.json()).toMatchObject({ user: { email: OPERATOR.email }, needsCode: false })
})

it('a second factor is asked for as after a password', async () => {
  const nonce = newNonce()
  const { body } = await send({ idToken: await tokenFor(CAREFUL.email, nonce), nonce })
  expect(body).toMatchObject({ needsCode: true })
  const headers = { authorization: `Bearer ${String(body['token'])}` }
  const stats = await app.http.inject({ method: 'GET', url: '/api/v1/stats', headers })
  expect(stats.statusCode).toBe(403)
})

it('a token for another nonce, of nobody here, or without a verified e-mail opens nothing', async () => {
  const nonce = newNonce()
  const refused = [
    { idToken: await tokenFor(OPERATOR.email, newNonce()), nonce },
    { idToken: await tokenFor('nobody@example.com', nonce), nonce },
    { idToken: await tokenFor(OPERATOR.email, nonce, false), nonce },
    { idToken: (await idp.logIn({ sub: 'x', email: OPERATOR.email, email_verified: true })).idToken, nonce },
    { idToken: 'no token', nonce },
  ]
  for (const body of refused) {
    const reply = await send(body)
    expect([reply.status, reply.body['code']]).toEqual([401, 'CDP_LOGIN_FAILED'])
  }
})

it('a cookie is given to a page of the same origin only', async () => {
  const nonce = newNonce()
  const body = { idToken: await tokenFor(OPERATOR.email, nonce), nonce, cookie: true }
  const foreign = await send(body, { origin: 'https://evil.example' })
  expect([foreign.status, foreign.body['code']]).toEqual([403, 'CDP_ORIGIN_FORBIDDEN'])
  const own = await send(body, { origin: 'http://localhost:80', host: 'localhost:80' })
  expect(own.status).toBe(200)
  expect(own.body).not.toHaveProperty('token')
  expect(String(own.headers['set-cookie'])).toMatch(/^tributary_session=eyJ.*HttpOnly; SameSite=Strict$/)
})

it('a body without a nonce, or with one that anybody could guess, is refused', async () => {
  for (const more of [{}, { nonce: 'short' }, { nonce: newNonce(), colour: 'red' }])
    expect((await send({ idToken: 'x', ...more })).status).toBe(400)
})

it('who guesses from one address is held up, and somebody right before that is not', async () => {
  let blocked = false
  for (let guess = 0; guess < 200 && !blocked; guess++) {
    const reply = await send({ idToken: 'a guess', nonce: newNonce() })
    blocked = reply.body['code'] === 'CDP_ATTEMPTS_BLOCKED'
    if (blocked) expect([reply.status, reply.headers['retry-after']]).toEqual([429, expect.any(String)])
  }
  expect(blocked).toBe(true)
})
