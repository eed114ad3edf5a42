import { SignJWT, errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { sha256, sha256Of, uuidFromHash } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller } from '../../model/workspace.ts'
import type { Credentials } from './credentials.ts'
import { TOKEN_ALGORITHM } from './signing-keys.ts'
import type { SigningKeys } from './signing-keys.ts'

/** For whom a token is made, in the words of the dialect that hands it out. */
export interface TokenKind {
  issuer: string
  audience: string
  /** What kind of caller it stands for; one kind never passes for another. */
  realm: string
}

/** Hands out and checks short tokens for api keys. */
export interface Tokens {
  /**
   * A token for the holder of an api key. Many clients log in before every call: the same token is given again while
   * more than half of its life is left.
   */
  issue(caller: Caller, kind: TokenKind): Promise<string>
  /** Who holds this token. @throws CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED */
  verify(token: string, kind: TokenKind): Promise<Caller>
}

/** What is remembered of a token whose signature was checked. */
interface Checked {
  workspaceId: number
  apiKeyId: number
  expiresAt: Instant
}

const REMEMBERED_MAX = 10_000

/** Opens tokens over signing keys; a revoked api key ends its tokens. */
export function openTokens(keys: SigningKeys, credentials: Credentials): Tokens {
  const issued = new Map<string, { token: string; renewAt: Instant }>()
  const checked = new Map<string, Checked>()
  const issue = async (caller: Caller, kind: TokenKind): Promise<string> => {
    const { tokenLifeSeconds } = caller.workspace.settings
    const key = [caller.workspace.id, caller.keyId, kind.realm, tokenLifeSeconds, ...caller.permissions].join(
      '|',
    )
    const known = issued.get(key)
    if (known && known.renewAt > now()) return known.token
    const token = await sign(keys, caller, kind)
    remember(issued, key, { token, renewAt: now() + tokenLifeSeconds * 500 })
    return token
  }
  const verify = async (token: string, kind: TokenKind): Promise<Caller> => {
    const key = `${kind.realm}|${sha256(token).toString('latin1')}`
    const known = checked.get(key) ?? (await check(keys, token, kind))
    if (known.expiresAt <= now()) throw new CdpError('CDP_TOKEN_EXPIRED')
    if (!checked.has(key)) remember(checked, key, known)
    const caller = await credentials.callerOf(known.workspaceId, known.apiKeyId)
    if (!caller) throw new CdpError('CDP_TOKEN_INVALID')
    return caller
  }
  return { issue, verify }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= REMEMBERED_MAX) map.clear()
  map.set(key, value)
}

/** @source reference Synerise 0.1: the claims of its tokens */
async function sign(
  keys: SigningKeys,
  caller: Caller,
  { issuer, audience, realm }: TokenKind,
): Promise<string> {
  const { kid, privateKey } = await keys.current()
  const { workspace, keyId, permissions } = caller
  const issuedAt = now()
  const claims = { rlm: realm, ctd: issuedAt, auth: permissions, bpi: workspace.id, apk: publicIdOf(caller) }
  return new SignJWT(claims)
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid, typ: 'JWT' })
    .setSubject(String(keyId))
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(Math.floor(issuedAt / 1000))
    .setExpirationTime(Math.floor(issuedAt / 1000) + workspace.settings.tokenLifeSeconds)
    .sign(privateKey)
}

/** The vendor writes the api key itself here; a token may end up in a browser, so it gets a name of the key only. */
function publicIdOf({ workspace, keyId }: Caller): string {
  return uuidFromHash(sha256Of('api-key', workspace.guid, String(keyId))).toUpperCase()
}

async function check(keys: SigningKeys, token: string, kind: TokenKind): Promise<Checked> {
  const claims = await verified(keys, token, kind)
  const { rlm, bpi, sub, exp } = claims
  const apiKeyId = Number(sub)
  if (rlm !== kind.realm || typeof bpi !== 'number' || !Number.isSafeInteger(apiKeyId) || exp === undefined)
    throw new CdpError('CDP_TOKEN_INVALID')
  return { workspaceId: bpi, apiKeyId, expiresAt: exp * 1000 }
}

async function verified(
  keys: SigningKeys,
  token: string,
  { issuer, audience }: TokenKind,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, ({ kid = '' }) => keys.publicKey(kid), {
      algorithms: [TOKEN_ALGORITHM],
      issuer,
      audience,
      currentDate: new Date(now()),
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new CdpError('CDP_TOKEN_EXPIRED')
    if (error instanceof errors.JOSEError) throw new CdpError('CDP_TOKEN_INVALID', { cause: error })
    throw error
  }
}
