import { SignJWT, errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'
import { sha256, sha256Of, uuidFromHash } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller, Workspace } from '../../model/workspace.ts'
import type { Credentials } from './credentials.ts'
import type { Session, Sessions } from './sessions.ts'
import { TOKEN_ALGORITHM } from './signing-keys.ts'
import type { SigningKeys } from './signing-keys.ts'

/** For whom a token is made, in the words of the dialect that hands it out. */
export interface TokenKind {
  issuer: string
  audience: string
  /** What kind of caller it stands for; one kind never passes for another. */
  realm: string
}

/** What a session's token says of its person beside the session. */
export interface PersonClaims {
  /** Shown as `sub` and, for profiles, as `clId`. */
  subject: number
  /** Shown as `eml`. */
  email: string | undefined
  /** Shown as `auth`. */
  permissions: readonly string[]
  workspace: Workspace | undefined
  /** The api key that lent its permissions. */
  keyId: number | undefined
}

/** What a genuine token says; whether its key or its session still lives is for the caller to ask. */
export interface TokenFacts {
  realm: string
  workspaceId: number | undefined
  /** Of the token of an api key: the key's id. Of a person's: the person's. */
  subject: number
  /** Undefined in the token of an api key. */
  sessionId: string | undefined
  expiresAt: Instant
}

/** Hands out and checks short tokens. */
export interface Tokens {
  /**
   * A token for the holder of an api key. Many clients log in before every call: the same token is given again while
   * more than half of its life is left.
   */
  issue(caller: Caller, kind: TokenKind): Promise<string>
  /** A token of a session; it ends when the session does. */
  issueFor(session: Session, claims: PersonClaims, kind: TokenKind): Promise<string>
  /** Checks signature, issuer, audience and time. @throws CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED */
  read(token: string, kinds: readonly TokenKind[]): Promise<TokenFacts>
  /** Which api key holds this token. @throws CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED */
  verify(token: string, kind: TokenKind): Promise<Caller>
  /** The living session of a token. @throws CDP_TOKEN_INVALID it is over */
  sessionOf(facts: TokenFacts): Promise<Session>
}

const REMEMBERED_MAX = 10_000

/** Opens tokens over signing keys; a revoked api key ends its tokens, and so does the end of a session. */
export function openTokens(keys: SigningKeys, credentials: Credentials, sessions: Sessions): Tokens {
  const issued = new Map<string, { token: string; renewAt: Instant }>()
  const checked = new Map<string, TokenFacts>()
  const issue = async (caller: Caller, kind: TokenKind): Promise<string> => {
    const { tokenLifeSeconds } = caller.workspace.settings
    const key = [caller.workspace.id, caller.keyId, kind.realm, tokenLifeSeconds, ...caller.permissions].join(
      '|',
    )
    const known = issued.get(key)
    if (known && known.renewAt > now()) return known.token
    const token = await signForKey(keys, caller, kind)
    remember(issued, key, { token, renewAt: now() + tokenLifeSeconds * 500 })
    return token
  }
  const read = async (token: string, kinds: readonly TokenKind[]): Promise<TokenFacts> => {
    // One token may be shown to two parties: what one of them found says nothing to the other.
    const parties = kinds.map(({ issuer, audience, realm }) => `${issuer}|${audience}|${realm}`).join()
    const key = `${parties}|${sha256(token).toString('latin1')}`
    const known = checked.get(key) ?? (await check(keys, token, kinds))
    if (known.expiresAt <= now()) throw new CdpError('CDP_TOKEN_EXPIRED')
    if (!checked.has(key)) remember(checked, key, known)
    return known
  }
  const verify = async (token: string, kind: TokenKind): Promise<Caller> => {
    const { workspaceId, subject, sessionId } = await read(token, [kind])
    const isOfKey = workspaceId !== undefined && sessionId === undefined
    const caller = isOfKey ? await credentials.callerOf(workspaceId, subject) : undefined
    if (!caller) throw new CdpError('CDP_TOKEN_INVALID')
    return caller
  }
  const sessionOf = async ({ sessionId }: TokenFacts): Promise<Session> => {
    const session = sessionId === undefined ? undefined : await sessions.find(sessionId)
    if (!session) throw new CdpError('CDP_TOKEN_INVALID')
    return session
  }
  const issueFor: Tokens['issueFor'] = (session, claims, kind) => signForPerson(keys, session, claims, kind)
  return { issue, issueFor, read, verify, sessionOf }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= REMEMBERED_MAX) map.clear()
  map.set(key, value)
}

