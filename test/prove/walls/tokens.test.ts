import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT, decodeJwt, decodeProtectedHeader, exportJWK } from 'jose'
import type { JWK, JWTHeaderParameters, JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSigningKeys } from '../../../src/core/access/index.ts'
import type { SigningKeys } from '../../../src/core/access/index.ts'
import { now } from '../../../src/lib/time.ts'
import { newPerson, openPeople, tokenFrom } from '../../setup/accounts.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { OPERATOR, SECRET_KEY, openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { note } from '../figures.ts'

/** A kind of token that we hand out, and a call that it opens. */
interface Kind {
  name: string
  dialect: string
  token: string
  call: (token: string) => Promise<Reply>
}

let database: TestDatabase
let harness: Harness
let kinds: Kind[]
let ours: Awaited<ReturnType<SigningKeys['current']>>
let publicKey: JWK
const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 })

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  kinds = await makeKinds()
  ours = await openSigningKeys(database.db, SECRET_KEY).current()
  const { body } = await harness.raw('GET', '/.well-known/jwks.json')
  publicKey = (body as { keys: [JWK] }).keys[0]
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

/** Calls with a token; the address of what is called needs no other credential. */
const calling =
  (dialect: string, operation: string, query?: Record<string, string>) =>
  (token: string): Promise<Reply> =>
    harness.call(dialect, operation, {
      headers: { authorization: `Bearer ${token}` },
      ...(query && { query }),
    })

async function makeKinds(): Promise<Kind[]> {
  const { apiKey = '', profileKey = '' } = harness.credentialOf('synerise').params
  const tokenOf = async (dialect: string, operation: string, body: object): Promise<string> =>
    tokenFrom(await harness.call(dialect, operation, { body }))
  const person = newPerson()
  await openPeople(harness).register(person)
  await harness.setSettings({ accountConfirmation: 'automatic' })
  const other = newPerson()
  await openPeople(harness).register(other)
  const login = { apiKey: profileKey, identityProvider: 'SYNERISE', password: 'Secret1!', email: other.email }
  const { email, password } = OPERATOR
  return [
    {
      name: 'of a workspace',
      dialect: 'synerise',
      token: await tokenOf('synerise', 'login-workspace', { apiKey }),
      call: calling('synerise', 'list-tags'),
    },
    {
      name: 'of a visitor',
      dialect: 'synerise',
      token: await tokenOf('synerise', 'login-anonymous', { apiKey: profileKey, uuid: randomUUID() }),
      call: (token) =>
        harness.call('synerise', 'refresh-profile', {
          headers: { authorization: `Bearer ${token}` },
          body: { apiKey: profileKey },
        }),
    },
    {
      name: 'of a person',
      dialect: 'synerise',
      token: await tokenOf('synerise', 'login-profile', login),
      call: calling('synerise', 'own-data'),
    },
    {
      name: 'of a user in the vendor’s API',
      dialect: 'synerise',
      token: await tokenOf('synerise', 'login-user', { username: email, password }),
      call: calling('synerise', 'list-workspaces'),
    },
    {
      name: 'of a user',
      dialect: 'native',
      token: await tokenOf('native', 'log-in', { email, password }),
      call: calling('native', 'get-session'),
    },
  ]
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const signedBy = (claims: JWTPayload, header: JWTHeaderParameters, key: Parameters<SignJWT['sign']>[0]) =>
  new SignJWT(claims).setProtectedHeader(header).sign(key)

/** Tokens whose signature is none, another's, or the wrong kind. */
async function forgeries(token: string): Promise<Record<string, string>> {
  const [head = '', payload = '', signature = ''] = token.split('.')
  const claims = decodeJwt(token)
  const { kid = '' } = decodeProtectedHeader(token)
  const header = { alg: 'RS512', kid }
  const own = { ...(await exportJWK(theirs.publicKey)), kid: 'theirs' }
  const ourKey = createPublicKey({ key: publicKey as Record<string, unknown>, format: 'jwk' })
  const texts = [
    JSON.stringify(publicKey),
    String(ourKey.export({ type: 'spki', format: 'pem' })),
    String(ourKey.export({ type: 'pkcs1', format: 'pem' })),
    publicKey.n ?? '',
    '',
    'secret',
  ]
  const symmetric = await Promise.all(
    ['HS256', 'HS384', 'HS512'].flatMap((alg) =>
      texts
        .filter((text) => text !== '')
        .map(async (text, index) => [
          `${alg} with public text ${index}`,
          await signedBy(claims, { alg, kid }, Buffer.from(text)),
        ]),
    ),
  )
  const odd = ['none', 'None', 'NONE', 'nOnE', 'HS512', 'RS256', 'PS512', '', 'rs512']
  const unsigned = odd.flatMap((alg) => [
    [`${alg} without signature`, `${encode({ alg, kid })}.${payload}.`],
    [`${alg} with the old signature`, `${encode({ alg, kid })}.${payload}.${signature}`],
  ])
  const strangeIds = [
    '',
    'x',
    randomUUID(),
    '../../../../dev/null',
    "' or 1=1 --",
    'http://127.0.0.1:9/k',
    '\u0000',
    `${kid} `,
  ]
  const byStranger = await Promise.all(
    [kid, ...strangeIds].map(async (id) => [
      `another key as ${JSON.stringify(id)}`,
      await signedBy(claims, { alg: 'RS512', kid: id }, theirs.privateKey),
    ]),
  )
  const pointing: JWTHeaderParameters[] = [
    { ...header, jwk: own },
    { ...header, jku: 'http://127.0.0.1:9/keys' },
    { ...header, x5u: 'http://127.0.0.1:9/cert' },
    { alg: 'RS512', jwk: own },
    { alg: 'RS512' },
  ]
  const byPointer = await Promise.all(
    pointing.map(async (each) => [
      `a key beside it: ${Object.keys(each).join()}`,
      await signedBy(claims, each, theirs.privateKey),
    ]),
  )
  const changed = encode({ ...claims, bpi: 2, sub: '1', rlm: 'user' })
  return Object.fromEntries([
    ...symmetric,
    ...unsigned,
    ...byStranger,
    ...byPointer,
    ['a changed payload', `${head}.${changed}.${signature}`],
    ['no signature', `${head}.${payload}.`],
    ['half a signature', `${head}.${payload}.${signature.slice(0, 100)}`],
    ['a fourth part', `${token}.${signature}`],
    ['five parts', `${head}.${payload}.${signature}.${payload}.${signature}`],
    ['a critical header', `${encode({ ...header, crit: ['exp'], exp: 1 })}.${payload}.${signature}`],
    ['an id that is no text', `${encode({ alg: 'RS512', kid: { a: 1 } })}.${payload}.${signature}`],
    ['a header that is no JSON', `${Buffer.from('{{').toString('base64url')}.${payload}.${signature}`],
    ['a huge payload', `${head}.${encode({ a: 'x'.repeat(9_000) })}.${signature}`],
    ['nothing but points', '..'],
  ]) as Record<string, string>
}

/** What our own key would have to sign, if somebody could make it: every claim counts. */
async function misfits(token: string): Promise<Record<string, string>> {
  const claims = decodeJwt(token)
  const seconds = Math.floor(now() / 1_000)
  const without = (name: string): JWTPayload =>
    Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name))
  const cases: Record<string, JWTPayload> = {
    'another audience': { ...claims, aud: 'somewhere' },
    'no audience': without('aud'),
    'another issuer': { ...claims, iss: 'somebody' },
    'no issuer': without('iss'),
    'another realm': { ...claims, rlm: 'god' },
    'no realm': without('rlm'),
    'no end': without('exp'),
    'an end that has passed': { ...claims, exp: seconds - 1 },
    'an end that is text': { ...claims, exp: '9999999999' as unknown as number },
    'not valid yet': { ...claims, nbf: seconds + 3_600 },
    'no subject': without('sub'),
    'a subject that is no number': { ...claims, sub: '1 or 1=1' },
  }
  const { kid, privateKey } = ours
  const signed = Object.entries(cases).map(async ([name, payload]) => [
    name,
    await signedBy(payload, { alg: 'RS512', kid, typ: 'JWT' }, privateKey),
  ])
  return Object.fromEntries(await Promise.all(signed)) as Record<string, string>
}

