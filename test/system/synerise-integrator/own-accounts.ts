import { expect } from 'vitest'
import { PASSWORD, newPerson } from '../../setup/accounts.ts'
import type { Person } from '../../setup/accounts.ts'
import { logIn, loggedIn, loggedInAt } from './persons.ts'
import type { World } from './world.ts'

/** Chapter 4: what people do about their own accounts. */
export async function callOwnAccounts(world: World): Promise<void> {
  const { person, token } = await loggedIn(world)
  await callOwnData(world, person, token)
  await callPhone(world, token)
  const { password, as } = await callPasswords(world, person)
  await callDeletion(world)
  await callEmail(world, { person, password, as })
  await callProviders(world)
  await callOlderSpellings(world)
}

const LINK = /token=([\w-]+)/

async function callOwnData({ call, before }: World, { email }: Person, as: string): Promise<void> {
  expect(await call('own-data', { as })).toMatchObject({ email, anonymous: false, firstName: null })
  await call('update-own-data', { as, body: { firstName: 'Ola', agreements: { sms: true } } })
  expect(await before('own-data', { as })).toMatchObject({ firstName: 'Ola', agreements: { sms: true } })
}

async function callPhone({ call, before, codeInText }: World, as: string): Promise<void> {
  await call('request-phone-change', { as, body: { phone: '+48111222333' } })
  const phone = '+48600700800'
  const body = { phone, confirmationCode: await codeInText(), smsAgreement: true }
  await call('confirm-phone-change', { as, body })
  expect(await before('own-data', { as })).toMatchObject({ phone })
}

/** A reset by mail, then a change. @returns the password that counts in the end, and a session that knows it */
async function callPasswords(world: World, person: Person): Promise<{ password: string; as: string }> {
  const { email, deviceId } = person
  await world.call('request-password-reset', { body: { email } })
  const [reset, last] = ['Secret2!', 'Secret3!']
  const token = await world.inMailTo(email, LINK)
  await world.call('confirm-password-reset', { body: { password: reset, token } })
  const as = await logIn(world, person, reset)
  await world.call('change-password', { as, body: { oldPassword: reset, password: last, deviceId } })
  return { password: last, as: await logIn(world, person, last) }
}

async function callDeletion(world: World): Promise<void> {
  const { token: as, person } = await loggedIn(world)
  const body = { identityProvider: 'SYNERISE', password: PASSWORD, uuid: person.uuid }
  await world.call('delete-account', { as, body })
  await expectLoggedOut(world, as)
}

async function expectLoggedOut(world: World, as: string): Promise<void> {
  expect(await world.statusOf('own-data', { as })).toBe(401)
}

async function callEmail(
  world: World,
  { person, password, as }: { person: Person; password: string; as: string },
): Promise<void> {
  const { email } = newPerson()
  await world.call('request-email-change', { as, body: { email, uuid: person.uuid, password } })
  const link = await world.inMailTo(email, LINK)
  await world.call('logout-own', { as, body: { action: 'LOGOUT' } })
  await expectLoggedOut(world, as)
  const again = await logIn(world, person, password)
  await world.call('confirm-email-change', { as: again, body: { token: link, newsletterAgreement: true } })
  const moved = await logIn(world, { ...person, email }, password)
  expect(await world.before('own-data', { as: moved })).toMatchObject({ email, agreements: { email: true } })
}

/** Those that ask a provider for the proof. */
async function callProviders(world: World): Promise<void> {
  const facebook = await loggedInAt(world, 'FACEBOOK')
  const { email, uuid } = newPerson()
  const body = { email, uuid, facebookToken: facebook.providerToken }
  await world.call('request-email-change-facebook', { as: facebook.token, body })
  await world.inMailTo(email, LINK)
  for (const [id, vendor, member] of DELETIONS) {
    const { token: as, providerToken } = await loggedInAt(world, vendor)
    await world.call(id, { as, body: { [member]: providerToken, uuid } })
    await expectLoggedOut(world, as)
  }
}

const DELETIONS = [
  ['delete-account-oauth', 'OAUTH', 'accessToken'],
  ['delete-account-apple', 'APPLE', 'accessToken'],
  ['delete-account-facebook', 'FACEBOOK', 'facebookToken'],
] as const

async function callOlderSpellings(world: World): Promise<void> {
  const leaving = await loggedIn(world)
  await world.call('delete-account-v1', { as: leaving.token, body: { password: PASSWORD } })
  await expectLoggedOut(world, leaving.token)
  const { person, token: as } = await loggedIn(world)
  const { email } = newPerson()
  const body = { email, uuid: person.uuid, password: PASSWORD }
  await world.call('request-email-change-v1', { as, body })
  await world.inMailTo(email, LINK)
}
