import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, importJWK } from 'jose'
import type { JWK, JWTPayload } from 'jose'
import { Provider } from 'oidc-provider'
import type { Configuration } from 'oidc-provider'

/** Somebody with an account at a provider. */
export interface ProviderAccount {
  sub: string
  email?: string
  email_verified?: boolean
}

/** What a login at a provider gives to an app. */
export interface ProviderTokens {
  idToken: string
  accessToken: string
}

/** A real OpenID provider on the loopback. */
export interface IdentityProvider {
  issuer: string
  jwksUrl: string
  userinfoUrl: string
  introspectionUrl: string
  /** Its public key. */
  publicKey: JWK
  authorizationEndpoint: string
  /** Logs somebody in for {@link CONSOLE_APP} as a page does that asks for a token of identity. @returns the token */
  logInAtPage(account: ProviderAccount, nonce: string): Promise<string>
  /** Logs somebody in for an app, by the authorization code flow. @param app one of `apps` */
  logIn(account: ProviderAccount, app?: string): Promise<ProviderTokens>
  /** Signs anything with its key. */
  sign(claims: JWTPayload): Promise<string>
  close(): Promise<void>
}

/** The app that the tests' workspaces belong to. */
export const APP = 'shop'

/** An app of somebody else at the same provider. */
export const OTHER_APP = 'other-shop'

/** A page that gets its token behind the hash of its own address; it has no secret. */
export const CONSOLE_APP = 'console'

/** What each app shows to the provider. */
export const CLIENT_SECRET = 'a secret that both apps have in these tests'

const REDIRECT_URI = 'http://127.0.0.1:9/callback'

/** Nobody ever goes there: a page that shows no secret must not be on an address that anybody can take. */
const CONSOLE_URI = 'https://console.example/console/signed-in'

/** Starts a provider; each has a key of its own. */
export async function openIdentityProvider(): Promise<IdentityProvider> {
  const accounts = new Map<string, ProviderAccount>()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const named = { kid: randomUUID(), alg: 'RS256', use: 'sig' }
  const privateJwk = { ...(privateKey.export({ format: 'jwk' }) as JWK), ...named }
  const provider = new Provider(issuer, configurationOf(privateJwk, accounts))
  server.on('request', (request, response) => void answer(provider, request, response))
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    userinfoUrl: `${issuer}/me`,
    introspectionUrl: `${issuer}/token/introspection`,
    publicKey: { ...(publicKey.export({ format: 'jwk' }) as JWK), ...named },
    authorizationEndpoint: `${issuer}/auth`,
    logInAtPage: (account, nonce) => {
      accounts.set(account.sub, account)
      return logInAtPage(issuer, account.sub, nonce)
    },
    logIn: (account, app = APP) => {
      accounts.set(account.sub, account)
      return logIn(issuer, account.sub, app)
    },
    sign: async (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: named.kid })
        .sign(await importJWK(privateJwk, 'RS256')),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function configurationOf(key: JWK, accounts: ReadonlyMap<string, ProviderAccount>): Configuration {
  return {
    clients: [
      ...[APP, OTHER_APP].map((id) => ({
        client_id: id,
        client_secret: CLIENT_SECRET,
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code'],
        response_types: ['code' as const],
      })),
      {
        client_id: CONSOLE_APP,
        token_endpoint_auth_method: 'none' as const,
        redirect_uris: [CONSOLE_URI],
        grant_types: ['implicit'],
        response_types: ['id_token' as const],
      },
    ],
    responseTypes: ['code', 'id_token'],
    jwks: { keys: [key] },
    cookies: { keys: [randomUUID()] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    // Google and Apple put the address into the token, too.
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    features: { devInteractions: { enabled: false }, introspection: { enabled: true } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => {
      const account = accounts.get(id)
      return account && { accountId: id, claims: () => ({ ...account }) }
    },
    loadExistingGrant: async ({ oidc }) => {
      const { client, session, provider } = oidc
      const ids = { clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' }
      const grant = new provider.Grant(ids)
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
  }
}

/** The provider's own answers, and an interaction in which the person who was named logs in at once. */
async function answer(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!request.url?.startsWith('/interaction/')) return provider.callback()(request, response)
  const { params } = await provider.interactionDetails(request, response)
  await provider.interactionFinished(request, response, {
    login: { accountId: String(params['login_hint']) },
  })
}

/** What a page does, and the browser that it stands in. */
async function logInAtPage(issuer: string, sub: string, nonce: string): Promise<string> {
  const query = { client_id: CONSOLE_APP, response_type: 'id_token', redirect_uri: CONSOLE_URI, nonce }
  const { hash } = await follow(askFor(issuer, { ...query, login_hint: sub }), CONSOLE_URI)
  const idToken = new URLSearchParams(hash.slice(1)).get('id_token')
  if (idToken === null) throw new Error(`no token in ${hash}`)
  return idToken
}

function askFor(issuer: string, query: Readonly<Record<string, string>>): URL {
  const asked = new URL(`${issuer}/auth`)
  asked.search = new URLSearchParams({ scope: 'openid email', ...query }).toString()
  return asked
}

/** What a browser and the app behind it do. */
async function logIn(issuer: string, sub: string, app: string): Promise<ProviderTokens> {
  const query = { client_id: app, response_type: 'code', redirect_uri: REDIRECT_URI, login_hint: sub }
  const { searchParams } = await follow(askFor(issuer, query), REDIRECT_URI)
  const code = searchParams.get('code')
  if (code === null) throw new Error(`no code in ${searchParams.toString()}`)
  const reply = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${app}:${encodeURIComponent(CLIENT_SECRET)}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI }),
  })
  const tokens = (await reply.json()) as { id_token?: string; access_token?: string }
  if (!tokens.id_token || !tokens.access_token) throw new Error(`no tokens: ${JSON.stringify(tokens)}`)
  return { idToken: tokens.id_token, accessToken: tokens.access_token }
}

/** Redirects of one login; more is a loop. */
const REDIRECTS_MAX = 10

/** Goes from redirect to redirect with its cookies until the app's address, and gives the whole of it. */
async function follow(start: URL, end: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let address = start
  for (let step = 0; step < REDIRECTS_MAX; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const reply = await fetch(address, { redirect: 'manual', headers: { cookie } })
    for (const set of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      cookies.set(name, value)
    }
    const next = reply.headers.get('location')
    if (next === null) throw new Error(`the provider stopped with ${reply.status}: ${await reply.text()}`)
    address = new URL(next, address)
    if (address.href.startsWith(end)) return address
  }
  throw new Error('the provider redirects without an end')
}
