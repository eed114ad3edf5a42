import type { FastifyRequest } from 'fastify'
import type { TokenKind } from '../../core/access/index.ts'
import { authenticate, bearerOf, requirePermission } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { unlessReplayed } from '../../http/replay.ts'
import { CdpError } from '../../model/errors.ts'
import type { Caller } from '../../model/workspace.ts'

/** What the token of a browser session says. */
export const SESSION_TOKEN: TokenKind = { issuer: 'Tributary', audience: 'native', realm: 'session' }

/** Name of the cookie that holds it. */
export const SESSION_COOKIE = 'tributary_session'

/** Where the cookie is sent: to this API and nowhere else. */
export const SESSION_PATH = '/api/v1'

/** Checks who is calling and what that one may do. @throws CDP_KEY_MISSING CDP_KEY_UNKNOWN CDP_PERMISSION_MISSING */
export function guard(services: Services, permission: string) {
  return unlessReplayed(async (request) => requirePermission(await findCaller(services, request), permission))
}

/** A header wins over a cookie: it was put there on purpose. */
async function findCaller(services: Services, request: FastifyRequest): Promise<Caller> {
  const cookie = request.cookies[SESSION_COOKIE]
  if (cookie === undefined || request.headers.authorization !== undefined)
    return authenticate(services, request, bearerOf(request), 'native')
  requireOwnOrigin(request)
  request.caller = await services.tokens.verify(cookie, SESSION_TOKEN)
  return request.caller
}

/**
 * A browser sends a cookie by itself, so a page of another origin must not profit from it. Only reads may come without an
 * Origin: those of the same origin have none, and SameSite=Strict keeps the others' cookies back.
 * @throws CDP_ORIGIN_FORBIDDEN
 */
export function requireOwnOrigin(request: FastifyRequest): void {
  const { origin } = request.headers
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const isOwn = origin === undefined ? isRead : origin === `${request.protocol}://${request.host}`
  if (!isOwn) throw new CdpError('CDP_ORIGIN_FORBIDDEN')
}
