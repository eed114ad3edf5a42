import type { FastifyRequest } from 'fastify'
import type { TokenKind } from '../../core/access/index.ts'
import { authenticate, bearerOf, requirePermission } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { requireOwnOrigin } from '../../http/own-origin.ts'
import { unlessReplayed } from '../../http/replay.ts'
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
