import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { randomUUID } from 'node:crypto'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const PASSWORD = 'Secret1!'

/** Somebody that no other test has heard of. */
const newPerson = (): { email: string; uuid: string; deviceId: string } => {
  const uuid = randomUUID()
  return { email: `${uuid}@example.com`, uuid, deviceId: `device-${uuid}` }
}

type Person = ReturnType<typeof newPerson>

const call = (operation: string, body: unknown, token?: string): Promise<Reply> =>
  harness.call('synerise', operation, {
    body,
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}`, 'api-version': '4.4' } }),
  })

const tokenFrom = (reply: Reply): string => {
  expect(reply.status, reply.text).toBe(200)
  return (reply.body as { token: string }).token
}

const anonymous = async ({ uuid, deviceId }: Person): Promise<string> =>
  tokenFrom(await call('login-anonymous', { apiKey: '@profileKey', uuid, deviceId }))

const logIn = ({ email, uuid, deviceId }: Person, password = PASSWORD): Promise<Reply> =>
  call('login-profile', {
    apiKey: '@profileKey',
    identityProvider: 'SYNERISE',
    email,
    password,
    uuid,
    deviceId,
  })

const register = (person: Person, token?: string, more: object = {}): Promise<Reply> =>
  call('register-profile', { ...person, password: PASSWORD, ...more }, token)

const setMode = (accountConfirmation: string): Promise<void> => harness.setSettings({ accountConfirmation })

/** The newest message to an address, as the outbox shows it. */
const messageTo = async (recipient: string): Promise<{ template: string; text: string }> => {
  const list = await harness.call('native', 'list-messages', { query: { recipient } })
  const [newest] = (list.body as { items: { id: string }[] }).items
  if (!newest) throw new Error(`no message to ${recipient}`)
  const message = await harness.call('native', 'get-message', { params: { messageId: newest.id } })
  return message.body as { template: string; text: string }
}

const linkTokenTo = async (recipient: string): Promise<string> => {
  const { text } = await messageTo(recipient)
  const [link] = /https?:\/\/\S+/.exec(text) ?? []
  return new URL(link ?? '').searchParams.get('token') ?? ''
}

const pinTo = async (recipient: string): Promise<string> =>
  /\b\d{6}\b/.exec((await messageTo(recipient)).text)?.[0] ?? ''

const ownData = async (token: string): Promise<Record<string, unknown>> => {
  const reply = await call('own-data', undefined, token)
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Record<string, unknown>
}

/** A person whom the shop knows already, with something that only they should see. */
const knownPerson = async (): Promise<Person> => {
  const person = newPerson()
  const body = { email: person.email, attributes: { secret: 'only theirs' } }
  expect((await call('create-client', body)).status).toBe(202)
  return person
}

const secretOf = async (token: string): Promise<unknown> =>
  ((await ownData(token))['attributes'] as Record<string, unknown>)['secret']

const timelineOf = async (clientId: unknown): Promise<string[]> => {
  const reply = await harness.call('synerise', 'list-client-events', {
    params: { clientId: String(clientId) },
  })
  return (reply.body as { action: string }[]).map(({ action }) => action)
}

describe('registration without confirmation', () => {
  beforeEach(() => setMode('automatic'))

  it('makes an account that is usable at once, on the profile of the device, and tells the timeline', async () => {
    const person = newPerson()
    const visitor = await anonymous(person)
    expect((await register(person, visitor, { firstName: 'Anna' })).status).toBe(200)
    const own = await ownData(tokenFrom(await logIn(person)))
    expect(own).toMatchObject({ email: person.email, firstName: 'Anna', uuid: person.uuid, anonymous: false })
    expect(await timelineOf(own['clientId'])).toContain('client.register')
  })

  it('gives nobody the profile that holds the address: the link in the mail does', async () => {
    const person = await knownPerson()
    const reply = await register(person)
    expect([reply.status, (reply.body as { errorCode: string }).errorCode]).toEqual([403, 'SAU-302'])
    expect((await logIn(person)).body).toMatchObject({ status: 403, errorCode: 'SAU-302' })
    const token = await linkTokenTo(person.email)
    expect((await call('activate-account', { token })).status).toBe(200)
    expect(await secretOf(tokenFrom(await logIn(person)))).toBe('only theirs')
    expect((await call('activate-account', { token })).status).toBe(400)
  })

  it('answers a taken address like a known one, and offers the mailbox to take it over', async () => {
    const person = newPerson()
    expect((await register(person)).status).toBe(200)
    const squatter = tokenFrom(await logIn(person))
    expect((await register({ ...newPerson(), email: person.email })).body).toMatchObject({
      errorCode: 'SAU-302',
    })
    expect((await messageTo(person.email)).template).toBe('account-exists')
    const token = await linkTokenTo(person.email)
    const reset = await call('confirm-password-reset', { token, password: 'Other2!!' })
    expect(reset.status, reset.text).toBe(200)
    expect((await call('own-data', undefined, squatter)).status).toBe(401)
    expect((await logIn(person)).status).toBe(401)
    expect((await logIn(person, 'Other2!!')).status).toBe(200)
  })

  it('refuses weak passwords, a missing address and a caller that may not register', async () => {
    const weak = await register(newPerson(), undefined, { password: 'abcdef' })
    expect(weak.body).toMatchObject({
      status: 400,
      message: expect.stringContaining('at least 6 characters'),
    })
    expect((await call('register-profile', { password: PASSWORD })).status).toBe(400)
    const person = newPerson()
    await register(person)
    expect((await register(newPerson(), tokenFrom(await logIn(person)))).status).toBe(403)
  })
})

describe.each([
  ['email-activation', 'SAU-302'],
  ['pin', 'SAU-303'],
])('registration with %s', (mode, errorCode) => {
  beforeEach(() => setMode(mode))

  const prove = async (person: Person, visitor: string): Promise<Reply> =>
    mode === 'pin'
      ? call('confirm-registration-pin', { ...person, pinCode: await pinTo(person.email) }, visitor)
      : call('activate-account', { token: await linkTokenTo(person.email) }, visitor)

  it('opens nothing before the mailbox is proven, and then what the shop knew of the person', async () => {
    const person = await knownPerson()
    const visitor = await anonymous(person)
    const reply = await register(person, visitor, { city: 'Krakow' })
    expect(reply.status, reply.text).toBe(200)
    expect((await logIn(person)).body).toMatchObject({ status: 403, errorCode })
    const conditional = await call('login-profile-conditional', {
      apiKey: '@profileKey',
      identityProvider: 'SYNERISE',
      email: person.email,
      password: PASSWORD,
    })
    expect(conditional.body).toMatchObject({ status: 'ACTIVATION_REQUIRED' })
    const proven = await prove(person, visitor)
    expect(proven.status, proven.text).toBe(200)
    const token = tokenFrom(await logIn(person))
    expect(await secretOf(token)).toBe('only theirs')
    expect(await ownData(token)).toMatchObject({ city: 'Krakow', attributes: { snrs_email_confirmed: true } })
  })

  it('sends the proof again to the one who asked, and takes an older one no more', async () => {
    const person = newPerson()
    const visitor = await anonymous(person)
    await register(person, visitor)
    const first = mode === 'pin' ? await pinTo(person.email) : await linkTokenTo(person.email)
    const again = mode === 'pin' ? 'resend-registration-pin' : 'resend-confirmation'
    expect((await call(again, person, visitor)).status).toBe(200)
    const old =
      mode === 'pin'
        ? await call('confirm-registration-pin', { ...person, pinCode: first }, visitor)
        : await call('activate-account', { token: first }, visitor)
    expect(old.status).toBe(400)
    expect((await prove(person, visitor)).status).toBe(200)
    expect((await logIn(person)).status).toBe(200)
  })
})

describe('registration with a PIN', () => {
  beforeEach(() => setMode('pin'))

  it('wants the device, and takes the PIN from no other', async () => {
    const person = newPerson()
    const visitor = await anonymous(person)
    expect((await register({ ...person, deviceId: '' }, visitor)).body).toMatchObject({
      status: 400,
      errorCode: 'SAU-601',
    })
    await register(person, visitor)
    const pinCode = await pinTo(person.email)
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
    expect((await register(person, undefined, { city: 'Lodz' })).status).toBe(200)
    const token = tokenFrom(await logIn(person))
    expect(await secretOf(token)).toBeUndefined()
    expect(await ownData(token)).toMatchObject({
      email: null,
      city: 'Lodz',
      attributes: { snrs_email_confirmed: false },
    })
    // What the shop writes about the address meanwhile does not come to the account either.
    await call('create-client', { email: person.email, attributes: { secret: 'still theirs' } })
    expect(await secretOf(token)).toBeUndefined()
    await call('activate-account', { token: await linkTokenTo(person.email) }, token)
    expect(await secretOf(token)).toBe('still theirs')
  })
})

describe('a login', () => {
  beforeEach(() => setMode('automatic'))

  it('answers a wrong password and an unknown person alike, and 423 to whoever goes on guessing', async () => {
    const person = newPerson()
    await register(person)
    const [wrong, unknown] = [await logIn(person, 'Wrong1!!'), await logIn(newPerson())]
    const shown = ({ status, body }: Reply): object => {
      const { timestamp: _at, traceId: _id, ...rest } = body as Record<string, unknown>
      return { status, ...rest }
    }
    expect(shown(wrong)).toEqual(shown(unknown))
    for (let tries = 1; tries < 6; tries++) await logIn(person, 'Wrong1!!')
    const blocked = await logIn(person)
    expect(blocked.status).toBe(423)
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('does not hand over the profile that holds a uuid', async () => {
    const victim = newPerson()
    const visitor = await anonymous(victim)
    await register({ ...victim, email: `v-${victim.email}` }, visitor, { attributes: { secret: 'victim' } })
    const attacker = { ...newPerson(), uuid: victim.uuid }
    await register({ ...attacker, uuid: randomUUID() })
    expect(await secretOf(tokenFrom(await logIn(attacker)))).toBeUndefined()
    // A visitor with a known uuid may not become the account of that profile.
    const stolen = await anonymous({ ...attacker, deviceId: 'stolen' })
    const second = { ...newPerson(), uuid: victim.uuid }
    await register(second, stolen)
    expect(await secretOf(tokenFrom(await logIn({ ...second, uuid: randomUUID() })))).toBeUndefined()
  })

  it('is renewed by the key that it was made with, and by no other', async () => {
    const person = newPerson()
    const token = await anonymous(person)
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
    const visitor = await anonymous(person)
    await register(person, visitor)
    for (const token of [visitor, tokenFrom(await logIn(person))]) {
      const list = await harness.call('synerise', 'list-clients', {
        headers: { authorization: `Bearer ${token}`, 'api-version': '4.4' },
      })
      expect(list.status).toBe(403)
    }
    expect((await call('own-data', undefined, visitor)).status).toBe(403)
  })

  it('ends with its session at once, also in another process', async () => {
    const person = newPerson()
    await register(person)
    const [first, second] = [tokenFrom(await logIn(person)), tokenFrom(await logIn(person))]
    expect((await call('logout-own', { action: 'LOGOUT' }, first)).status).toBe(200)
    expect((await call('own-data', undefined, first)).status).toBe(401)
    expect((await call('own-data', undefined, second)).status).toBe(200)
    const third = tokenFrom(await logIn(person))
    expect((await call('logout-own', { action: 'LOGOUT_WITH_SESSION_CLEARING' }, third)).status).toBe(200)
    expect((await call('own-data', undefined, second)).status).toBe(401)
  })
})

describe('an account', () => {
  const registered = async (): Promise<{ person: Person; token: string }> => {
    const person = newPerson()
    await register(person)
    return { person, token: tokenFrom(await logIn(person)) }
  }

  it('changes its own data, but neither its address nor somebody else', async () => {
    const { person, token } = await registered()
    const other = newPerson()
    await call('create-client', { customId: other.uuid, email: other.email })
    const update = (body: object): Promise<Reply> => call('update-own-data', body, token)
    expect((await update({ firstName: 'Ola', email: other.email })).status).toBe(202)
    expect((await update({ customId: other.uuid })).status).toBe(409)
    expect((await update({ city: '' })).status).toBe(400)
    expect(await ownData(token)).toMatchObject({ firstName: 'Ola', email: person.email, customId: null })
  })

  it('changes the password, and every other session ends', async () => {
    const { person, token } = await registered()
    const other = tokenFrom(await logIn(person))
    const change = (oldPassword: string): Promise<Reply> =>
      call('change-password', { oldPassword, password: 'Other2!!' }, token)
    expect((await change('Wrong1!!')).status).toBe(400)
    expect((await change(PASSWORD)).status).toBe(200)
    expect((await call('own-data', undefined, token)).status).toBe(200)
    expect((await call('own-data', undefined, other)).status).toBe(401)
    expect((await logIn(person)).status).toBe(401)
  })

  it('resets the password by a link that works once; nothing tells who has an account', async () => {
    const { person, token } = await registered()
    expect((await call('request-password-reset', { email: newPerson().email })).status).toBe(200)
    expect((await call('request-password-reset', { email: person.email })).status).toBe(200)
    const link = await linkTokenTo(person.email)
    expect((await call('confirm-password-reset', { token: link, password: 'short' })).status).toBe(400)
    expect((await call('confirm-password-reset', { token: link, password: 'Other2!!' })).status).toBe(200)
    expect((await call('confirm-password-reset', { token: link, password: 'Third3!!' })).status).toBe(400)
    expect((await call('own-data', undefined, token)).status).toBe(401)
    expect((await logIn(person, 'Other2!!')).status).toBe(200)
  })

  it('changes its address once the new mailbox is proven', async () => {
    const { person, token } = await registered()
    const fresh = newPerson().email
    const ask = (password?: string): Promise<Reply> =>
      call('request-email-change', { email: fresh, uuid: person.uuid, password }, token)
    expect((await ask('Wrong1!!')).status).toBe(400)
    expect((await ask(PASSWORD)).status).toBe(200)
    expect((await logIn({ ...person, email: fresh })).status).toBe(401)
    const link = await linkTokenTo(fresh)
    const stranger = await registered()
    expect((await call('confirm-email-change', { token: link }, stranger.token)).status).toBe(400)
    const confirmed = await call('confirm-email-change', { token: link, newsletterAgreement: true }, token)
    expect(confirmed.status, confirmed.text).toBe(200)
    expect(await ownData(token)).toMatchObject({ email: fresh, agreements: { email: true } })
    expect((await logIn(person)).status).toBe(401)
    expect((await logIn({ ...person, email: fresh })).status).toBe(200)
  })

  it('changes its phone number by a code that was sent to the present one', async () => {
    const { token } = await registered()
    await call('update-own-data', { phone: '+48111222333' }, token)
    expect((await call('request-phone-change', { phone: '+48999888777' }, token)).status).toBe(400)
    expect((await call('request-phone-change', { phone: '+48 111 222 333' }, token)).status).toBe(202)
    const { text } = await messageTo('+48111222333')
    const code = /\b[A-Z0-9]{5}\b/.exec(text)?.[0]
    const confirm = (confirmationCode?: string): Promise<Reply> =>
      call('confirm-phone-change', { phone: '+48444555666', confirmationCode, smsAgreement: true }, token)
    expect((await confirm('wrong')).status).toBe(400)
    expect((await confirm(code)).status).toBe(202)
    expect(await ownData(token)).toMatchObject({ phone: '+48444555666', agreements: { sms: true } })
  })

  it('is deleted for ever: consents are taken back, every session ends, the timeline tells', async () => {
    const person = newPerson()
    await register(person, undefined, { agreements: { email: true } })
    const token = tokenFrom(await logIn(person))
    const { clientId } = await ownData(token)
    const remove = (password: string): Promise<Reply> =>
      call('delete-account', { identityProvider: 'SYNERISE', password }, token)
    expect((await remove('Wrong1!!')).status).toBe(400)
    expect((await remove(PASSWORD)).status).toBe(200)
    expect((await call('own-data', undefined, token)).status).toBe(401)
    expect((await logIn(person)).status).toBe(401)
    expect(await timelineOf(clientId)).toContain('client.deleteAccount')
    const profile = await harness.call('synerise', 'get-client', { params: { clientId: String(clientId) } })
    expect(profile.body).toMatchObject({ agreements: { email: false } })
  })
})
