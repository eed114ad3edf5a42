import type { FastifyRequest } from 'fastify'
import { requireConfirmed } from '../../core/access/index.ts'
import type { TokenKind } from '../../core/access/index.ts'
import { actorOfCaller } from '../../core/audit/index.ts'
import type { Actor } from '../../core/audit/index.ts'
import { authenticate, bearerOf, callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { requireOwnOrigin } from '../../http/own-origin.ts'
import { unlessReplayed } from '../../http/replay.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller } from '../../model/workspace.ts'
import { mayDo } from './permissions.ts'

/** What the token of a browser session says that a key began. */
export const SESSION_TOKEN: TokenKind = { issuer: 'Tributary', audience: 'native', realm: 'session' }

/** What the token of a user says. */
export const USER_TOKEN: TokenKind = { issuer: 'Tributary', audience: 'native', realm: 'user' }

/** Name of the cookie that holds either. */
export const SESSION_COOKIE = 'tributary_session'

/** Where the cookie is sent: to this API and nowhere else. */
export const SESSION_PATH = '/api/v1'

/**
 * Checks who is calling and what that one may do.
 * @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN CDP_TOKEN_INVALID CDP_PERMISSION_MISSING
 */
export function guard(services: Services, permission: string) {
  return unlessReplayed(async (request) => {
    request.caller = await findCaller(services, request)
    if (!mayDo(request.caller, permission)) throw new CdpError('CDP_PERMISSION_MISSING')
  })
}

/**
 * Checks a user who may not have selected a workspace yet.
 * @param options.unconfirmed takes who has not given its second factor
 * @throws CDP_KEY_MISSING CDP_TOKEN_INVALID CDP_TOKEN_EXPIRED CDP_MFA_REQUIRED CDP_ORIGIN_FORBIDDEN
 */
export function guardLogin({ callers }: Services, { unconfirmed = false }: { unconfirmed?: boolean } = {}) {
  return async (request: FastifyRequest): Promise<void> => {
    const token = bearerOf(request) ?? cookieOf(request)
    if (token === undefined) throw new CdpError('CDP_KEY_MISSING')
    request.login = await callers.loginOf(token, USER_TOKEN)
    if (!unconfirmed) requireConfirmed(request.login)
  }
}

/** Who acts, for the audit log. */
export function actorOf(request: FastifyRequest): Actor {
  const { login, ip, id } = request
  if (login) return { kind: 'user', label: login.operator.email, address: ip, traceId: id }
  return actorOfCaller(callerOf(request), ip, id)
}

/** Who acts; what that one does happens once for the Idempotency-Key of its request. */
export function actorOnce({ once }: Services, request: FastifyRequest): Actor {
  return { ...actorOf(request), run: once(onceOf(request)) }
}

/** A signed token, as against a key: three parts, of which the first is a JSON object. */
const TOKEN = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/

/** A header wins over a cookie: it was put there on purpose. */
async function findCaller(services: Services, request: FastifyRequest): Promise<Caller> {
  const cookie = cookieOf(request)
  if (cookie !== undefined) return services.callers.ofToken(cookie, [SESSION_TOKEN, USER_TOKEN], request.ip)
  const secret = bearerOf(request)
  if (secret !== undefined && TOKEN.test(secret))
    return services.callers.ofToken(secret, [USER_TOKEN], request.ip)
  return authenticate(services, request, secret, 'native')
}

/** The token of the cookie, where no header stands beside it. @throws CDP_ORIGIN_FORBIDDEN */
function cookieOf(request: FastifyRequest): string | undefined {
  const cookie = request.cookies[SESSION_COOKIE]
  if (cookie === undefined || request.headers.authorization !== undefined) return undefined
  requireOwnOrigin(request)
  return cookie
}
