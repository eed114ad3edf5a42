import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Reply } from '../../contract/harness.ts'
import { PASSWORD, newPerson, tokenFrom } from '../../setup/accounts.ts'
import type { Person } from '../../setup/accounts.ts'
import { rowsOf } from '../../setup/database.ts'
import { GRAPH_APP, VENDORS, openExternalLogins, somebody } from '../../setup/external-logins.ts'
import type { ExternalLogins } from '../../setup/external-logins.ts'
import { openGraphServer } from '../../setup/graph-server.ts'
import type { ProviderAccount } from '../../setup/identity-provider.ts'

let logins: ExternalLogins

beforeAll(async () => {
  logins = await openExternalLogins()
})

afterAll(() => logins.close())

beforeEach(() => logins.setUp())

/** Somebody whom the shop knows by the address, with something that only they should see. */
const known = async (email: string): Promise<void> => {
  const reply = await logins.people.call('create-client', { email, attributes: { secret: 'only theirs' } })
  expect(reply.status).toBe(202)
}

const secretIn = ({ attributes }: Record<string, unknown>): unknown =>
  (attributes as Record<string, unknown>)['secret']

describe.each(VENDORS)('a login by %s', (vendor) => {
  it('makes an account at the first time and is the same person at the second', async () => {
    const account = somebody()
    const data = { attributes: { colour: 'blue' }, agreements: { email: true } }
    const first = await logins.people.ownData(
      tokenFrom(await logins.logIn(vendor, await logins.tokenAt(vendor, account), data)),
    )
    expect(first).toMatchObject({ attributes: { colour: 'blue' }, agreements: { email: true } })
    expect(await logins.people.timelineOf(first['clientId'])).toEqual(['client.register'])
    const second = await logins.dataAfter(vendor, account)
    expect(second['clientId']).toBe(first['clientId'])
    expect(await logins.people.timelineOf(first['clientId'])).toEqual(['client.register'])
    expect((await logins.dataAfter(vendor, somebody()))['clientId']).not.toBe(first['clientId'])
  })

  it('asks for a registration where the login may not make one', async () => {
    const account = somebody()
    const token = await logins.tokenAt(vendor, account)
    const before = await logins.logInConditionally(vendor, token)
    expect([before.status, before.body]).toMatchObject([200, { status: 'REGISTRATION_REQUIRED' }])
    await logins.dataAfter(vendor, account)
    expect((await logins.logInConditionally(vendor, token)).body).toMatchObject({ status: 'SUCCESS' })
  })

  it('refuses a token that the provider does not know, in both ways of logging in', async () => {
    const reply = await logins.logIn(vendor, 'never.issued.this')
    expect(reply.status, reply.text).toBe(401)
    expect((await logins.logInConditionally(vendor, 'never.issued.this')).body).toMatchObject({
      status: 'UNAUTHORIZED',
    })
  })

  it('refuses a provider that is not set up', async () => {
    const token = await logins.tokenAt(vendor, somebody())
    await logins.harness.setSettings({ identityProviders: {} })
    expect((await logins.logIn(vendor, token)).status).toBe(400)
  })

  it('tells to come again when the provider is down', async () => {
    const account = somebody()
    const token = await logins.tokenAt(vendor, account)
    const gone = await openGraphServer(GRAPH_APP)
    await gone.close()
    const down = { ...logins.signed(), jwksUrl: `${gone.url}/jwks` }
    const oauth = { userinfoUrl: `${gone.url}/me` }
    await logins.setUp({ google: down, apple: down, oauth, facebook: { appId: '4711', graphUrl: gone.url } })
    const reply = await logins.logIn(vendor, token)
    expect(reply.status, reply.text).toBe(503)
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    await logins.setUp()
    expect((await logins.logIn(vendor, token)).status).toBe(200)
  })

  it('does not bring a deleted account back', async () => {
    const account = somebody()
    const token = tokenFrom(await logins.logIn(vendor, await logins.tokenAt(vendor, account)))
    const externalToken = await logins.tokenAt(vendor, account)
    const removed = await logins.people.call(
      'delete-account',
      { identityProvider: vendor, externalToken },
      token,
    )
    expect(removed.status, removed.text).toBe(200)
    expect((await logins.logIn(vendor, await logins.tokenAt(vendor, account))).status).toBe(401)
    expect((await logins.people.call('own-data', undefined, token)).status).toBe(401)
  })

  it('deletes an account by the token of its own person only', async () => {
    const account = somebody()
    const token = tokenFrom(await logins.logIn(vendor, await logins.tokenAt(vendor, account)))
    const remove = async (by: ProviderAccount): Promise<Reply> =>
      logins.people.call(
        'delete-account',
        { identityProvider: vendor, externalToken: await logins.tokenAt(vendor, by) },
        token,
      )
    expect((await remove(somebody())).status).toBe(400)
    expect((await logins.people.call('delete-account', { identityProvider: vendor }, token)).status).toBe(400)
    expect((await remove(account)).status).toBe(200)
  })
})

