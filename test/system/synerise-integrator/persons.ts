import { PASSWORD, newPerson } from '../../setup/accounts.ts'
import type { Person } from '../../setup/accounts.ts'
import { somebody } from '../../setup/external-logins.ts'
import type { Vendor } from '../../setup/external-logins.ts'
import type { World } from './world.ts'

/** An answer with a token. */
export interface TokenAnswer {
  token: string
}

/** What a registration sends. */
export const registrationOf = (person: Person): object => ({ ...person, password: PASSWORD })

/** What a login by password sends. */
export function loginOf({ keys }: World, { email, uuid, deviceId }: Person, password = PASSWORD): object {
  return { apiKey: keys.profile, identityProvider: 'SYNERISE', email, password, uuid, deviceId }
}

/** Somebody who has an account and is logged in. */
export async function loggedIn(world: World): Promise<{ person: Person; token: string }> {
  const person = newPerson()
  await world.before('register-profile', { body: registrationOf(person) })
  return { person, token: await logIn(world, person) }
}

/** Logs somebody in. */
export async function logIn(world: World, person: Person, password = PASSWORD): Promise<string> {
  const body = loginOf(world, person, password)
  return (await world.before<TokenAnswer>('login-profile', { body, as: '' })).token
}

/** Somebody who came by a provider, with the provider's token. */
export async function loggedInAt(
  world: World,
  vendor: Vendor,
): Promise<{ token: string; providerToken: string }> {
  const providerToken = await world.tokenAt(vendor, somebody())
  const body = {
    apiKey: world.keys.profile,
    identityProvider: vendor,
    identityProviderToken: providerToken,
  }
  const { token } = await world.before<TokenAnswer>('login-profile', { body, as: '' })
  return { token, providerToken }
}

/** A user in the workspace. @param token of its login */
export async function selected(world: World, token: string): Promise<string> {
  const params = { businessProfileUUID: world.keys.guid }
  return (await world.before<TokenAnswer>('select-workspace', { params, as: token })).token
}
