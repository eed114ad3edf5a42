import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { callerOf } from '../../../http/authenticate.ts'
import type { Services } from '../../../http/services.ts'
import { now, toRfc3339 } from '../../../lib/time.ts'
import { CdpError } from '../../../model/errors.ts'
import type { Caller } from '../../../model/workspace.ts'
import { USER_TOKEN, WORKSPACE_TOKEN, guard, requireVersion } from '../guard.ts'
import { operation } from '../operations.ts'
import { limitLogins } from './limits.ts'
import { registerUsers } from './users.ts'

/** Body of the login of a workspace. @source reference, Log in as Workspace */
const LoginBody = Type.Object({ apiKey: Type.String({ minLength: 1 }) })

/** One path per generation of clients. @source real-clients 1 */
const LOGINS = ['login-workspace', 'login-workspace-v1', 'login-workspace-v4']

/** @source real-clients 10: what the vendor's own plugins call */
const REFRESHES = ['refresh-workspace', 'refresh-workspace-v4']

/** Names of permissions to look for. @source real-clients 10, the vendor's PHP SDK: a list of texts */
const PermissionCheckBody = Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 1_000 })

/** Adds the logins of workspaces and users and the server's time. */
export function registerAuthorization(app: FastifyInstance, services: Services): void {
  for (const id of LOGINS) {
    app.post(
      operation(id).path,
      {
        schema: { body: LoginBody },
        config: { operation: id, holdsSecrets: true },
        onRequest: limitLogins(services),
      },
      async (request) => logIn(services, request),
    )
  }
  registerUsers(app, services)
  for (const id of REFRESHES) {
    app.get(
      operation(id).path,
      { config: { operation: id }, onRequest: guard(services, operation(id)) },
      async (request) => ({ token: await refresh(services, callerOf(request)) }),
    )
  }
  app.post(
    operation('check-permissions').path,
    {
      schema: { body: PermissionCheckBody },
      config: { operation: 'check-permissions' },
      onRequest: guard(services, operation('check-permissions')),
    },
    async (request) => checkPermissions(callerOf(request), request.body as string[]),
  )
  app.get(
    operation('server-time').path,
    { config: { operation: 'server-time' }, onRequest: async (request) => requireVersion(request) },
    async () => ({ serverTime: toRfc3339(now()) }),
  )
}

/** @throws CDP_KEY_UNKNOWN */
async function logIn(services: Services, request: FastifyRequest): Promise<{ token: string }> {
  const { apiKey } = request.body as Static<typeof LoginBody>
  const caller = await services.credentials.authenticate(apiKey, 'workspace')
  request.caller = caller
  return { token: await services.tokens.issue(caller, WORKSPACE_TOKEN) }
}

/** A token for as long again: of a user the session lives on, of a workspace its key buys another. */
async function refresh(services: Services, caller: Caller): Promise<string> {
  const { person, workspace, permissions } = caller
  if (person?.kind !== 'user') return services.tokens.issue(caller, WORKSPACE_TOKEN)
  const { sessionId, userId: subject, email } = person
  await services.sessions.extend(sessionId, now() + workspace.settings.tokenLifeSeconds * 1000)
  const session = await services.sessions.find(sessionId)
  if (!session) throw new CdpError('CDP_TOKEN_INVALID')
  return services.tokens.issueFor(
    session,
    { subject, email, permissions, workspace, keyId: undefined },
    USER_TOKEN,
  )
}

/**
 * Which of some permissions an api key has.
 * @source real-clients 10, the vendor's PHP SDK: `businessProfileName`, and `permissions` with a truth value for each
 * @assumed the truth values stand under the names of the permissions
 */
function checkPermissions({ workspace, permissions }: Caller, wanted: readonly string[]): object {
  const may = (permission: string): boolean => permissions.includes('*') || permissions.includes(permission)
  return {
    businessProfileName: workspace.name,
    permissions: Object.fromEntries(wanted.map((permission) => [permission, may(permission)])),
  }
}
