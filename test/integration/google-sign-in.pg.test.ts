import type { CryptoKey, JWTPayload } from 'jose'
import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openAttempts, openOperators, openSessions } from '../../src/core/access/index.ts'
import { openLogins } from '../../src/core/users/index.ts'
import type { Logins } from '../../src/core/users/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration } from '../../src/core/workspaces/index.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { openTestGoogle } from '../setup/google.ts'
import type { TestGoogle } from '../setup/google.ts'

const EMAIL = 'ann@example.com'

let database: TestDatabase
let google: TestGoogle
let logins: Logins

beforeAll(async () => {
  database = await openTestDatabase()
  google = await openTestGoogle()
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
    google: google.settings,
  })
})

afterAll(async () => {
  await google.close()
  await database.close()
})

const from = { address: '192.0.2.1', lifeSeconds: 60 }

const signIn = async (claims: JWTPayload, more: { key?: CryptoKey; nonce?: string } = {}) => {
  const { key, ...asked } = more
  const token = await google.tokenOf({ email: EMAIL, email_verified: true, ...claims }, key)
  return logins.withGoogle(token, { ...from, ...asked })
}

it('a verified e-mail of a user logs that user in, in any letter case', async () => {
  expect((await signIn({ email: 'Ann@Example.com' })).operator.email).toBe(EMAIL)
})

it('a token that a browser asked for must name what it asked with', async () => {
  const nonce = 'what the browser asked with'
  expect((await signIn({ nonce }, { nonce })).operator.email).toBe(EMAIL)
  for (const claims of [{ nonce: 'another' }, {}])
    await expect(signIn(claims, { nonce })).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
})

it('any other token is refused alike', async () => {
  const { privateKey: foreign } = await generateKeyPair('RS256')
  const refused: Parameters<typeof signIn>[] = [
    [{ email: 'nobody@example.com' }],
    [{ email_verified: false }],
    [{ iss: 'https://other.example' }],
    [{ aud: 'another client' }],
    [{}, { key: foreign }],
  ]
  for (const given of refused)
    await expect(signIn(...given)).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
  await expect(logins.withGoogle('x', from)).rejects.toMatchObject({ code: 'CDP_LOGIN_FAILED' })
})
