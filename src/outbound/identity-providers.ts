import { createHmac } from 'node:crypto'
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from 'jose'
import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { isJsonObject } from '../lib/json.ts'
import { now } from '../lib/time.ts'
import { CdpError } from '../model/errors.ts'
import { fetchGuarded, upstreamFailed } from './fetch.ts'
import type { OutboundRequest } from './fetch.ts'

/** Who somebody is, as a provider says. */
export interface ProvenIdentity {
  /** The provider's id of the person; never changes, unlike an address. */
  subject: string
  email: string | undefined
  /** Whether the provider vouches for the address. */
  isEmailVerified: boolean
}

/** A provider that signs tokens of identity (OpenID Connect). */
export interface TokenProvider {
  issuer: string
  jwksUrl: string
  /** Client ids of our apps: a token for another app says nothing to us. */
  audiences: readonly string[]
}

/** A provider that tells who holds an access token. */
export interface UserinfoProvider {
  userinfoUrl: string
}

/** A provider that tells a client of ours whether an access token is valid, and for which app it was made. */
export interface IntrospectionProvider {
  url: string
  clientId: string
  clientSecret: string
  /** Client ids of our apps: a token for another app says nothing to us. */
  audiences: readonly string[]
}

/** Facebook's way: the app asks for whom a token is, and whether it was made for the app. */
export interface DebugTokenProvider {
  graphUrl: string
  appId: string
  appSecret: string
}

/** Asks identity providers. */
export interface IdentityProviders {
  /** @throws CDP_IDENTITY_INVALID CDP_UPSTREAM_FAILED */
  verifyToken(provider: TokenProvider, token: string): Promise<ProvenIdentity>
  /** @throws as {@link IdentityProviders.verifyToken} */
  askUserinfo(provider: UserinfoProvider, token: string): Promise<ProvenIdentity>
  /** @throws as {@link IdentityProviders.verifyToken} */
  introspect(provider: IntrospectionProvider, token: string): Promise<ProvenIdentity>
  /** @throws as {@link IdentityProviders.verifyToken} */
  askDebugToken(provider: DebugTokenProvider, token: string): Promise<ProvenIdentity>
}

const TIMEOUT_MS = 5_000

const ANSWER_BYTES_MAX = 256 * 1024

/** What providers sign with; nothing symmetric, nothing unsigned. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA']

/** Key sets that are remembered; each is some kilobytes. */
const KEY_SETS_MAX = 1_000

/** @param allowPrivate lets the URLs of workspaces lead to addresses that are not public: for tests and intranets */
export function openIdentityProviders({ allowPrivate }: { allowPrivate: boolean }): IdentityProviders {
  const keySets = new Map<string, JWTVerifyGetKey>()
  const keysOf = (url: string): JWTVerifyGetKey => {
    const known = keySets.get(url)
    if (known) return known
    if (keySets.size >= KEY_SETS_MAX) keySets.clear()
    const fetched = createRemoteJWKSet(new URL(url), {
      [customFetch]: async (target) => {
        // No status says anything about the token: nobody was asked about it.
        const { status, body } = await get(target, {}, allowPrivate)
        return Response.json(readObject(status, body))
      },
    })
    keySets.set(url, fetched)
    return fetched
  }
  return {
    verifyToken: async (provider, token) =>
      toIdentity(await verify(keysOf(provider.jwksUrl), provider, token)),
    askUserinfo: async ({ userinfoUrl }, token) =>
      toIdentity(await askJson(userinfoUrl, { authorization: `Bearer ${token}` }, allowPrivate)),
    introspect: (provider, token) => introspect(provider, token, allowPrivate),
    askDebugToken: (provider, token) => debugToken(provider, token, allowPrivate),
  }
}

async function verify(
  keys: JWTVerifyGetKey,
  { issuer, audiences }: TokenProvider,
  token: string,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: [...audiences],
      algorithms: ALGORITHMS,
      requiredClaims: ['sub', 'exp'],
      currentDate: new Date(now()),
    })
    return payload
  } catch (error) {
    if (error instanceof CdpError) throw error
    // A key set that cannot be had or read says nothing about the token.
    if (error instanceof errors.JWKSInvalid) throw upstreamFailed(error)
    if (error instanceof errors.JOSEError) throw new CdpError('CDP_IDENTITY_INVALID', { cause: error })
    throw error
  }
}

