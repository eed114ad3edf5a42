import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Services } from '../../../http/services.ts'
import { now, toRfc3339 } from '../../../lib/time.ts'
import { WORKSPACE_TOKEN, requireVersion } from '../guard.ts'
import { operation } from '../operations.ts'

/** Body of the login of a workspace. @source reference, Log in as Workspace */
const LoginBody = Type.Object({ apiKey: Type.String({ minLength: 1 }) })

/** One path per generation of clients. @source real-clients 1 */
const LOGINS = ['login-workspace', 'login-workspace-v1', 'login-workspace-v4']

/** Adds the login of a workspace and the server's time. */
export function registerAuthorization(app: FastifyInstance, services: Services): void {
  for (const id of LOGINS) {
    app.post(
      operation(id).path,
      { schema: { body: LoginBody }, config: { operation: id }, onRequest: limitLogins(services) },
      async (request) => logIn(services, request),
    )
  }
  app.get(
    operation('server-time').path,
    { config: { operation: 'server-time' }, onRequest: async (request) => requireVersion(request) },
    async () => ({ serverTime: toRfc3339(now()) }),
  )
}

/** @assumed the vendor prints no limit; a key has too many values to be guessed, so this only bounds the work */
const LOGINS_PER_MINUTE = 6_000

function limitLogins({ limiter }: Services) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const limit = { name: 'synerise-login', requests: LOGINS_PER_MINUTE, windowSeconds: 60 }
    await limiter.count(request.ip, limit, reply)
  }
}

/** @throws CDP_KEY_UNKNOWN */
async function logIn(services: Services, request: FastifyRequest): Promise<{ token: string }> {
  const { apiKey } = request.body as Static<typeof LoginBody>
  const caller = await services.credentials.authenticate(apiKey, 'workspace')
  request.caller = caller
  return { token: await services.tokens.issue(caller, WORKSPACE_TOKEN) }
}
