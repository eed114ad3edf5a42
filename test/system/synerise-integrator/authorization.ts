import { Secret, TOTP } from 'otpauth'
import { expect } from 'vitest'
import { PASSWORD, newPerson } from '../../setup/accounts.ts'
import type { Person } from '../../setup/accounts.ts'
import { loggedIn, loginOf, registrationOf } from './persons.ts'
import type { TokenAnswer } from './persons.ts'
import type { World } from './world.ts'

/** Chapter 1. @returns the token of a user in the workspace */
export async function callAuthorization(world: World): Promise<string> {
  await logInProfiles(world)
  const user = await logInUser(world)
  const { token } = await world.call<TokenAnswer>('login-workspace', {
    body: { apiKey: world.keys.workspace },
    as: '',
  })
  world.token = token
  return user
}

async function logInProfiles(world: World): Promise<void> {
  const { keys } = world
  const stranger = { apiKey: keys.profile, ...deviceOf(newPerson()) }
  const { token: anonymous } = await world.before<TokenAnswer>('login-anonymous', { body: stranger, as: '' })
  await world.call('refresh-profile', { body: { apiKey: keys.profile }, as: anonymous })
  const { person } = await loggedIn(world)
  await world.call('login-profile', { body: loginOf(world, person), as: '' })
  const conditional = await world.call('login-profile-conditional', {
    body: loginOf(world, person),
    as: anonymous,
  })
  expect(conditional).toMatchObject({ status: 'SUCCESS', conditions: [] })
  await world.call('login-anonymous', { body: { apiKey: keys.profile, ...deviceOf(newPerson()) }, as: '' })
}

const deviceOf = ({ uuid, deviceId }: Person): object => ({ uuid, deviceId })

/** An administrator with a second factor logs in, gives its code, and enters the workspace. */
async function logInUser(world: World): Promise<string> {
  const codeAt = await enrol(world)
  const body = { username: 'admin@localhost', password: world.keys.password }
  const login = await world.call<TokenAnswer>('login-user', { body, as: '' })
  expect(login).toMatchObject({ mfaMethods: ['TOTP_AUTHENTICATOR'], consumer: { businessProfileId: null } })
  const confirmed = await world.call<TokenAnswer>('verify-user', {
    query: { mfaType: 'TOTP_AUTHENTICATOR' },
    // Each code counts once: the next one that the app shows is taken half a minute early.
    body: { verificationCode: codeAt(Date.now() + 30_000) },
    as: login.token,
  })
  const { token } = await world.call<TokenAnswer>('select-workspace', {
    params: { businessProfileUUID: world.keys.guid },
    as: confirmed.token,
  })
  const workspaces = await world.call('list-workspaces', { as: token })
  const current = await world.call('current-workspace', { as: token })
  expect(workspaces).toEqual([current])
  return token
}

/** Sets one-time codes up for the administrator. @returns what the app shows at an instant */
async function enrol(world: World): Promise<(instant: number) => string> {
  const body = { email: 'admin@localhost', password: world.keys.password }
  const { token } = await world.native<TokenAnswer>('log-in', { body })
  const { secret } = await world.native<{ secret: string }>('enrol-totp', { as: token, body: {} })
  const totp = new TOTP({ secret: Secret.fromBase32(secret) })
  const code = totp.generate()
  await world.native('confirm-totp', { as: token, body: { code } })
  return (instant) => totp.generate({ timestamp: instant })
}

/** Chapter 2: registrations that are confirmed by a PIN, and by a link. */
export async function callRegistration(world: World): Promise<void> {
  await world.configure({ accountConfirmation: 'pin' })
  await confirmByPin(world)
  await world.configure({ accountConfirmation: 'email-activation' })
  await confirmByLink(world)
  await world.configure({ accountConfirmation: 'automatic' })
}

const PIN = /\b(\d{6})\b/

const LINK = /token=([\w-]+)/

async function confirmByPin(world: World): Promise<void> {
  const person = newPerson()
  const { email, ...device } = person
  const as = await anonymousOf(world, person)
  await world.call('register-profile', { as, body: registrationOf(person) })
  const pinCode = await world.inMailTo(email, PIN)
  await world.call('confirm-registration-pin', { as, body: { email, ...device, pinCode } })
  await world.before('login-profile', { as: '', body: loginOf(world, person, PASSWORD) })
  const slow = newPerson()
  const slowAs = await anonymousOf(world, slow)
  await world.before('register-profile', { as: slowAs, body: registrationOf(slow) })
  await world.inMailTo(slow.email, PIN)
  await world.call('resend-registration-pin', { as: slowAs, body: slow })
  await expect.poll(() => world.mailsTo(slow.email)).toBe(2)
}

async function confirmByLink(world: World): Promise<void> {
  const person = newPerson()
  await world.before('register-profile', { body: registrationOf(person) })
  const token = await world.inMailTo(person.email, LINK)
  await world.call('activate-account', { body: { token } })
  await world.before('login-profile', { as: '', body: loginOf(world, person) })
  const slow = newPerson()
  const as = await anonymousOf(world, slow)
  await world.before('register-profile', { as, body: registrationOf(slow) })
  await world.inMailTo(slow.email, LINK)
  await world.call('resend-confirmation', { as, body: slow })
  await expect.poll(() => world.mailsTo(slow.email)).toBe(2)
}

async function anonymousOf({ keys, before }: World, person: Person): Promise<string> {
  const body = { apiKey: keys.profile, ...deviceOf(person) }
  return (await before<TokenAnswer>('login-anonymous', { body, as: '' })).token
}