/** @source reference Synerise 0.1: the claims of its tokens */
async function signForKey(keys: SigningKeys, caller: Caller, kind: TokenKind): Promise<string> {
  const { workspace, keyId = 0, permissions } = caller
  const claims = { auth: permissions, bpi: workspace.id, apk: publicIdOf(workspace, keyId) }
  return sign(keys, kind, {
    claims,
    subject: keyId,
    expiresAt: now() + workspace.settings.tokenLifeSeconds * 1000,
  })
}

async function signForPerson(
  keys: SigningKeys,
  { sessionId, expiresAt, kind: sessionKind }: Session,
  { subject, email, permissions, workspace, keyId }: PersonClaims,
  kind: TokenKind,
): Promise<string> {
  const claims = {
    auth: permissions,
    sid: sessionId,
    ...(email !== undefined && { eml: email }),
    ...(workspace && { bpi: workspace.id }),
    ...(workspace && keyId !== undefined && { apk: publicIdOf(workspace, keyId) }),
    ...(sessionKind !== 'user' && { clId: subject }),
  }
  return sign(keys, kind, { claims, subject, expiresAt })
}

interface ToSign {
  claims: JWTPayload
  subject: number
  expiresAt: Instant
}

async function sign(
  keys: SigningKeys,
  { issuer, audience, realm }: TokenKind,
  { claims, subject, expiresAt }: ToSign,
): Promise<string> {
  // Before the key, which may have to be made first: a token lives as long as it says, counted from its issue.
  const issuedAt = now()
  const { kid, privateKey } = await keys.current()
  return new SignJWT({ rlm: realm, ctd: issuedAt, ...claims })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM, kid, typ: 'JWT' })
    .setSubject(String(subject))
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(Math.floor(issuedAt / 1000))
    .setExpirationTime(Math.floor(expiresAt / 1000))
    .sign(privateKey)
}

/** The vendor writes the api key itself here; a token may end up in a browser, so it gets a name of the key only. */
function publicIdOf({ guid }: Workspace, keyId: number): string {
  return uuidFromHash(sha256Of('api-key', guid, String(keyId))).toUpperCase()
}

async function check(keys: SigningKeys, token: string, kinds: readonly TokenKind[]): Promise<TokenFacts> {
  const { rlm, bpi, sub, sid, exp, iss, aud } = await verified(keys, token, kinds)
  const isMeant = kinds.some(
    ({ issuer, audience, realm }) => issuer === iss && audience === aud && realm === rlm,
  )
  const subject = Number(sub)
  if (!isMeant || typeof rlm !== 'string' || !Number.isSafeInteger(subject) || exp === undefined)
    throw new CdpError('CDP_TOKEN_INVALID')
  return {
    realm: rlm,
    workspaceId: typeof bpi === 'number' ? bpi : undefined,
    subject,
    sessionId: typeof sid === 'string' ? sid : undefined,
    expiresAt: exp * 1000,
  }
}

async function verified(keys: SigningKeys, token: string, kinds: readonly TokenKind[]): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, ({ kid = '' }) => keys.publicKey(kid), {
      algorithms: [TOKEN_ALGORITHM],
      issuer: kinds.map(({ issuer }) => issuer),
      audience: kinds.map(({ audience }) => audience),
      currentDate: new Date(now()),
    })
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new CdpError('CDP_TOKEN_EXPIRED')
    if (error instanceof errors.JOSEError) throw new CdpError('CDP_TOKEN_INVALID', { cause: error })
    throw error
  }
}
