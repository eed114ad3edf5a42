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

const accountRequirements = {
  approval: 'isApproved',
  terms: 'acceptedTerms',
  secondFactor: 'hasSecondFactor',
}

beforeEach(() => harness.setSettings({ accountRequirements }))

const logIn = (person: Person, more: object = {}, operation = 'login-profile-conditional'): Promise<Reply> =>
  people.call(operation, {
    apiKey: '@profileKey',
    identityProvider: 'SYNERISE',
    email: person.email,
    password: PASSWORD,
    uuid: person.uuid,
    ...more,
  })

const statusOf = async (person: Person, more: object = {}): Promise<unknown> =>
  ((await logIn(person, more)).body as { status: unknown }).status

/** What the shop says of a person. */
const decide = async ({ email }: Person, attributes: object): Promise<void> => {
  expect((await people.call('create-client', { email, attributes })).status).toBe(202)
}

describe('an account that needs more than its login', () => {
  it('is told what is missing, step by step, and is let in when nothing is', async () => {
    const person = newPerson()
    await people.register(person)
    expect((await logIn(person)).body).toEqual({ status: 'APPROVAL_REQUIRED', conditions: ['APPROVAL'] })
    await decide(person, { isApproved: true })
    expect(await statusOf(person)).toBe('TERMS_ACCEPTANCE_REQUIRED')
    expect(await statusOf(person, { attributes: { acceptedTerms: true } })).toBe('MFA_REQUIRED')
    expect(await statusOf(person)).toBe('MFA_REQUIRED')
    await decide(person, { hasSecondFactor: true })
    expect((await logIn(person)).body).toMatchObject({
      status: 'SUCCESS',
      token: expect.any(String) as string,
    })
    await decide(person, { isApproved: false })
    expect(await statusOf(person)).toBe('APPROVAL_REQUIRED')
  })

  it('is refused by the other login with 403 meanwhile, and with 401 when the password is wrong', async () => {
    const person = newPerson()
    await people.register(person)
    expect((await logIn(person, {}, 'login-profile')).status).toBe(403)
    expect((await logIn(person, { password: 'Wrong1!' }, 'login-profile')).status).toBe(401)
    expect(await statusOf(person, { password: 'Wrong1!' })).toBe('UNAUTHORIZED')
  })

  it('cannot approve itself: not by its registration, its login or its own data', async () => {
    const person = newPerson()
    const attributes = { isApproved: true, hasSecondFactor: true, acceptedTerms: true, own: 1 }
    await people.register(person, await people.anonymous(person), { attributes })
    expect(await statusOf(person, { attributes })).toBe('APPROVAL_REQUIRED')
    await harness.setSettings({ accountRequirements: {} })
    const token = tokenFrom(await people.logIn(person))
    await harness.setSettings({ accountRequirements })
    expect((await people.call('update-own-data', { attributes }, token)).status).toBe(202)
    expect(await statusOf(person)).toBe('APPROVAL_REQUIRED')
    await harness.setSettings({ accountRequirements: {} })
    expect((await people.ownData(token))['attributes']).toMatchObject({ acceptedTerms: true, own: 1 })
    expect((await people.ownData(token))['attributes']).not.toHaveProperty('isApproved')
  })
})

it('what comes with a login is written once the password was right, and not before', async () => {
  await harness.setSettings({ accountRequirements: {} })
  const person = newPerson()
  await people.register(person)
  await logIn(person, { password: 'Wrong1!', attributes: { colour: 'red' } }, 'login-profile')
  const token = tokenFrom(await people.logIn(person))
  expect((await people.ownData(token))['attributes']).not.toHaveProperty('colour')
  const said = { attributes: { colour: 'blue' }, agreements: { sms: true }, tags: ['app'] }
  expect((await logIn(person, said, 'login-profile')).status).toBe(200)
  expect(await people.ownData(token)).toMatchObject({
    attributes: { colour: 'blue' },
    agreements: { sms: true },
    tags: ['app'],
  })
})
