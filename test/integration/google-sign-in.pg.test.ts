import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { CryptoKey } from 'jose'
import { SignJWT, exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openAttempts, openOperators, openSessions } from '../../src/core/access/index.ts'
import { openLogins } from '../../src/core/users/index.ts'
import type { Logins } from '../../src/core/users/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration } from '../../src/core/workspaces/index.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

const ISSUER = 'https://issuer.example'
const AUDIENCE = 'client-id'
const EMAIL = 'ann@example.com'

let database: TestDatabase
let provider: Server
let logins: Logins
let keys: Awaited<ReturnType<typeof generateKeyPair>>

beforeAll(async () => {
  database = await openTestDatabase()
  keys = await generateKeyPair('RS256')
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256' }] }
  provider = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks))
  })
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
  const address = provider.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const guid = '11111111-1111-4111-8111-111111111111'
  const workspaces = [{ name: 'Shop', guid, settings: DEFAULT_SETTINGS, keys: [] }]
  const users = [
    { email: EMAIL, password: 'a sentence of words', role: 'member', workspaces: ['Shop'] } as const,
  ]
  const { db } = database
  await applyDeclaration(db, { workspaces, users }, 'config')
  logins = openLogins({
    db,
    sessions: openSessions(db),
    attempts: openAttempts(db),
    operators: openOperators(db),
    google: { audience: AUDIENCE, issuer: ISSUER, keySet: `http://127.0.0.1:${port}/keys` },
  })
})

afterAll(async () => {
  await new Promise((resolve) => provider.close(resolve))
  await database.close()
})

interface Claims {
  email?: string
  verified?: boolean
  issuer?: string
  audience?: string
  key?: CryptoKey
}

const tokenOf = ({ email = EMAIL, verified = true, issuer = ISSUER, audience = AUDIENCE, key }: Claims) =>
  new SignJWT({ email, email_verified: verified })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime('1h')
    .sign(key ?? keys.privateKey)

const signIn = async (claims: Claims) =>
  logins.withGoogle(await tokenOf(claims), { address: '192.0.2.1', lifeSeconds: 60 })

it('a verified e-mail of a user logs that user in, in any letter case', async () => {
  expect((await signIn({ email: 'Ann@Example.com' })).operator.email).toBe(EMAIL)
})

it('any other token is refused alike', async () => {
  const { privateKey: foreign } = await generateKeyPair('RS256')
  const refused: Claims[] = [
    { email: 'nobody@example.com' },
    { verified: false },
    { issuer: 'https://other.example' },
    { audience: 'another client' },
    { key: foreign },
  ]
  for (const claims of refused)
    await expect(signIn(claims)).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
  const noToken = logins.withGoogle('x', { address: '192.0.2.1', lifeSeconds: 60 })
  await expect(noToken).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
})
