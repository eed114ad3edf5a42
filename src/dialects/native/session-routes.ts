import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { authenticate, bearerOf, callerOf } from '../../http/authenticate.ts'
import { requireOwnOrigin } from '../../http/own-origin.ts'
import type { Services } from '../../http/services.ts'
import { SESSION_COOKIE, SESSION_PATH, SESSION_TOKEN } from './guard.ts'

/** Lets a browser call: what it cannot put into a header (an EventSource) it sends as a cookie. */
export function registerSessions(app: FastifyInstance, services: Services): void {
  app.register(cookie)
  app.post(
    '/api/v1/session',
    {
      config: { operation: 'create-session' },
      onRequest: async (request) => void (await authenticate(services, request, bearerOf(request), 'native')),
    },
    (request, reply) => createSession(services, request, reply),
  )
  app.delete(
    '/api/v1/session',
    { config: { operation: 'delete-session' }, onRequest: async (request) => requireOwnOrigin(request) },
    async (_request, reply) => reply.clearCookie(SESSION_COOKIE, { path: SESSION_PATH }).code(204).send(),
  )
}

/** The cookie ends with the token in it, and with the key that bought it. */
async function createSession(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const caller = callerOf(request)
  const token = await services.tokens.issue(caller, SESSION_TOKEN)
  return reply
    .setCookie(SESSION_COOKIE, token, {
      path: SESSION_PATH,
      httpOnly: true,
      sameSite: 'strict',
      secure: request.protocol === 'https',
      maxAge: caller.workspace.settings.tokenLifeSeconds,
    })
    .code(204)
    .send()
}
