import { randomUUID } from 'node:crypto'
import { openHarness } from '../contract/harness.ts'
import type { Harness, Reply } from '../contract/harness.ts'
import { newPerson, openPeople, tokenFrom } from './accounts.ts'
import type { People } from './accounts.ts'
import { openTestDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
import { openGraphServer } from './graph-server.ts'
import type { GraphServer } from './graph-server.ts'
import { APP, openIdentityProvider } from './identity-provider.ts'
import type { IdentityProvider, ProviderAccount } from './identity-provider.ts'

/** The app at the Graph API. */
export const GRAPH_APP = { id: '4711', secret: 'the secret of the app' }

/** The vendor's names of providers. */
export const VENDORS = ['GOOGLE', 'APPLE', 'OAUTH', 'FACEBOOK'] as const

/** One of {@link VENDORS}. */
export type Vendor = (typeof VENDORS)[number]

/** A server whose first workspace knows real providers. */
export interface ExternalLogins {
  database: TestDatabase
  harness: Harness
  people: People
  idp: IdentityProvider
  graph: GraphServer
  /** The settings of a provider that signs. */
  signed(): object
  /** Sets every provider up, some of them otherwise. */
  setUp(changed?: object): Promise<void>
  /** The token that an app gets from a provider. */
  tokenAt(vendor: Vendor, account: ProviderAccount): Promise<string>
  logIn(vendor: Vendor, identityProviderToken: string, more?: object): Promise<Reply>
  logInConditionally(vendor: Vendor, identityProviderToken: string): Promise<Reply>
  /** What a person sees of themselves after a login. */
  dataAfter(vendor: Vendor, account: ProviderAccount): Promise<Record<string, unknown>>
  close(): Promise<void>
}

/** Somebody with an account at the providers, whose address is proven there or not. */
export function somebody(isVerified = true): Required<ProviderAccount> {
  const { email, uuid } = newPerson()
  return { sub: uuid, email, email_verified: isVerified }
}

/** Starts the providers and a server over a database of its own. */
export async function openExternalLogins(): Promise<ExternalLogins> {
  const database = await openTestDatabase()
  const harness = await openHarness(database.db)
  const [idp, graph] = await Promise.all([openIdentityProvider(), openGraphServer(GRAPH_APP)])
  const people = openPeople(harness)
  const secret = { params: { name: 'facebook' }, body: { secret: GRAPH_APP.secret } }
  await harness.call('native', 'put-secret', secret)
  const { logIn, logInConditionally } = loginsOf(people)
  const signed = (): object => ({ audiences: [APP], issuer: idp.issuer, jwksUrl: idp.jwksUrl })
  const tokenAt = (vendor: Vendor, account: ProviderAccount): Promise<string> =>
    tokenFromProvider({ idp, graph }, vendor, account)
  const identityProviders = {
    google: signed(),
    apple: signed(),
    oauth: { userinfoUrl: idp.userinfoUrl },
    facebook: { appId: GRAPH_APP.id, graphUrl: graph.url },
  }
  return {
    database,
    harness,
    people,
    idp,
    graph,
    signed,
    tokenAt,
    logIn,
    logInConditionally,
    setUp: (changed = {}) =>
      harness.setSettings({
        accountConfirmation: 'automatic',
        identityProviders: { ...identityProviders, ...changed },
      }),
    dataAfter: async (vendor, account) =>
      people.ownData(tokenFrom(await logIn(vendor, await tokenAt(vendor, account)))),
    close: async () => {
      await harness.close()
      await Promise.all([idp.close(), graph.close()])
      await database.close()
    },
  }
}

function loginsOf({ call }: People): Pick<ExternalLogins, 'logIn' | 'logInConditionally'> {
  const body = (identityProvider: Vendor, identityProviderToken: string) => ({
    apiKey: '@profileKey',
    identityProvider,
    identityProviderToken,
  })
  return {
    logIn: (vendor, token, more = {}) => call('login-profile', { ...body(vendor, token), ...more }),
    logInConditionally: (vendor, token) => call('login-profile-conditional', body(vendor, token)),
  }
}

/** The token that an app gets from a provider for somebody. */
export async function tokenFromProvider(
  { idp, graph }: Pick<ExternalLogins, 'idp' | 'graph'>,
  vendor: Vendor,
  account: ProviderAccount,
): Promise<string> {
  if (vendor === 'FACEBOOK') {
    const token = randomUUID()
    const { sub: userId, email } = account
    graph.tokens.set(token, { appId: GRAPH_APP.id, userId, ...(email !== undefined && { email }) })
    return token
  }
  const { idToken, accessToken } = await idp.logIn(account)
  return vendor === 'OAUTH' ? accessToken : idToken
}
