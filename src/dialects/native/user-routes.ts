import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Operator } from '../../core/access/index.ts'
import type { Authority } from '../../core/users/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { actorOf, actorOnce, guard } from './guard.ts'
import { NoQuery } from './schemas.ts'
import { UserBody, UserPatch } from './user-schemas.ts'

/** Adds the management of users. */
export function registerUsers(app: FastifyInstance, services: Services): void {
  const { users } = services
  const path = '/api/v1/users'
  const options = (operation: string, permission: string, schema: object) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  app.get(path, options('list-users', 'users:read', { querystring: NoQuery }), async (request) => {
    const found = await users.list(await authorityOf(services, request))
    return { items: await showAll(services, found), nextCursor: null }
  })
  const creation = options('create-user', 'users:write', { body: UserBody })
  app.post(
    path,
    { ...creation, config: { ...creation.config, holdsSecrets: true } },
    async (request, reply) => {
      const user = await users.create(await authorityOnce(services, request), request.body as UserBody)
      reply.code(201)
      return show(services, user)
    },
  )
  app.patch(`${path}/:userId`, options('patch-user', 'users:write', { body: UserPatch }), async (request) =>
    show(
      services,
      await users.change(
        await authorityOnce(services, request),
        userIdOf(request),
        request.body as UserPatch,
      ),
    ),
  )
  app.delete(`${path}/:userId`, options('disable-user', 'users:write', {}), async (request, reply) => {
    await users.change(await authorityOnce(services, request), userIdOf(request), { disabled: true })
    return reply.code(204).send()
  })
  app.post(`${path}/:userId/reset-mfa`, options('reset-mfa', 'users:write', {}), async (request, reply) => {
    await users.resetMfa(await authorityOnce(services, request), userIdOf(request))
    return reply.code(204).send()
  })
}

/** How far the caller reaches. */
export function authorityOf({ users }: Services, request: FastifyRequest): Promise<Authority> {
  return users.authorityOf(callerOf(request), actorOf(request))
}

/** How far the caller of a write reaches, which happens once for its Idempotency-Key. */
export async function authorityOnce(services: Services, request: FastifyRequest): Promise<Authority> {
  return { ...(await authorityOf(services, request)), actor: actorOnce(services, request) }
}

/** @throws CDP_USER_NOT_FOUND it can be nobody's */
function userIdOf(request: FastifyRequest): number {
  const { userId } = request.params as { userId: string }
  if (!/^\d{1,9}$/.test(userId)) throw new CdpError('CDP_USER_NOT_FOUND')
  return Number(userId)
}

async function show(services: Services, user: Operator): Promise<object> {
  const [shown = {}] = await showAll(services, [user])
  return shown
}

/** Users as this API shows them: never a secret, workspaces by their guid. */
async function showAll({ workspaces }: Services, users: readonly Operator[]): Promise<object[]> {
  const living = new Map((await workspaces.list()).map((workspace) => [workspace.id, workspace]))
  return users.map(({ userId: id, email, role, managedBy, createdAt, disabledAt, hasTotp, memberships }) => ({
    id,
    email,
    role,
    hasTotp,
    managedBy,
    createdAt: toRfc3339(createdAt),
    disabledAt: disabledAt === undefined ? null : toRfc3339(disabledAt),
    workspaces: memberships.flatMap(({ workspaceId, role: roleThere }) => {
      const workspace = living.get(workspaceId)
      return workspace ? [{ guid: workspace.guid, name: workspace.name, role: roleThere }] : []
    }),
  }))
}
