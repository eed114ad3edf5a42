import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ApiKey, ApiKeyDraft } from '../../core/access/index.ts'
import type { AuditRow } from '../../core/audit/index.ts'
import type { Invitation } from '../../core/users/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { DAY_MS, EARLIEST_INSTANT, now, toRfc3339 } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { KeyScope } from '../../model/workspace.ts'
import { actorOnce, guard } from './guard.ts'
import { readInstant, readLimit } from './mapping.ts'
import { NoQuery } from './schemas.ts'
import { authorityOf, authorityOnce } from './user-routes.ts'
import { AcceptBody, AuditQuery, InvitationBody, KeyBody, RoleBody } from './user-schemas.ts'

/** The options of a route that asks for a permission. */
type Options = (operation: string, permission: string, schema: object) => object

/** Adds invitations, roles, api keys and the audit log. */
export function registerAccess(app: FastifyInstance, services: Services): void {
  const options: Options = (operation, permission, schema) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  addInvitations(app, services, options)
  addRoles(app, services, options)
  addKeys(app, services, options)
  app.get('/api/v1/audit', options('list-audit', 'audit:read', { querystring: AuditQuery }), (request) =>
    listAudit(services, request),
  )
}

function addInvitations(app: FastifyInstance, services: Services, options: Options): void {
  const { invitations } = services
  const path = '/api/v1/invitations'
  app.get(path, options('list-invitations', 'users:read', { querystring: NoQuery }), async (request) => {
    const found = await invitations.list(await authorityOf(services, request))
    return { items: found.map(showInvitation), nextCursor: null }
  })
  app.post(
    path,
    options('create-invitation', 'users:write', { body: InvitationBody }),
    async (request, reply) => {
      const draft = request.body as InvitationBody
      const { invitation, token } = await invitations.create(await authorityOnce(services, request), draft)
      reply.code(201)
      return { ...showInvitation(invitation), token }
    },
  )
  app.delete(
    `${path}/:invitationId`,
    options('revoke-invitation', 'users:write', {}),
    async (request, reply) => {
      const { invitationId } = request.params as { invitationId: string }
      await invitations.revoke(await authorityOnce(services, request), invitationId.toLowerCase())
      return reply.code(204).send()
    },
  )
  // Its token is the credential.
  app.post(
    `${path}/accept`,
    { schema: { body: AcceptBody }, config: { operation: 'accept-invitation', holdsSecrets: true } },
    async (request) => {
      const { token, password } = request.body as AcceptBody
      const from = { address: request.ip, traceId: request.id }
      return { email: await invitations.accept(token, password, from) }
    },
  )
}

function showInvitation(invitation: Invitation): object {
  const { invitationId: id, email, role, workspaceRole, invitedBy, createdAt, expiresAt } = invitation
  const times = { createdAt: toRfc3339(createdAt), expiresAt: toRfc3339(expiresAt) }
  return { id, email, role, workspaceRole, invitedBy, ...times }
}

function addRoles(app: FastifyInstance, services: Services, options: Options): void {
  const { roles } = services
  const path = '/api/v1/roles'
  const idOf = (request: FastifyRequest): number => callerOf(request).workspace.id
  const nameOf = (request: FastifyRequest): string => (request.params as { name: string }).name
  app.get(path, options('list-roles', 'roles:read', { querystring: NoQuery }), async (request) => ({
    items: await roles.list(idOf(request)),
    nextCursor: null,
  }))
  app.put(`${path}/:name`, options('put-role', 'roles:write', { body: RoleBody }), (request) => {
    const { permissions } = request.body as RoleBody
    const { permissions: own } = callerOf(request)
    const authority = { actor: actorOnce(services, request), permissions: own }
    return roles.put(idOf(request), { name: nameOf(request), permissions }, authority)
  })
  app.delete(`${path}/:name`, options('delete-role', 'roles:write', {}), async (request, reply) => {
    await roles.remove(idOf(request), nameOf(request), actorOnce(services, request))
    return reply.code(204).send()
  })
}

