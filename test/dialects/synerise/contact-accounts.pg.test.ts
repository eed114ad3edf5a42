import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

type Customer = Person & { customId: string }

const newCustomer = (): Customer => ({ ...newPerson(), customId: `c-${randomUUID()}` })

const setMode = (accountConfirmation: string): Promise<void> =>
  harness.setSettings({ emailIdentity: 'contact', accountConfirmation })

const call: People['call'] = (...given) => people.call(...given)

const register = (customer: Customer, more: object = {}): Promise<Reply> =>
  people.register(customer, undefined, { customId: customer.customId, ...more })

const logIn = ({ customId, uuid, deviceId }: Customer, password = PASSWORD): Promise<Reply> =>
  call('login-profile', {
    apiKey: '@profileKey',
    identityProvider: 'SYNERISE',
    customId,
    password,
    uuid,
    deviceId,
  })

describe('where e-mails identify nobody, an account is named by its customId and', () => {
  it('is confirmed by the link in the mail to the address that came with the registration', async () => {
    await setMode('email-activation')
    const customer = newCustomer()
    expect((await register(customer)).status).toBe(200)
    expect((await logIn(customer)).body).toMatchObject({ status: 403, errorCode: 'SAU-302' })
    const token = await people.linkTokenTo(customer.email)
    expect((await call('activate-account', { token })).status).toBe(200)
    const own = await people.ownData(tokenFrom(await logIn(customer)))
    expect(own).toMatchObject({ customId: customer.customId, email: customer.email })
    expect(own['attributes']).toMatchObject({ snrs_email_confirmed: true })
  })

  it('is confirmed by the PIN in that mail, and a new PIN comes on request', async () => {
    await setMode('pin')
    const customer = newCustomer()
    const { customId, deviceId } = customer
    const visitor = await people.anonymous(customer)
    expect((await people.register(customer, visitor, { customId })).status).toBe(200)
    const again = await call('resend-registration-pin', { customId, deviceId }, visitor)
    expect(again.status, again.text).toBe(200)
    const pin = { customId, deviceId, pinCode: await people.pinTo(customer.email) }
    expect((await call('confirm-registration-pin', pin, visitor)).status).toBe(200)
    expect((await logIn(customer)).status).toBe(200)
  })

  it('may share its address with another account: each keeps its own, and neither is told of the other', async () => {
    await setMode('email-confirmation')
    const [first, second] = [newCustomer(), newCustomer()]
    const shared = { email: first.email }
    expect((await register(first)).status).toBe(200)
    const firstLink = await people.linkTokenTo(first.email)
    expect((await register(second, shared)).status).toBe(200)
    const secondLink = await people.linkTokenTo(first.email)
    for (const token of [firstLink, secondLink])
      expect((await call('activate-account', { token })).status).toBe(200)
    const owners = await Promise.all(
      [first, second].map(async (customer) => people.ownData(tokenFrom(await logIn(customer)))),
    )
    expect(owners.map(({ email }) => email)).toEqual([first.email, first.email])
    expect(owners[0]?.['clientId']).not.toBe(owners[1]?.['clientId'])
  })

  it('resets its password by mail, and changes its address by a link to the new one', async () => {
    await setMode('automatic')
    const customer = newCustomer()
    expect((await register(customer)).status).toBe(200)
    expect((await call('request-password-reset', { customId: customer.customId })).status).toBe(200)
    const token = await people.linkTokenTo(customer.email)
    expect((await call('confirm-password-reset', { token, password: 'Other2!!' })).status).toBe(200)
    expect((await logIn(customer)).status).toBe(401)
    const session = tokenFrom(await logIn(customer, 'Other2!!'))
    const { email } = newPerson()
    const change = { email, uuid: customer.uuid, password: 'Other2!!' }
    expect((await call('request-email-change', change, session)).status).toBe(200)
    const proof = { token: await people.linkTokenTo(email) }
    expect((await call('confirm-email-change', proof, session)).status).toBe(200)
    expect((await people.ownData(session))['email']).toBe(email)
  })

  it('keeps what the shop says of its address later', async () => {
    await setMode('email-confirmation')
    const customer = newCustomer()
    await register(customer)
    await call('activate-account', { token: await people.linkTokenTo(customer.email) })
    const { email } = newPerson()
    expect((await call('create-client', { customId: customer.customId, email })).status).toBe(202)
    expect((await people.ownData(tokenFrom(await logIn(customer))))['email']).toBe(email)
  })

  it('is refused without an address where one must be proven', async () => {
    await setMode('email-activation')
    const reply = await register(newCustomer(), { email: null })
    expect([reply.status, reply.body]).toMatchObject([400, { errors: [{ field: 'email' }] }])
  })
})