const NAMES = ['of a workspace', 'of a visitor', 'of a person', 'of a user in the vendor’s API', 'of a user']

describe.each(NAMES)('a token %s', (name) => {
  const kindOf = (): Kind => kinds.find((kind) => kind.name === name)!

  it('opens its call, signed by us and by nobody else', async () => {
    const { call, token } = kindOf()
    expect((await call(token)).status).toBe(200)
    // The control: the same claims, signed again by our key, are as good.
    const { kid, privateKey } = ours
    expect((await call(await signedBy(decodeJwt(token), { alg: 'RS512', kid }, privateKey))).status).toBe(200)
  })

  it('that is forged is refused as if there were none', async () => {
    const { call, token, dialect } = kindOf()
    const forged = await forgeries(token)
    for (const [what, candidate] of Object.entries(forged)) {
      const reply = await call(candidate)
      expect(reply.status, `${what}: ${reply.text}`).toBe(401)
      expectVendorError(dialect, reply, 'unauthenticated')
    }
    note({
      proof: 'walls',
      what: `forged tokens ${name}`,
      value: Object.keys(forged).length,
      bound: 'all refused',
    })
  })

  it('with a claim that is missing or another is refused, even if our own key had signed it', async () => {
    const { call, token, dialect } = kindOf()
    for (const [what, candidate] of Object.entries(await misfits(token))) {
      const reply = await call(candidate)
      expect(reply.status, `${what}: ${reply.text}`).toBe(401)
      expectVendorError(dialect, reply, 'unauthenticated')
    }
  })

  it('opens nothing that is for another kind', async () => {
    const { token } = kindOf()
    // Whoever has logged in may renew a token as a visitor may.
    const alike = name === 'of a person' ? 'of a visitor' : name
    for (const other of kinds.filter((kind) => ![name, alike].includes(kind.name))) {
      const reply = await other.call(token)
      expect([401, 403], `${name} at ${other.name}: ${reply.text}`).toContain(reply.status)
    }
  })
})