describe.each(['GOOGLE', 'OAUTH'] as const)('an address that %s has proven', (vendor) => {
  it('joins the profile that holds it', async () => {
    const account = somebody()
    await known(account.email)
    const own = await logins.dataAfter(vendor, account)
    expect(own).toMatchObject({ email: account.email })
    expect(secretIn(own)).toBe('only theirs')
  })

  it('leads to the account that has proven it, too', async () => {
    await logins.harness.setSettings({ accountConfirmation: 'email-activation' })
    const person = newPerson()
    await logins.people.register(person)
    await logins.people.call('activate-account', { token: await logins.people.linkTokenTo(person.email) })
    const before = await logins.people.ownData(tokenFrom(await logins.people.logIn(person)))
    const own = await logins.dataAfter(vendor, { ...somebody(), email: person.email })
    expect(own['clientId']).toBe(before['clientId'])
    expect((await logins.people.logIn(person)).status).toBe(200)
  })

  it.each(['automatic', 'email-activation', 'email-confirmation', 'pin'])(
    'is taken from whoever claimed it without proof (%s), with everything that they were logged in to',
    async (accountConfirmation) => {
      await logins.harness.setSettings({ accountConfirmation })
      const account = somebody()
      const squatter: Person = { ...newPerson(), email: account.email }
      await logins.people.register(squatter)
      const attempt = await logins.people.logIn(squatter)
      const squat = attempt.status === 200 ? tokenFrom(attempt) : undefined
      const token = tokenFrom(await logins.logIn(vendor, await logins.tokenAt(vendor, account)))
      await logins.people.call('update-own-data', { attributes: { secret: 'only theirs' } }, token)
      expect(await logins.people.ownData(token)).toMatchObject({ email: account.email })
      expect((await logins.people.logIn(squatter)).status).toBe(401)
      if (squat !== undefined) {
        expect((await logins.people.call('own-data', undefined, squat)).status).toBe(401)
        expect((await logins.people.call('refresh-profile', { apiKey: '@profileKey' }, squat)).status).toBe(
          401,
        )
      }
      expect(secretIn(await logins.dataAfter(vendor, account))).toBe('only theirs')
    },
  )

  it('is no proof where an e-mail identifies nobody', async () => {
    const account = somebody()
    await known(account.email)
    await logins.harness.setSettings({ emailIdentity: 'contact' })
    const own = await logins.dataAfter(vendor, account)
    await logins.harness.setSettings({ emailIdentity: 'unique' })
    expect([own['email'], secretIn(own)]).toEqual([account.email, undefined])
  })
})

describe.each(['GOOGLE', 'FACEBOOK'] as const)('an address that %s has not proven', (vendor) => {
  it('joins nothing until the link to it was opened', async () => {
    const account = somebody(false)
    await known(account.email)
    expect(secretIn(await logins.dataAfter(vendor, account))).toBeUndefined()
    expect((await logins.people.messageTo(account.email)).template).toBe('email-confirmation')
    await logins.people.call('activate-account', { token: await logins.people.linkTokenTo(account.email) })
    expect(secretIn(await logins.dataAfter(vendor, account))).toBe('only theirs')
  })

  it('is lost, with the identity, to the owner of the mailbox who sets a password', async () => {
    const account = somebody(false)
    await known(account.email)
    await logins.dataAfter(vendor, account)
    await logins.people.call('request-password-reset', { email: account.email })
    const token = await logins.people.linkTokenTo(account.email)
    const reset = await logins.people.call('confirm-password-reset', { token, password: PASSWORD })
    expect(reset.status, reset.text).toBe(200)
    const owner = tokenFrom(await logins.people.logIn({ ...newPerson(), email: account.email }))
    expect(secretIn(await logins.people.ownData(owner))).toBe('only theirs')
    expect(secretIn(await logins.dataAfter(vendor, account))).toBeUndefined()
  })

  it('leads to no account that has it', async () => {
    const person = newPerson()
    await logins.people.register(person)
    const before = await logins.people.ownData(tokenFrom(await logins.people.logIn(person)))
    const own = await logins.dataAfter(vendor, { ...somebody(false), email: person.email })
    expect(own['clientId']).not.toBe(before['clientId'])
    expect((await logins.people.logIn(person)).status).toBe(200)
  })
})

describe('one person at the same moment', () => {
  it('gets one account, and is registered once', async () => {
    const account = somebody()
    const token = await logins.tokenAt('GOOGLE', account)
    const replies = await Promise.all(Array.from({ length: 6 }, () => logins.logIn('GOOGLE', token)))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
    const own = await Promise.all(replies.map((reply) => logins.people.ownData(tokenFrom(reply))))
    const [clientId, ...others] = new Set(own.map((data) => data['clientId']))
    expect(others).toEqual([])
    expect(await logins.people.timelineOf(clientId)).toEqual(['client.register'])
    const [row] = await rowsOf<{ count: number }>(
      logins.database,
      'select count(*)::int as count from account_identity where subject = $1',
      [account.sub],
    )
    expect(row?.count).toBe(1)
  })
})