function addKeys(app: FastifyInstance, services: Services, options: Options): void {
  const { apiKeys, credentials, accessTokens } = services
  const path = '/api/v1/keys'
  const idOf = (request: FastifyRequest): number => callerOf(request).workspace.id
  app.get(path, options('list-keys', 'keys:read', { querystring: NoQuery }), async (request) => ({
    items: (await apiKeys.list(idOf(request))).map(showKey),
    nextCursor: null,
  }))
  app.post(path, options('create-key', 'keys:write', { body: KeyBody }), async (request, reply) => {
    const draft = request.body as KeyBody
    requireGivable(request, draft)
    const { key, secret } = await apiKeys.create(idOf(request), draft, actorOnce(services, request))
    reply.code(201)
    return { ...showKey(key), secret }
  })
  app.delete(`${path}/:keyId`, options('revoke-key', 'keys:write', {}), async (request, reply) => {
    await apiKeys.revoke(idOf(request), keyIdOf(request), actorOnce(services, request))
    credentials.forget()
    return reply.code(204).send()
  })
  app.post(`${path}/:keyId/end-tokens`, options('end-tokens', 'keys:write', {}), async (request) => ({
    ended: await accessTokens.endAll(idOf(request), keyIdOf(request), actorOnce(services, request)),
  }))
  app.post(`${path}/:keyId/rotate`, options('rotate-key', 'keys:write', {}), async (request) => {
    const old = (await apiKeys.list(idOf(request))).find(({ id }) => id === keyIdOf(request))
    if (old) requireGivable(request, old)
    const { key, secret } = await apiKeys.rotate(
      idOf(request),
      keyIdOf(request),
      actorOnce(services, request),
    )
    credentials.forget()
    return { ...showKey(key), secret }
  })
}

// The dialects of these ask for no permission: whoever has such a key writes everything that it opens.
const UNCHECKED_SCOPES: ReadonlySet<KeyScope> = new Set<KeyScope>([
  'webengage',
  'pyze',
  'xtremepush',
  'yotpo',
  'tracker',
  'ai',
])

/** Nobody hands out what it does not have. @throws CDP_PERMISSION_MISSING */
function requireGivable(
  request: FastifyRequest,
  { scope, permissions: given = ['*'] }: Pick<ApiKeyDraft, 'scope' | 'permissions'>,
): void {
  const wanted = UNCHECKED_SCOPES.has(scope) ? ['*'] : given
  const { permissions } = callerOf(request)
  if (!permissions.includes('*') && !wanted.every((permission) => permissions.includes(permission)))
    throw new CdpError('CDP_PERMISSION_MISSING')
}

/** @throws CDP_API_KEY_NOT_FOUND it can be none */
function keyIdOf(request: FastifyRequest): number {
  const { keyId } = request.params as { keyId: string }
  if (!/^\d{1,9}$/.test(keyId)) throw new CdpError('CDP_API_KEY_NOT_FOUND')
  return Number(keyId)
}

function showKey({ createdAt, lastUsedAt, ...key }: ApiKey): object {
  const used = lastUsedAt === undefined ? null : toRfc3339(lastUsedAt)
  return { ...key, createdAt: toRfc3339(createdAt), lastUsedAt: used }
}

/** Owners see the whole installation, all others the workspace that they are in. */
async function listAudit(services: Services, request: FastifyRequest): Promise<object> {
  const query = request.query as AuditQuery
  const { reach, workspaceId } = await authorityOf(services, request)
  const { items, nextCursor } = await services.audit({
    workspaceId: reach === undefined ? undefined : workspaceId,
    from: readInstant('from', query.from) ?? EARLIEST_INSTANT,
    to: readInstant('to', query.to) ?? now() + DAY_MS,
    action: query.action,
    actor: query.actor,
    cursor: query.cursor,
    limit: readLimit(query.limit),
  })
  return { items: items.map(showAct), nextCursor }
}

function showAct({ auditId: id, at, actorKind, actor, workspaceId: _own, ...act }: AuditRow): object {
  const { action, object, detail, address = null, traceId = null } = act
  return {
    id,
    at: toRfc3339(at),
    actor: { kind: actorKind, name: actor },
    action,
    object,
    detail,
    address,
    traceId,
  }
}
