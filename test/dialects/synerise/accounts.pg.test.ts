import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomUUID } from 'node:crypto'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { PASSWORD, newPerson, openPeople, tokenFrom } from '../../setup/accounts.ts'
import type { People, Person } from '../../setup/accounts.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let people: People

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  people = openPeople(harness)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const call: People['call'] = (...given) => people.call(...given)

const setMode = (accountConfirmation: string): Promise<void> => harness.setSettings({ accountConfirmation })

const secretOf = async (token: string): Promise<unknown> =>
  ((await people.ownData(token))['attributes'] as Record<string, unknown>)['secret']

describe('a login', () => {
  beforeEach(() => setMode('automatic'))

  it('answers a wrong password and an unknown person alike, and 423 to whoever goes on guessing', async () => {
    const person = newPerson()
    await people.register(person)
    const [wrong, unknown] = [await people.logIn(person, 'Wrong1!!'), await people.logIn(newPerson())]
    const shown = ({ status, body }: Reply): object => {
      const { timestamp: _at, traceId: _id, ...rest } = body as Record<string, unknown>
      return { status, ...rest }
    }
    expect(shown(wrong)).toEqual(shown(unknown))
    for (let tries = 1; tries < 6; tries++) await people.logIn(person, 'Wrong1!!')
    const blocked = await people.logIn(person)
    expect(blocked.status).toBe(423)
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('does not hand over the profile that holds a uuid', async () => {
    const victim = newPerson()
    const visitor = await people.anonymous(victim)
    await people.register({ ...victim, email: `v-${victim.email}` }, visitor, {
      attributes: { secret: 'victim' },
    })
    const attacker = { ...newPerson(), uuid: victim.uuid }
    await people.register({ ...attacker, uuid: randomUUID() })
    expect(await secretOf(tokenFrom(await people.logIn(attacker)))).toBeUndefined()
    // A visitor with a known uuid may not become the account of that profile.
    const stolen = await people.anonymous({ ...attacker, deviceId: 'stolen' })
    const second = { ...newPerson(), uuid: victim.uuid }
    await people.register(second, stolen)
    expect(await secretOf(tokenFrom(await people.logIn({ ...second, uuid: randomUUID() })))).toBeUndefined()
  })

  it('is renewed by the key that it was made with, and by no other', async () => {
    const person = newPerson()
    const token = await people.anonymous(person)
    expect((await call('refresh-profile', { apiKey: '@profileKey' }, token)).status).toBe(200)
    expect((await call('refresh-profile', { apiKey: '@apiKey' }, token)).status).toBe(401)
    const other = await harness.call('synerise', 'refresh-profile', {
      workspace: 'Second',
      body: { apiKey: '@profileKey' },
      headers: { authorization: `Bearer ${token}` },
    })
    expect(other.status).toBe(401)
  })

  it('refuses an identity provider that nobody set up', async () => {
    const body = { apiKey: '@profileKey', identityProvider: 'UNKNOWN', identityProviderToken: 'x' }
    expect((await call('login-profile', body)).status).toBe(400)
  })
})

describe('a token of a person', () => {
  it('opens only what is for people, and nothing of a workspace', async () => {
    const person = newPerson()
    const visitor = await people.anonymous(person)
    await people.register(person, visitor)
    for (const token of [visitor, tokenFrom(await people.logIn(person))]) {
      const list = await harness.call('synerise', 'list-clients', {
        headers: { authorization: `Bearer ${token}`, 'api-version': '4.4' },
      })
      expect(list.status).toBe(403)
    }
    expect((await call('own-data', undefined, visitor)).status).toBe(403)
  })

  it('ends with its session at once, also in another process', async () => {
    const person = newPerson()
    await people.register(person)
    const [first, second] = [tokenFrom(await people.logIn(person)), tokenFrom(await people.logIn(person))]
    expect((await call('logout-own', { action: 'LOGOUT' }, first)).status).toBe(200)
    expect((await call('own-data', undefined, first)).status).toBe(401)
    expect((await call('own-data', undefined, second)).status).toBe(200)
    const third = tokenFrom(await people.logIn(person))
    expect((await call('logout-own', { action: 'LOGOUT_WITH_SESSION_CLEARING' }, third)).status).toBe(200)
    expect((await call('own-data', undefined, second)).status).toBe(401)
  })
})

describe('an account', () => {
  const registered = async (): Promise<{ person: Person; token: string }> => {
    const person = newPerson()
    await people.register(person)
    return { person, token: tokenFrom(await people.logIn(person)) }
  }

  it('changes its own data, but neither its address nor somebody else', async () => {
    const { person, token } = await registered()
    const other = newPerson()
    await call('create-client', { customId: other.uuid, email: other.email })
    const update = (body: object): Promise<Reply> => call('update-own-data', body, token)
    expect((await update({ firstName: 'Ola', email: other.email })).status).toBe(202)
    expect((await update({ customId: other.uuid, uuid: other.uuid, tags: ['vip'] })).status).toBe(202)
    const ledger = await harness.call('native', 'list-rejections', {
      query: { reason: 'identifier_ignored' },
    })
    const pointers = (ledger.body as { items: { pointer: string }[] }).items.map(({ pointer }) => pointer)
    expect(pointers).toEqual(expect.arrayContaining(['/email', '/customId', '/uuid', '/tags']))
    expect((await update({ city: '' })).status).toBe(400)
    expect(await people.ownData(token)).toMatchObject({
      firstName: 'Ola',
      email: person.email,
      customId: null,
    })
  })

  it('changes the password, and every other session ends', async () => {
    const { person, token } = await registered()
    const other = tokenFrom(await people.logIn(person))
    const change = (oldPassword: string): Promise<Reply> =>
      call('change-password', { oldPassword, password: 'Other2!!' }, token)
    expect((await change('Wrong1!!')).status).toBe(400)
    expect((await change(PASSWORD)).status).toBe(200)
    expect((await call('own-data', undefined, token)).status).toBe(200)
    expect((await call('own-data', undefined, other)).status).toBe(401)
    expect((await people.logIn(person)).status).toBe(401)
  })

  it('resets the password by a link that works once; nothing tells who has an account', async () => {
    const { person, token } = await registered()
    expect((await call('request-password-reset', { email: newPerson().email })).status).toBe(200)
    expect((await call('request-password-reset', { email: person.email })).status).toBe(200)
    const link = await people.linkTokenTo(person.email)
    expect((await call('confirm-password-reset', { token: link, password: 'short' })).status).toBe(400)
    expect((await call('confirm-password-reset', { token: link, password: 'Other2!!' })).status).toBe(200)
    expect((await call('confirm-password-reset', { token: link, password: 'Third3!!' })).status).toBe(400)
    expect((await call('own-data', undefined, token)).status).toBe(401)
    expect((await people.logIn(person, 'Other2!!')).status).toBe(200)
  })

  it('changes its address once the new mailbox is proven', async () => {
    const { person, token } = await registered()
    const fresh = newPerson().email
    const ask = (password?: string): Promise<Reply> =>
      call('request-email-change', { email: fresh, uuid: person.uuid, password }, token)
    expect((await ask('Wrong1!!')).status).toBe(400)
    expect((await ask(PASSWORD)).status).toBe(200)
    expect((await people.logIn({ ...person, email: fresh })).status).toBe(401)
    const link = await people.linkTokenTo(fresh)
    const stranger = await registered()
    expect((await call('confirm-email-change', { token: link }, stranger.token)).status).toBe(400)
    const confirmed = await call('confirm-email-change', { token: link, newsletterAgreement: true }, token)
    expect(confirmed.status, confirmed.text).toBe(200)
    expect(await people.ownData(token)).toMatchObject({ email: fresh, agreements: { email: true } })
    expect((await people.logIn(person)).status).toBe(401)
    expect((await people.logIn({ ...person, email: fresh })).status).toBe(200)
  })

  it('changes its phone number by a code that was sent to the present one', async () => {
    const { token } = await registered()
    await call('update-own-data', { phone: '+48111222333' }, token)
    expect((await call('request-phone-change', { phone: '+48999888777' }, token)).status).toBe(400)
    expect((await call('request-phone-change', { phone: '+48 111 222 333' }, token)).status).toBe(202)
    const { text } = await people.messageTo('+48111222333')
    const code = /\b[A-Z0-9]{5}\b/.exec(text)?.[0]
    const confirm = (confirmationCode?: string): Promise<Reply> =>
      call('confirm-phone-change', { phone: '+48444555666', confirmationCode, smsAgreement: true }, token)
    expect((await confirm('wrong')).status).toBe(400)
    expect((await confirm(code)).status).toBe(202)
    expect(await people.ownData(token)).toMatchObject({ phone: '+48444555666', agreements: { sms: true } })
  })

  it('is deleted for ever: consents are taken back, every session ends, the timeline tells', async () => {
    const person = newPerson()
    await people.register(person, undefined, { agreements: { email: true } })
    const token = tokenFrom(await people.logIn(person))
    const { clientId } = await people.ownData(token)
    const remove = (password: string): Promise<Reply> =>
      call('delete-account', { identityProvider: 'SYNERISE', password }, token)
    expect((await remove('Wrong1!!')).status).toBe(400)
    expect((await remove(PASSWORD)).status).toBe(200)
    expect((await call('own-data', undefined, token)).status).toBe(401)
    expect((await people.logIn(person)).status).toBe(401)
    expect(await people.timelineOf(clientId)).toContain('client.deleteAccount')
    const profile = await harness.call('synerise', 'get-client', { params: { clientId: String(clientId) } })
    expect(profile.body).toMatchObject({ agreements: { email: false } })
  })
})

describe('people who were merged by mistake', () => {
  it('are not signed in as each other once the merge is taken back', async () => {
    await setMode('automatic')
    const [mine, theirs] = [newPerson(), newPerson()]
    for (const person of [mine, theirs]) await people.register(person)
    const idOf = async (person: Person): Promise<number> =>
      Number((await people.ownData(tokenFrom(await people.logIn(person))))['clientId'])
    const [loserId, winnerId] = [await idOf(mine), await idOf(theirs)]
    const body = { from: loserId, into: winnerId }
    const merged = await harness.call('native', 'merge-profiles', { body })
    expect(merged.status, merged.text).toBe(200)
    const token = tokenFrom(await people.logIn(mine))
    expect(await people.ownData(token)).toMatchObject({ clientId: winnerId })
    const undone = await harness.call('native', 'unmerge-profile', { params: { profileId: String(loserId) } })
    expect(undone.status, undone.text).toBe(200)
    expect((await call('own-data', undefined, token)).status).toBe(401)
    expect(await idOf(mine)).toBe(loserId)
    const audit = await harness.call('native', 'list-audit', {})
    const acts = (audit.body as { items: { action: string; object: string }[] }).items
    expect(
      acts
        .filter(({ action, object }) => action.startsWith('profile.') && object === String(loserId))
        .map(({ action }) => action),
    ).toEqual(['profile.unmerge', 'profile.merge'])
  })
})
