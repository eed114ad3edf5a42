import { randomUUID } from 'node:crypto'
import { SignJWT, UnsecuredJWT, decodeJwt, exportSPKI, importJWK } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { now, useClock } from '../../../src/lib/time.ts'
import type { Reply } from '../../contract/harness.ts'
import { PASSWORD, newPerson, tokenFrom } from '../../setup/accounts.ts'
import { rowsOf } from '../../setup/database.ts'
import { GRAPH_APP, openExternalLogins, somebody } from '../../setup/external-logins.ts'
import type { ExternalLogins } from '../../setup/external-logins.ts'
import { APP, CLIENT_SECRET, OTHER_APP, openIdentityProvider } from '../../setup/identity-provider.ts'
import type { IdentityProvider } from '../../setup/identity-provider.ts'
import { eventually } from '../../setup/eventually.ts'

let logins: ExternalLogins
let stranger: IdentityProvider
let restoreClock: () => void = () => undefined

beforeAll(async () => {
  ;[logins, stranger] = await Promise.all([openExternalLogins(), openIdentityProvider()])
})

afterAll(() => Promise.all([logins.close(), stranger.close()]))

beforeEach(() => logins.setUp())

afterEach(() => restoreClock())

describe('a token', () => {
  /** What a login answers to it; never with the token itself. */
  const statusOf = async (token: string): Promise<number> => {
    const { status, text } = await logins.logIn('GOOGLE', token)
    expect(text).not.toContain(token.slice(0, 40))
    return status
  }

  const claimsOf = async (): Promise<Record<string, unknown>> => {
    const { idToken } = await logins.idp.logIn(somebody())
    return decodeJwt(idToken)
  }

  it('counts when the key of the provider signed it, and nothing is changed about it', async () => {
    const claims = await claimsOf()
    expect((await logins.logIn('GOOGLE', await logins.idp.sign(claims))).status).toBe(200)
    const [head = '', , signature = ''] = (await logins.idp.sign(claims)).split('.')
    const body = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody else' })).toString('base64url')
    expect(await statusOf(`${head}.${body}.${signature}`)).toBe(401)
  })

  it('of another app is refused', async () => {
    expect(await statusOf((await logins.idp.logIn(somebody(), OTHER_APP)).idToken)).toBe(401)
  })

  it('of another provider is refused, also when it names this one as its issuer', async () => {
    expect(await statusOf((await stranger.logIn(somebody())).idToken)).toBe(401)
    expect(await statusOf(await stranger.sign(await claimsOf()))).toBe(401)
  })

  it('with another issuer is refused', async () => {
    expect(await statusOf(await logins.idp.sign({ ...(await claimsOf()), iss: stranger.issuer }))).toBe(401)
  })

  it('is refused when it has expired or never does', async () => {
    const { idToken } = await logins.idp.logIn(somebody())
    const { exp: _exp, ...endless } = await claimsOf()
    expect(await statusOf(await logins.idp.sign(endless))).toBe(401)
    const at = now() + 2 * 3_600_000
    restoreClock = useClock(() => at)
    expect(await statusOf(idToken)).toBe(401)
  })

  it('without a signature, or signed with the public key as if it were a secret, is refused', async () => {
    const claims = await claimsOf()
    expect(await statusOf(new UnsecuredJWT(claims).encode())).toBe(401)
    const publicKey = await importJWK({ ...logins.idp.publicKey, ext: true }, 'RS256')
    if (publicKey instanceof Uint8Array) throw new Error('not a public key')
    const header = { alg: 'HS256', kid: logins.idp.publicKey.kid ?? '' }
    const secrets = [
      await exportSPKI(publicKey),
      JSON.stringify(logins.idp.publicKey),
      logins.idp.publicKey.n ?? '',
    ]
    for (const secret of secrets)
      expect(
        await statusOf(await new SignJWT(claims).setProtectedHeader(header).sign(Buffer.from(secret))),
      ).toBe(401)
  })

  it('for an app says nothing to another provider of the same workspace', async () => {
    const account = somebody()
    const google = await logins.dataAfter('GOOGLE', account)
    const apple = await logins.dataAfter('APPLE', { ...account, email: newPerson().email })
    expect(apple['clientId']).not.toBe(google['clientId'])
  })

  it('of Facebook for another app, or one that is no longer valid, is refused', async () => {
    logins.graph.tokens.set('of-another-app', { appId: '4712', userId: 'u1' })
    logins.graph.tokens.set('ended', { appId: GRAPH_APP.id, userId: 'u1', isValid: false })
    for (const token of ['of-another-app', 'ended'])
      expect((await logins.logIn('FACEBOOK', token)).status).toBe(401)
  })

  it('is required, and never in the ledger, under none of its names', async () => {
    expect((await logins.logIn('GOOGLE', '')).status).toBe(400)
    const account = somebody()
    const token = tokenFrom(await logins.logIn('GOOGLE', await logins.tokenAt('GOOGLE', account)))
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
      const reply = await logins.people.call(
        operation,
        body,
        operation === 'login-profile' ? undefined : token,
      )
      expect(reply.status, operation).toBeGreaterThanOrEqual(400)
    }
    const kept = (): Promise<{ row: string }[]> =>
      rowsOf(logins.database, 'select rejection::text as row from rejection', [])
    await eventually(async () =>
      expect((await kept()).filter(({ row }) => row.includes('confirm-phone-change'))).toHaveLength(1),
    )
    expect((await kept()).filter(({ row }) => row.includes('ledger-'))).toEqual([])
  })
})

