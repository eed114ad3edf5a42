import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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

/** A person whom the shop knows already, with something that only they should see. */
const knownPerson = async (): Promise<Person> => {
  const person = newPerson()
  const body = { email: person.email, attributes: { secret: 'only theirs' } }
  expect((await call('create-client', body)).status).toBe(202)
  return person
}

describe('registration without confirmation', () => {
  beforeEach(() => setMode('automatic'))

  it('makes an account that is usable at once, on the profile of the device, and tells the timeline', async () => {
    const person = newPerson()
    const visitor = await people.anonymous(person)
    expect((await people.register(person, visitor, { firstName: 'Anna' })).status).toBe(200)
    const own = await people.ownData(tokenFrom(await people.logIn(person)))
    expect(own).toMatchObject({ email: person.email, firstName: 'Anna', uuid: person.uuid, anonymous: false })
    expect(await people.timelineOf(own['clientId'])).toContain('client.register')
  })

  it('gives nobody the profile that holds the address: the link in the mail does', async () => {
    const person = await knownPerson()
    const reply = await people.register(person)
    expect([reply.status, (reply.body as { errorCode: string }).errorCode]).toEqual([403, 'SAU-302'])
    expect((await people.logIn(person)).body).toMatchObject({ status: 403, errorCode: 'SAU-302' })
    const token = await people.linkTokenTo(person.email)
    expect((await call('activate-account', { token })).status).toBe(200)
    expect(await secretOf(tokenFrom(await people.logIn(person)))).toBe('only theirs')
    expect((await call('activate-account', { token })).status).toBe(400)
  })

  it('answers a taken address like a known one, and offers the mailbox to take it over', async () => {
    const person = newPerson()
    expect((await people.register(person)).status).toBe(200)
    const squatter = tokenFrom(await people.logIn(person))
    expect((await people.register({ ...newPerson(), email: person.email })).body).toMatchObject({
      errorCode: 'SAU-302',
    })
    expect((await people.messageTo(person.email)).template).toBe('account-exists')
    const token = await people.linkTokenTo(person.email)
    const reset = await call('confirm-password-reset', { token, password: 'Other2!!' })
    expect(reset.status, reset.text).toBe(200)
    expect((await call('own-data', undefined, squatter)).status).toBe(401)
    expect((await people.logIn(person)).status).toBe(401)
    expect((await people.logIn(person, 'Other2!!')).status).toBe(200)
  })

  it('refuses weak passwords, a missing address and a caller that may not register', async () => {
    const weak = await people.register(newPerson(), undefined, { password: 'abcdef' })
    expect(weak.body).toMatchObject({
      status: 400,
      message: expect.stringContaining('at least 6 characters'),
    })
    expect((await call('register-profile', { password: PASSWORD })).status).toBe(400)
    const person = newPerson()
    await people.register(person)
    expect((await people.register(newPerson(), tokenFrom(await people.logIn(person)))).status).toBe(403)
  })
})

describe.each([
  ['email-activation', 'SAU-302'],
  ['pin', 'SAU-303'],
])('registration with %s', (mode, errorCode) => {
  beforeEach(() => setMode(mode))

  const prove = async (person: Person, visitor: string): Promise<Reply> =>
    mode === 'pin'
      ? call('confirm-registration-pin', { ...person, pinCode: await people.pinTo(person.email) }, visitor)
      : call('activate-account', { token: await people.linkTokenTo(person.email) }, visitor)

  it('opens nothing before the mailbox is proven, and then what the shop knew of the person', async () => {
    const person = await knownPerson()
    const visitor = await people.anonymous(person)
    const reply = await people.register(person, visitor, { city: 'Krakow' })
    expect(reply.status, reply.text).toBe(200)
    expect((await people.logIn(person)).body).toMatchObject({ status: 403, errorCode })
    const conditional = await call('login-profile-conditional', {
      apiKey: '@profileKey',
      identityProvider: 'SYNERISE',
      email: person.email,
      password: PASSWORD,
    })
    expect(conditional.body).toMatchObject({ status: 'ACTIVATION_REQUIRED' })
    const proven = await prove(person, visitor)
    expect(proven.status, proven.text).toBe(200)
    const token = tokenFrom(await people.logIn(person))
    expect(await secretOf(token)).toBe('only theirs')
    expect(await people.ownData(token)).toMatchObject({
      city: 'Krakow',
      attributes: { snrs_email_confirmed: true },
    })
  })

  it('sends the proof again to the one who asked, and takes an older one no more', async () => {
    const person = newPerson()
    const visitor = await people.anonymous(person)
    await people.register(person, visitor)
    const first = mode === 'pin' ? await people.pinTo(person.email) : await people.linkTokenTo(person.email)
    const again = mode === 'pin' ? 'resend-registration-pin' : 'resend-confirmation'
    expect((await call(again, person, visitor)).status).toBe(200)
    const old =
      mode === 'pin'
        ? await call('confirm-registration-pin', { ...person, pinCode: first }, visitor)
        : await call('activate-account', { token: first }, visitor)
    expect(old.status).toBe(400)
    expect((await prove(person, visitor)).status).toBe(200)
    expect((await people.logIn(person)).status).toBe(200)
  })
})

