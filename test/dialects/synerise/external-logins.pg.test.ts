import { randomUUID } from 'node:crypto'
import { SignJWT, UnsecuredJWT, decodeJwt, exportSPKI, importJWK } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openWorkspaceSecrets } from '../../../src/core/access/index.ts'
import { now, useClock } from '../../../src/lib/time.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { PASSWORD, newPerson, openPeople, tokenFrom } from '../../setup/accounts.ts'
import type { People, Person } from '../../setup/accounts.ts'
import { openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openGraphServer } from '../../setup/graph-server.ts'
import type { GraphServer } from '../../setup/graph-server.ts'
import { APP, OTHER_APP, openIdentityProvider } from '../../setup/identity-provider.ts'
import type { IdentityProvider, ProviderAccount } from '../../setup/identity-provider.ts'
import { SECRET_KEY } from '../../setup/messages.ts'

const GRAPH_APP = { id: '4711', secret: 'the secret of the app' }

let database: TestDatabase
let harness: Harness
let people: People
let idp: IdentityProvider
let stranger: IdentityProvider
let graph: GraphServer
let restoreClock: () => void = () => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  people = openPeople(harness)
  ;[idp, stranger, graph] = await Promise.all([
    openIdentityProvider(),
    openIdentityProvider(),
    openGraphServer(GRAPH_APP),
  ])
  const [first] = await rowsOf<{ id: number }>(
    database,
    `select workspace_id as id from workspace where name = 'First'`,
    [],
  )
  const secrets = openWorkspaceSecrets(database.db, SECRET_KEY)
  await secrets.save(first?.id ?? 0, 'facebook', GRAPH_APP.secret)
})

afterAll(async () => {
  await harness.close()
  await Promise.all([idp.close(), stranger.close(), graph.close()])
  await database.close()
})

const signed = (): object => ({ audiences: [APP], issuer: idp.issuer, jwksUrl: idp.jwksUrl })

const setUp = (changed: object = {}): Promise<void> =>
  harness.setSettings({
    accountConfirmation: 'automatic',
    identityProviders: {
      google: signed(),
      apple: signed(),
      oauth: { userinfoUrl: idp.userinfoUrl },
      facebook: { appId: GRAPH_APP.id, graphUrl: graph.url },
      ...changed,
    },
  })

beforeEach(() => setUp())

afterEach(() => restoreClock())

/** Somebody with an account at the providers, whose address is proven there or not. */
const somebody = (isVerified = true): Required<ProviderAccount> => {
  const { email, uuid } = newPerson()
  return { sub: uuid, email, email_verified: isVerified }
}

type Vendor = 'GOOGLE' | 'APPLE' | 'OAUTH' | 'FACEBOOK'

/** The token that an app gets from a provider. */
const tokenAt = async (vendor: Vendor, account: ProviderAccount): Promise<string> => {
  if (vendor === 'FACEBOOK') {
    const token = randomUUID()
    const { sub: userId, email } = account
    graph.tokens.set(token, { appId: GRAPH_APP.id, userId, ...(email !== undefined && { email }) })
    return token
  }
  const { idToken, accessToken } = await idp.logIn(account)
  return vendor === 'OAUTH' ? accessToken : idToken
}

const logIn = (identityProvider: Vendor, identityProviderToken: string, more: object = {}): Promise<Reply> =>
  people.call('login-profile', { apiKey: '@profileKey', identityProvider, identityProviderToken, ...more })

const logInConditionally = (identityProvider: Vendor, identityProviderToken: string): Promise<Reply> =>
  people.call('login-profile-conditional', { apiKey: '@profileKey', identityProvider, identityProviderToken })

const dataAfter = async (vendor: Vendor, account: ProviderAccount): Promise<Record<string, unknown>> =>
  people.ownData(tokenFrom(await logIn(vendor, await tokenAt(vendor, account))))

/** Somebody whom the shop knows by the address, with something that only they should see. */
const known = async (email: string): Promise<void> => {
  const reply = await people.call('create-client', { email, attributes: { secret: 'only theirs' } })
  expect(reply.status).toBe(202)
}

const secretIn = ({ attributes }: Record<string, unknown>): unknown =>
  (attributes as Record<string, unknown>)['secret']

const VENDORS: Vendor[] = ['GOOGLE', 'APPLE', 'OAUTH', 'FACEBOOK']