describe('a provider that answers nonsense', () => {
  it('is in trouble itself; the token is not blamed', async () => {
    const { idToken, accessToken } = await logins.idp.logIn(somebody())
    const google = { ...logins.signed(), jwksUrl: `${logins.idp.issuer}/.well-known/openid-configuration` }
    const apple = { ...logins.signed(), jwksUrl: `${logins.idp.issuer}/no-such-page` }
    await logins.setUp({ google, apple, oauth: { userinfoUrl: `${logins.idp.issuer}/no-such-page` } })
    const replies = [
      await logins.logIn('GOOGLE', idToken),
      await logins.logIn('APPLE', idToken),
      await logins.logIn('OAUTH', accessToken),
    ]
    expect(replies.map(({ status }) => status)).toEqual([503, 503, 503])
  })
})

describe('the deprecated operations of an account', () => {
  it.each([
    ['delete-account-oauth', 'OAUTH', 'accessToken'],
    ['delete-account-apple', 'APPLE', 'accessToken'],
    ['delete-account-facebook', 'FACEBOOK', 'facebookToken'],
  ] as const)('%s takes a token of its provider', async (operation, vendor, field) => {
    const account = somebody()
    const token = tokenFrom(await logins.logIn(vendor, await logins.tokenAt(vendor, account)))
    const wrong = await logins.people.call(
      operation,
      { [field]: await logins.tokenAt(vendor, somebody()) },
      token,
    )
    expect(wrong.status, wrong.text).toBe(400)
    const removed = await logins.people.call(
      operation,
      { [field]: await logins.tokenAt(vendor, account) },
      token,
    )
    expect(removed.status, removed.text).toBe(200)
    expect((await logins.people.call('own-data', undefined, token)).status).toBe(401)
  })

  it('changes the address of who logs in by Facebook, and of nobody else', async () => {
    const account = somebody()
    const token = tokenFrom(await logins.logIn('FACEBOOK', await logins.tokenAt('FACEBOOK', account)))
    const { email } = newPerson()
    const ask = (of: string, facebookToken?: string): Promise<Reply> =>
      logins.people.call(
        'request-email-change-facebook',
        { email, uuid: randomUUID(), ...(facebookToken !== undefined && { facebookToken }) },
        of,
      )
    // A login that was stolen is not enough.
    expect((await ask(token)).status).toBe(400)
    const asked = await ask(token, await logins.tokenAt('FACEBOOK', account))
    expect(asked.status, asked.text).toBe(200)
    const link = await logins.people.linkTokenTo(email)
    expect((await logins.people.call('confirm-email-change', { token: link }, token)).status).toBe(200)
    expect(await logins.people.ownData(token)).toMatchObject({ email })
    const person = newPerson()
    await logins.people.register(person)
    expect((await ask(tokenFrom(await logins.people.logIn(person, PASSWORD)))).status).toBe(400)
  })
})

describe('an access token that the provider is asked about', () => {
  const setUp = async (parts: { userinfo: boolean }, audiences = [APP]): Promise<void> => {
    const { introspectionUrl: url, userinfoUrl } = logins.idp
    const introspection = { url, clientId: APP, audiences }
    await logins.setUp({ oauth: { introspection, ...(parts.userinfo && { userinfoUrl }) } })
  }

  const putSecret = async (secret: string): Promise<void> => {
    const kept = await logins.harness.call('native', 'put-secret', {
      params: { name: 'oauth' },
      body: { secret },
    })
    expect(kept.status).toBeLessThan(300)
  }

  it('logs in for one of our apps, with the address that userinfo tells or without one', async () => {
    await putSecret(CLIENT_SECRET)
    const account = somebody()
    await setUp({ userinfo: false })
    const { accessToken } = await logins.idp.logIn(account)
    const own = await logins.people.ownData(tokenFrom(await logins.logIn('OAUTH', accessToken)))
    expect(own['email']).toBeNull()
    await setUp({ userinfo: true })
    const other = somebody()
    expect((await logins.dataAfter('OAUTH', other))['email']).toBe(other.email)
  })

  it('is refused when it was made for another app, or is none', async () => {
    await putSecret(CLIENT_SECRET)
    await setUp({ userinfo: true })
    const { accessToken } = await logins.idp.logIn(somebody(), OTHER_APP)
    for (const token of [accessToken, 'nonsense'])
      expect((await logins.logIn('OAUTH', token)).status).toBe(401)
  })

  it('says nothing while the workspace has no secret for its client, or a wrong one', async () => {
    await setUp({ userinfo: false })
    const { accessToken } = await logins.idp.logIn(somebody())
    await putSecret('wrong')
    expect((await logins.logIn('OAUTH', accessToken)).status).toBe(503)
    await logins.harness.call('native', 'delete-secret', { params: { name: 'oauth' } })
    expect((await logins.logIn('OAUTH', accessToken)).status).toBe(400)
  })
})