/** @source RFC 7662; its section 2.2: `active` is the only member that must be there */
async function introspect(
  { url, clientId, clientSecret, audiences }: IntrospectionProvider,
  token: string,
  allowPrivate: boolean,
): Promise<ProvenIdentity> {
  const basic = [clientId, clientSecret].map((text) => encodeURIComponent(text)).join(':')
  const { status, body } = await send(url, allowPrivate, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  })
  // Every refusal is of our own client: a token that is not valid is answered with 200.
  const told = readObject(status, body)
  const isOurs = [told['client_id'], told['aud']].flat().some((party) => audiences.includes(String(party)))
  if (told['active'] !== true || !isOurs) throw new CdpError('CDP_IDENTITY_INVALID')
  return toIdentity(told)
}

/**
 * @source Facebook Login, "Debugging Access Tokens": `data.is_valid`, `data.app_id`, `data.user_id`; "Securing Graph API
 * Requests": `appsecret_proof`, which an app may require
 */
async function debugToken(
  { graphUrl, appId, appSecret }: DebugTokenProvider,
  token: string,
  allowPrivate: boolean,
): Promise<ProvenIdentity> {
  const url = new URL(`${graphUrl.replace(/\/$/, '')}/debug_token`)
  url.searchParams.set('input_token', token)
  url.searchParams.set('access_token', `${appId}|${appSecret}`)
  const { data } = await askJson(url.href, {}, allowPrivate)
  if (!isJsonObject(data) || data['is_valid'] !== true || data['app_id'] !== appId)
    throw new CdpError('CDP_IDENTITY_INVALID')
  const me = new URL(`${graphUrl.replace(/\/$/, '')}/me`)
  me.searchParams.set('fields', 'id,email')
  me.searchParams.set('appsecret_proof', createHmac('sha256', appSecret).update(token).digest('hex'))
  const { id, email } = await askJson(me.href, { authorization: `Bearer ${token}` }, allowPrivate)
  if (typeof id !== 'string' || id === '' || id !== data['user_id'])
    throw new CdpError('CDP_IDENTITY_INVALID')
  // Facebook does not say whether it has checked the address.
  return { subject: id, email: typeof email === 'string' ? email : undefined, isEmailVerified: false }
}

/** What a server answers that does not like the token; anything else but 200 is its own trouble. */
const REFUSALS = [400, 401, 403]

async function askJson(
  url: string,
  headers: Readonly<Record<string, string>>,
  allowPrivate: boolean,
): Promise<Record<string, unknown>> {
  const { status, body } = await get(url, headers, allowPrivate)
  if (REFUSALS.includes(status)) throw new CdpError('CDP_IDENTITY_INVALID')
  return readObject(status, body)
}

function readObject(status: number, body: Buffer): Record<string, unknown> {
  if (status !== 200) throw upstreamFailed(new Error(`the provider answered ${status}`))
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'))
    if (isJsonObject(parsed)) return parsed
  } catch {
    // An answer that is not JSON says nothing, like one that is not an object.
  }
  throw upstreamFailed(new Error('the provider did not answer with an object'))
}

function get(
  url: string,
  headers: Readonly<Record<string, string>>,
  allowPrivate: boolean,
): ReturnType<typeof fetchGuarded> {
  return send(url, allowPrivate, { headers })
}

function send(
  url: string,
  allowPrivate: boolean,
  { headers, ...request }: Pick<OutboundRequest, 'method' | 'headers' | 'body'>,
): ReturnType<typeof fetchGuarded> {
  return fetchGuarded(url, {
    ...request,
    headers: { accept: 'application/json', ...headers },
    timeoutMs: TIMEOUT_MS,
    maxBytes: ANSWER_BYTES_MAX,
    allowPrivate,
  })
}

/** @source OpenID Connect Core 5.1; some providers write `email_verified` as text */
function toIdentity({ sub, email, email_verified: verified }: Record<string, unknown>): ProvenIdentity {
  if (typeof sub !== 'string' || sub === '' || sub.length > SUBJECT_LENGTH_MAX)
    throw new CdpError('CDP_IDENTITY_INVALID')
  return {
    subject: sub,
    email: typeof email === 'string' ? email : undefined,
    isEmailVerified: verified === true || verified === 'true',
  }
}

/** @source OpenID Connect Core 2: `sub` has at most 255 characters */
const SUBJECT_LENGTH_MAX = 255