describe.each(VENDORS)('a login by %s', (vendor) => {
  it('makes an account at the first time and is the same person at the second', async () => {
    const account = somebody()
    const data = { attributes: { colour: 'blue' }, agreements: { email: true } }
    const first = await people.ownData(tokenFrom(await logIn(vendor, await tokenAt(vendor, account), data)))
    expect(first).toMatchObject({ attributes: { colour: 'blue' }, agreements: { email: true } })
    expect(await people.timelineOf(first['clientId'])).toEqual(['client.register'])
    const second = await dataAfter(vendor, account)
    expect(second['clientId']).toBe(first['clientId'])
    expect(await people.timelineOf(first['clientId'])).toEqual(['client.register'])
    expect((await dataAfter(vendor, somebody()))['clientId']).not.toBe(first['clientId'])
  })

  it('asks for a registration where the login may not make one', async () => {
    const account = somebody()
    const token = await tokenAt(vendor, account)
    const before = await logInConditionally(vendor, token)
    expect([before.status, before.body]).toMatchObject([200, { status: 'REGISTRATION_REQUIRED' }])
    await dataAfter(vendor, account)
    expect((await logInConditionally(vendor, token)).body).toMatchObject({ status: 'SUCCESS' })
  })

  it('refuses a token that the provider does not know, in both ways of logging in', async () => {
    const reply = await logIn(vendor, 'never.issued.this')
    expect(reply.status, reply.text).toBe(401)
    expect((await logInConditionally(vendor, 'never.issued.this')).body).toMatchObject({
      status: 'UNAUTHORIZED',
    })
  })

  it('refuses a provider that is not set up', async () => {
    const token = await tokenAt(vendor, somebody())
    await harness.setSettings({ identityProviders: {} })
    expect((await logIn(vendor, token)).status).toBe(400)
  })

  it('tells to come again when the provider is down', async () => {
    const account = somebody()
    const token = await tokenAt(vendor, account)
    const gone = await openGraphServer(GRAPH_APP)
    await gone.close()
    const down = { ...signed(), jwksUrl: `${gone.url}/jwks` }
    const oauth = { userinfoUrl: `${gone.url}/me` }
    await setUp({ google: down, apple: down, oauth, facebook: { appId: '4711', graphUrl: gone.url } })
    const reply = await logIn(vendor, token)
    expect(reply.status, reply.text).toBe(503)
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    await setUp()
    expect((await logIn(vendor, token)).status).toBe(200)
  })

  it('does not bring a deleted account back', async () => {
    const account = somebody()
    const token = tokenFrom(await logIn(vendor, await tokenAt(vendor, account)))
    const externalToken = await tokenAt(vendor, account)
    const removed = await people.call('delete-account', { identityProvider: vendor, externalToken }, token)
    expect(removed.status, removed.text).toBe(200)
    expect((await logIn(vendor, await tokenAt(vendor, account))).status).toBe(401)
    expect((await people.call('own-data', undefined, token)).status).toBe(401)
  })

  it('deletes an account by the token of its own person only', async () => {
    const account = somebody()
    const token = tokenFrom(await logIn(vendor, await tokenAt(vendor, account)))
    const remove = async (by: ProviderAccount): Promise<Reply> =>
      people.call(
        'delete-account',
        { identityProvider: vendor, externalToken: await tokenAt(vendor, by) },
        token,
      )
    expect((await remove(somebody())).status).toBe(400)
    expect((await people.call('delete-account', { identityProvider: vendor }, token)).status).toBe(400)
    expect((await remove(account)).status).toBe(200)
  })
})

describe.each(['GOOGLE', 'OAUTH'] as const)('an address that %s has proven', (vendor) => {
  it('joins the profile that holds it', async () => {
    const account = somebody()
    await known(account.email)
    const own = await dataAfter(vendor, account)
    expect(own).toMatchObject({ email: account.email })
    expect(secretIn(own)).toBe('only theirs')
  })

  it('leads to the account that has proven it, too', async () => {
    await harness.setSettings({ accountConfirmation: 'email-activation' })
    const person = newPerson()
    await people.register(person)
    await people.call('activate-account', { token: await people.linkTokenTo(person.email) })
    const before = await people.ownData(tokenFrom(await people.logIn(person)))
    const own = await dataAfter(vendor, { ...somebody(), email: person.email })
    expect(own['clientId']).toBe(before['clientId'])
    expect((await people.logIn(person)).status).toBe(200)
  })

  it.each(['automatic', 'email-activation', 'email-confirmation', 'pin'])(
    'is taken from whoever claimed it without proof (%s), with everything that they were logged in to',
    async (accountConfirmation) => {
      await harness.setSettings({ accountConfirmation })
      const account = somebody()
      const squatter: Person = { ...newPerson(), email: account.email }
      await people.register(squatter)
      const attempt = await people.logIn(squatter)
      const squat = attempt.status === 200 ? tokenFrom(attempt) : undefined
      const token = tokenFrom(await logIn(vendor, await tokenAt(vendor, account)))
      await people.call('update-own-data', { attributes: { secret: 'only theirs' } }, token)
      expect(await people.ownData(token)).toMatchObject({ email: account.email })
      expect((await people.logIn(squatter)).status).toBe(401)
      if (squat !== undefined) {
        expect((await people.call('own-data', undefined, squat)).status).toBe(401)
        expect((await people.call('refresh-profile', { apiKey: '@profileKey' }, squat)).status).toBe(401)
      }
      expect(secretIn(await dataAfter(vendor, account))).toBe('only theirs')
    },
  )

  it('is no proof where an e-mail identifies nobody', async () => {
    await harness.setSettings({ emailIdentity: 'contact' })
    const account = somebody()
    const own = await dataAfter(vendor, account)
    await harness.setSettings({ emailIdentity: 'unique' })
    expect(own['email'] ?? null).toBeNull()
  })
})

