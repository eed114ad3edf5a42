import type { FastifyRequest } from 'fastify'
import { requireConfirmed } from '../../core/access/index.ts'
import type { TokenKind } from '../../core/access/index.ts'
import { basicOf, bearerOf, requirePermission } from '../../http/authenticate.ts'
import { unlessReplayed } from '../../http/replay.ts'
import type { Services } from '../../http/services.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller } from '../../model/workspace.ts'
import type { CallerKind, SyneriseOperation } from './operations.ts'

/** @source reference 0.1: issuer and audience of every token */
const PARTY = { issuer: 'Synerise', audience: 'API' } as const

/** @assumed the realm of a workspace's token; the samples show those of profiles only */
export const WORKSPACE_TOKEN: TokenKind = { ...PARTY, realm: 'business_profile' }

/** @source reference 0.1 */
export const PROFILE_TOKEN: TokenKind = { ...PARTY, realm: 'client' }

/** @source reference 0.1 */
export const ANONYMOUS_TOKEN: TokenKind = { ...PARTY, realm: 'anonymous_client' }

/** @assumed the realm of a user's token; the samples show those of profiles only */
export const USER_TOKEN: TokenKind = { ...PARTY, realm: 'user' }

/** Every kind of token that opens something; which of them opens an operation stands in its table. */
const TOKENS = [WORKSPACE_TOKEN, PROFILE_TOKEN, ANONYMOUS_TOKEN, USER_TOKEN] as const

/** @source reference 0.2 */
const API_VERSION = '4.4'

/**
 * Checks who is calling, what that one may do, and the version header, in this order.
 * @assumed the order: a caller without a credential learns nothing else
 */
export function guard(services: Services, operation: SyneriseOperation) {
  return unlessReplayed(async (request) => {
    request.caller = await authenticate(services, request)
    permit(request.caller, operation)
    if (isVersioned(operation.path)) requireVersion(request)
  })
}

/**
 * Checks a user who may not have selected a workspace yet, and how far its login is.
 * @throws CDP_KEY_MISSING CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED CDP_CALLER_KIND_FORBIDDEN CDP_MFA_REQUIRED
 */
export function guardLogin(services: Services, { callers = [] }: SyneriseOperation) {
  return async (request: FastifyRequest): Promise<void> => {
    const token = bearerOf(request)
    // A key of any kind is no user: who has none, or a wrong one, learns that first.
    if (token === undefined) await authenticate(services, request)
    if (token === undefined) throw new CdpError('CDP_CALLER_KIND_FORBIDDEN')
    const { realm } = await services.tokens.read(token, TOKENS)
    if (realm !== USER_TOKEN.realm) throw new CdpError('CDP_CALLER_KIND_FORBIDDEN')
    request.login = await services.callers.loginOf(token, USER_TOKEN)
    if (!callers.includes('U0')) requireConfirmed(request.login)
  }
}

/** @throws CDP_CALLER_KIND_FORBIDDEN CDP_PERMISSION_MISSING */
function permit(
  caller: Caller,
  { callers = [], permission, alsoPermission, role, act }: SyneriseOperation,
): void {
  const kind = kindOf(caller)
  if (!callers.includes(kind)) throw new CdpError('CDP_CALLER_KIND_FORBIDDEN')
  if (kind === 'U' && role !== undefined) requirePermission(caller, `${role}:${act}`)
  if (UNCHECKED.has(kind)) return
  for (const needed of [permission, alsoPermission])
    if (needed !== undefined) requirePermission(caller, needed)
}

/**
 * Kinds that an operation's permission is not asked of.
 * @assumed tracker and AI keys carry no permissions: they open whatever lists their kind, and nothing else
 */
const UNCHECKED: ReadonlySet<CallerKind> = new Set<CallerKind>(['U', 'T', 'K'])

const KIND_OF_PERSON = { profile: 'P', anonymous: 'A', user: 'U' } as const

const KIND_OF_SCOPE: Partial<Record<Caller['scope'], CallerKind>> = { tracker: 'T', ai: 'K' }

/** What kind of caller this is, in the vendor's letters. */
export function kindOf({ person, scope }: Caller): CallerKind {
  return person ? KIND_OF_PERSON[person.kind] : (KIND_OF_SCOPE[scope] ?? 'W')
}

/** Whether the caller is a profile, logged in or anonymous. */
export function isPersonal(caller: Caller): boolean {
  return caller.person !== undefined && caller.person.kind !== 'user'
}

/** Which paths ask for the version: those below /v4, without the logins and most of the tags. @source reference 0.2, real-clients 1, chapter 6 */
export function isVersioned(path: string): boolean {
  return path.startsWith('/v4/') && !/^\/v4\/(?:auth\/|tags|clients\/:clientId\/tags)/.test(path)
}

/** @throws CDP_API_VERSION_INVALID */
export function requireVersion(request: FastifyRequest): void {
  if (request.headers['api-version'] !== API_VERSION) throw new CdpError('CDP_API_VERSION_INVALID')
}

/**
 * The holder of a token, or of `Basic base64(guid:apiKey)`, which is taken wherever a workspace's token is; without either of
 * them, of a tracker key in the query or of an AI key in a header of its own.
 * @assumed the header of the AI key is `X-Api-Key`, as in an edition of 2021; of several credentials the one in the header
 * `Authorization` counts
 * @source reference 0.1, real-clients 1
 * @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED
 */
async function authenticate(services: Services, request: FastifyRequest): Promise<Caller> {
  const token = bearerOf(request)
  if (token !== undefined) return services.callers.ofToken(token, TOKENS, request.ip)
  const basic = basicOf(request)
  if (request.headers.authorization === undefined) {
    const { token: tracker } = request.query as { token?: unknown }
    if (typeof tracker === 'string') return services.credentials.authenticate(tracker, 'tracker')
    const aiKey = request.headers['x-api-key']
    if (typeof aiKey === 'string') return services.credentials.authenticate(aiKey, 'ai')
  }
  const caller = await services.credentials.authenticate(basic?.password, 'workspace')
  if (caller.workspace.guid !== basic?.user.toLowerCase()) throw new CdpError('CDP_KEY_UNKNOWN')
  return caller
}