describe('registration with a PIN', () => {
  beforeEach(() => setMode('pin'))

  it('wants the device, and takes the PIN from no other', async () => {
    const person = newPerson()
    const visitor = await people.anonymous(person)
    expect((await people.register({ ...person, deviceId: '' }, visitor)).body).toMatchObject({
      status: 400,
      errorCode: 'SAU-601',
    })
    await people.register(person, visitor)
    const pinCode = await people.pinTo(person.email)
    const other = await call('confirm-registration-pin', { ...person, deviceId: 'other', pinCode }, visitor)
    expect(other.status).toBe(400)
    const wrong = pinCode === '000000' ? '000001' : '000000'
    for (let tries = 0; tries < 5; tries++)
      expect((await call('confirm-registration-pin', { ...person, pinCode: wrong }, visitor)).status).toBe(
        400,
      )
    expect((await call('confirm-registration-pin', { ...person, pinCode }, visitor)).status).toBe(400)
  })
})

describe('registration with a confirmation that may come later', () => {
  beforeEach(() => setMode('email-confirmation'))

  it('is usable at once, but sees only what it sent itself until the link was opened', async () => {
    const person = await knownPerson()
    expect((await people.register(person, undefined, { city: 'Lodz' })).status).toBe(200)
    const token = tokenFrom(await people.logIn(person))
    expect(await secretOf(token)).toBeUndefined()
    expect(await people.ownData(token)).toMatchObject({
      email: null,
      city: 'Lodz',
      attributes: { snrs_email_confirmed: false },
    })
    // What the shop writes about the address meanwhile does not come to the account either.
    await call('create-client', { email: person.email, attributes: { secret: 'still theirs' } })
    expect(await secretOf(token)).toBeUndefined()
    await call('activate-account', { token: await people.linkTokenTo(person.email) }, token)
    expect(await secretOf(token)).toBe('still theirs')
  })
})

describe('a profile that somebody else has an account on', () => {
  it.each(['automatic', 'email-activation', 'email-confirmation'])(
    'is not given to a second one who knows its uuid (%s)',
    async (mode) => {
      await setMode('email-activation')
      const victim = newPerson()
      await people.register(victim, await people.anonymous(victim), { attributes: { secret: 'victim' } })
      await setMode(mode)
      const attacker = { ...newPerson(), uuid: victim.uuid }
      await people.register(attacker, await people.anonymous(attacker))
      await setMode('automatic')
      if (mode === 'email-activation')
        await call('activate-account', { token: await people.linkTokenTo(attacker.email) })
      expect(await secretOf(tokenFrom(await people.logIn({ ...attacker, uuid: '' })))).toBeUndefined()
    },
  )
})

describe('a link to a new address', () => {
  it('opens nothing any more once the password was reset', async () => {
    await setMode('automatic')
    const person = newPerson()
    await people.register(person)
    const token = tokenFrom(await people.logIn(person))
    const mine = newPerson().email
    await call('request-email-change', { email: mine, uuid: person.uuid, password: PASSWORD }, token)
    const link = await people.linkTokenTo(mine)
    await call('request-password-reset', { email: person.email })
    const reset = { token: await people.linkTokenTo(person.email), password: 'Other2!!' }
    expect((await call('confirm-password-reset', reset)).status).toBe(200)
    const fresh = tokenFrom(await people.logIn(person, 'Other2!!'))
    expect((await call('confirm-email-change', { token: link }, fresh)).status).toBe(400)
  })
})

describe('logins at the moment of a deletion', () => {
  it('open nothing once the account is gone', async () => {
    await setMode('automatic')
    const person = newPerson()
    await people.register(person)
    const token = tokenFrom(await people.logIn(person))
    const [gone, ...logins] = await Promise.all([
      call('delete-account', { identityProvider: 'SYNERISE', password: PASSWORD }, token),
      ...Array.from({ length: 4 }, () => people.logIn(person)),
    ])
    expect(gone?.status).toBe(200)
    for (const login of logins.filter(({ status }) => status === 200))
      expect((await call('own-data', undefined, tokenFrom(login))).status).toBe(401)
  })
})