describe.each(['GOOGLE', 'FACEBOOK'] as const)('an address that %s has not proven', (vendor) => {
  it('joins nothing until the link to it was opened', async () => {
    const account = somebody(false)
    await known(account.email)
    expect(secretIn(await dataAfter(vendor, account))).toBeUndefined()
    expect((await people.messageTo(account.email)).template).toBe('email-confirmation')
    await people.call('activate-account', { token: await people.linkTokenTo(account.email) })
    expect(secretIn(await dataAfter(vendor, account))).toBe('only theirs')
  })

  it('leads to no account that has it', async () => {
    const person = newPerson()
    await people.register(person)
    const before = await people.ownData(tokenFrom(await people.logIn(person)))
    const own = await dataAfter(vendor, { ...somebody(false), email: person.email })
    expect(own['clientId']).not.toBe(before['clientId'])
    expect((await people.logIn(person)).status).toBe(200)
  })
})

describe('a token', () => {
  /** What a login answers to it; never with the token itself. */
  const statusOf = async (token: string): Promise<number> => {
    const { status, text } = await logIn('GOOGLE', token)
    expect(text).not.toContain(token.slice(0, 40))
    return status
  }

  const claimsOf = async (): Promise<Record<string, unknown>> => {
    const { idToken } = await idp.logIn(somebody())
    return decodeJwt(idToken)
  }

  it('counts when the key of the provider signed it, and nothing is changed about it', async () => {
    const claims = await claimsOf()
    expect((await logIn('GOOGLE', await idp.sign(claims))).status).toBe(200)
    const [head = '', , signature = ''] = (await idp.sign(claims)).split('.')
    const body = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody else' })).toString('base64url')
    expect(await statusOf(`${head}.${body}.${signature}`)).toBe(401)
  })

  it('of another app is refused', async () => {
    expect(await statusOf((await idp.logIn(somebody(), OTHER_APP)).idToken)).toBe(401)
  })

  it('of another provider is refused, also when it names this one as its issuer', async () => {
    expect(await statusOf((await stranger.logIn(somebody())).idToken)).toBe(401)
    expect(await statusOf(await stranger.sign(await claimsOf()))).toBe(401)
  })

  it('with another issuer is refused', async () => {
    expect(await statusOf(await idp.sign({ ...(await claimsOf()), iss: stranger.issuer }))).toBe(401)
  })

  it('is refused when it has expired or never does', async () => {
    const { idToken } = await idp.logIn(somebody())
    const { exp: _exp, ...endless } = await claimsOf()
    expect(await statusOf(await idp.sign(endless))).toBe(401)
    const at = now() + 2 * 3_600_000
    restoreClock = useClock(() => at)
    expect(await statusOf(idToken)).toBe(401)
  })

  it('without a signature, or signed with the public key as if it were a secret, is refused', async () => {
    const claims = await claimsOf()
    expect(await statusOf(new UnsecuredJWT(claims).encode())).toBe(401)
    const publicKey = await importJWK({ ...idp.publicKey, ext: true }, 'RS256')
    if (publicKey instanceof Uint8Array) throw new Error('not a public key')
    const header = { alg: 'HS256', kid: idp.publicKey.kid ?? '' }
    const secrets = [await exportSPKI(publicKey), JSON.stringify(idp.publicKey), idp.publicKey.n ?? '']
    for (const secret of secrets)
      expect(
        await statusOf(await new SignJWT(claims).setProtectedHeader(header).sign(Buffer.from(secret))),
      ).toBe(401)
  })

  it('for an app says nothing to another provider of the same workspace', async () => {
    const account = somebody()
    const google = await dataAfter('GOOGLE', account)
    const apple = await dataAfter('APPLE', { ...account, email: newPerson().email })
    expect(apple['clientId']).not.toBe(google['clientId'])
  })

  it('of Facebook for another app, or one that is no longer valid, is refused', async () => {
    graph.tokens.set('of-another-app', { appId: '4712', userId: 'u1' })
    graph.tokens.set('ended', { appId: GRAPH_APP.id, userId: 'u1', isValid: false })
    for (const token of ['of-another-app', 'ended']) expect((await logIn('FACEBOOK', token)).status).toBe(401)
  })

  it('is required, and never in the ledger, under none of its names', async () => {
    expect((await logIn('GOOGLE', '')).status).toBe(400)
    const account = somebody()
    const token = tokenFrom(await logIn('GOOGLE', await tokenAt('GOOGLE', account)))
    const bodies = {
      'login-profile': {
        apiKey: '@profileKey',
        identityProvider: 'GOOGLE',
        identityProviderToken: 'ledger-1',
      },
      'delete-account': { identityProvider: 'GOOGLE', externalToken: 'ledger-2' },
      'delete-account-oauth': { accessToken: 'ledger-3' },
      'delete-account-facebook': { facebookToken: 'ledger-4' },
      'change-password': { oldPassword: 'ledger-5', password: 'ledger-6' },
      'activate-account': { token: 'ledger-7' },
      'confirm-registration-pin': { email: account.email, pinCode: 'ledger-8', deviceId: 'none' },
      'confirm-phone-change': { phone: '+48111222333', confirmationCode: 'ledger-9' },
    }
    for (const [operation, body] of Object.entries(bodies)) {
      const reply = await people.call(operation, body, operation === 'login-profile' ? undefined : token)
      expect(reply.status, operation).toBeGreaterThanOrEqual(400)
    }
    const kept = (): Promise<{ row: string }[]> =>
      rowsOf(database, 'select rejection::text as row from rejection', [])
    await vi.waitFor(async () =>
      expect((await kept()).filter(({ row }) => row.includes('confirm-phone-change'))).toHaveLength(1),
    )
    expect((await kept()).filter(({ row }) => row.includes('ledger-'))).toEqual([])
  })
})

