import { Secret, TOTP } from 'otpauth'
import type { FastifyInstance } from 'fastify'
import type { Starter } from '../../src/dialects/index.ts'
import { now } from '../../src/lib/time.ts'

/** How a dialect's credential travels: its headers and the path parameters that name the workspace. */
type Carrier = (
  starter: Starter,
  secret: string,
  guid: string,
) => { headers: Record<string, string>; params: Record<string, string> }

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })

/** Tokens that secrets bought, for the dialect whose clients show those. */
const TOKENS = new WeakMap<Starter, string>()

const CARRIERS: Record<string, Carrier> = {
  native: (_starter, secret, guid) => ({
    headers: bearer(secret),
    // The code after this one, and not the one before it, is still good when a step ends meanwhile.
    params: { guid, code: codeAt(now() + 30_000), earlierCode: codeAt(now()) },
  }),
  pyze: (starter, secret) => ({
    headers: bearer(secret),
    params: { appKey: starter.keys[1]?.secret ?? '' },
  }),
  synerise: (starter, secret, guid) => ({
    headers: {
      authorization: `Basic ${Buffer.from(`${guid}:${secret}`).toString('base64')}`,
      'api-version': '4.4',
    },
    params: {
      apiKey: secret,
      profileKey: starter.keys[1]?.secret ?? '',
      businessProfileUUID: guid,
      verificationCode: codeAt(now()),
    },
  }),
  // Its token is bought with the secret before; see `buyToken`.
  yotpo: (starter, secret) => ({
    headers: { 'x-yotpo-token': secret === starter.keys[0]?.secret ? (TOKENS.get(starter) ?? '') : secret },
    params: { storeId: String(starter.settings['storeId']), secret: starter.keys[0]?.secret ?? '' },
  }),
  xtremepush: (_starter, secret) => ({ headers: {}, params: { apptoken: secret } }),
  webengage: (starter, secret) => ({
    headers: bearer(secret),
    params: { licenseCode: String(starter.settings['licenseCode']) },
  }),
}

/** Buys the token of a starter whose clients show one; its calls carry it from then on. */
export async function buyToken(http: FastifyInstance, starter: Starter | undefined): Promise<void> {
  if (!starter) return
  const url = `/core/v3/stores/${String(starter.settings['storeId'])}/access_tokens`
  const payload = { secret: starter.keys[0]?.secret }
  const response = await http.inject({ method: 'POST', url, payload })
  TOKENS.set(starter, response.json<{ access_token: string }>().access_token)
}

/** The seed that every user with a second factor has. */
export const SEED = Buffer.alloc(20, 11)

/** The code that an authenticator app with {@link SEED} shows at an instant. */
export function codeAt(instant: number): string {
  return new TOTP({ secret: Secret.fromHex(SEED.toString('hex')) }).generate({ timestamp: instant })
}

/**
 * Where a call goes and what it shows: the credential of a dialect's starter, or none, or a wrong one.
 * @throws Error for a dialect that no carrier knows
 */
export function addressOf(
  starters: ReadonlyMap<string, Starter>,
  guid: string,
  dialect: string,
  call: { credential?: 'none' | 'wrong' },
): { headers: Record<string, string>; params: Record<string, string> } {
  const starter = starters.get(dialect)
  const carrier = CARRIERS[dialect]
  const secret = starter?.keys[0]?.secret
  if (!starter || !carrier || secret === undefined)
    throw new Error(`no carrier for the credentials of ${dialect}`)
  const address = carrier(starter, call.credential === 'wrong' ? 'wrong-secret' : secret, guid)
  const { authorization: _left, 'x-yotpo-token': _token, ...headers } = address.headers
  const { apptoken, ...others } = address.params
  const params = apptoken === undefined ? others : { ...others, apptoken: '' }
  return call.credential === 'none' ? { headers, params } : address
}