describe('a provider that answers nonsense', () => {
  it('is in trouble itself; the token is not blamed', async () => {
    const { idToken, accessToken } = await idp.logIn(somebody())
    const google = { ...signed(), jwksUrl: `${idp.issuer}/.well-known/openid-configuration` }
    const apple = { ...signed(), jwksUrl: `${idp.issuer}/no-such-page` }
    await setUp({ google, apple, oauth: { userinfoUrl: `${idp.issuer}/no-such-page` } })
    const replies = [
      await logIn('GOOGLE', idToken),
      await logIn('APPLE', idToken),
      await logIn('OAUTH', accessToken),
    ]
    expect(replies.map(({ status }) => status)).toEqual([503, 503, 503])
  })
})

describe('one person at the same moment', () => {
  it('gets one account, and is registered once', async () => {
    const account = somebody()
    const token = await tokenAt('GOOGLE', account)
    const replies = await Promise.all(Array.from({ length: 6 }, () => logIn('GOOGLE', token)))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    const own = await Promise.all(replies.map((reply) => people.ownData(tokenFrom(reply))))
    const [clientId, ...others] = new Set(own.map((data) => data['clientId']))
    expect(others).toEqual([])
    expect(await people.timelineOf(clientId)).toEqual(['client.register'])
    const [row] = await rowsOf<{ count: number }>(
      database,
      'select count(*)::int as count from account_identity where subject = $1',
      [account.sub],
    )
    expect(row?.count).toBe(1)
  })
})

describe('the deprecated operations of an account', () => {
  it.each([
    ['delete-account-oauth', 'OAUTH', 'accessToken'],
    ['delete-account-apple', 'APPLE', 'accessToken'],
    ['delete-account-facebook', 'FACEBOOK', 'facebookToken'],
  ] as const)('%s takes a token of its provider', async (operation, vendor, field) => {
    const account = somebody()
    const token = tokenFrom(await logIn(vendor, await tokenAt(vendor, account)))
    const wrong = await people.call(operation, { [field]: await tokenAt(vendor, somebody()) }, token)
    expect(wrong.status, wrong.text).toBe(400)
    const removed = await people.call(operation, { [field]: await tokenAt(vendor, account) }, token)
    expect(removed.status, removed.text).toBe(200)
    expect((await people.call('own-data', undefined, token)).status).toBe(401)
  })

  it('changes the address of who logs in by Facebook, and of nobody else', async () => {
    const account = somebody()
    const token = tokenFrom(await logIn('FACEBOOK', await tokenAt('FACEBOOK', account)))
    const { email } = newPerson()
    const ask = (of: string): Promise<Reply> =>
      people.call('request-email-change-facebook', { email, uuid: randomUUID() }, of)
    const asked = await ask(token)
    expect(asked.status, asked.text).toBe(200)
    const link = await people.linkTokenTo(email)
    expect((await people.call('confirm-email-change', { token: link }, token)).status).toBe(200)
    expect(await people.ownData(token)).toMatchObject({ email })
    const person = newPerson()
    await people.register(person)
    expect((await ask(tokenFrom(await people.logIn(person, PASSWORD)))).status).toBe(400)
  })
})
