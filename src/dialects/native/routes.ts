import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../http/authenticate.ts'
import type { Services } from '../../http/services.ts'
import { pointerTokens } from '../../lib/json.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import {
  rangeOf,
  readInstant,
  readLimit,
  showAttribute,
  showChange,
  showDevice,
  showEvent,
  showEventName,
  showProfile,
  showRejection,
  showTransaction,
  readProfileId,
  readProfileIds,
} from './mapping.ts'
import { registerAccess } from './access-routes.ts'
import { registerAuth } from './auth-routes.ts'
import { guard } from './guard.ts'
import { etagOf, profileIdOf } from './params.ts'
import {
  AggregateQuery,
  AttributeListQuery,
  EventListQuery,
  EventNameListQuery,
  LookupQuery,
  NoQuery,
  PageQuery,
  ProfileListQuery,
  RangeQuery,
  RejectionListQuery,
} from './schemas.ts'
import { registerReplays } from './ledger-routes.ts'
import { registerComputed } from './computed-routes.ts'
import { registerCompanies } from './company-routes.ts'
import { registerExports } from './export-routes.ts'
import { registerImports } from './import-routes.ts'
import { registerMerges } from './merge-routes.ts'
import { registerMessages } from './message-routes.ts'
import { registerNotes } from './note-routes.ts'
import { registerSecrets } from './secret-routes.ts'
import { registerSessions } from './session-routes.ts'
import { registerPrivacy } from './privacy-routes.ts'
import { registerSegments } from './segment-routes.ts'
import { registerStatistics } from './stats-routes.ts'
import { registerStream } from './stream-routes.ts'
import { registerTags } from './tag-routes.ts'
import { registerUsers } from './user-routes.ts'
import { registerWorkspaces } from './workspace-routes.ts'
import { registerWrites } from './write-routes.ts'

/** Answers a read inside the caller's workspace. */
type Read = (
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<unknown>

/** Adds the routes of the operation table. */
export function register(app: FastifyInstance, services: Services): void {
  app.addHook('onSend', async (_request, reply) => markProblem(reply))
  registerSessions(app, services)
  registerAuth(app, services)
  registerUsers(app, services)
  registerAccess(app, services)
  const add = (
    operation: string,
    path: string,
    permission: string,
    querystring: object,
    read: Read,
  ): void => {
    app.get(
      `/api/v1${path}`,
      { schema: { querystring }, config: { operation }, onRequest: guard(services, permission) },
      async (request, reply) => read(services, callerOf(request).workspace, request, reply),
    )
  }
  add('lookup-profile', '/profiles/lookup', 'profiles:read', LookupQuery, lookupProfile)
  add('get-profile', '/profiles/:profileId', 'profiles:read', NoQuery, getProfile)
  add('list-events', '/profiles/:profileId/events', 'events:read', EventListQuery, listEvents)
  add('list-transactions', '/profiles/:profileId/transactions', 'events:read', PageQuery, listTransactions)
  add('list-devices', '/profiles/:profileId/devices', 'profiles:read', PageQuery, listDevices)
  add('aggregate-events', '/events/aggregate', 'events:read', AggregateQuery, aggregateEvents)
  add('list-event-names', '/events/names', 'events:read', EventNameListQuery, listEventNames)
  add('list-attributes', '/attributes', 'attributes:read', AttributeListQuery, listAttributes)
  add('list-profiles', '/profiles', 'profiles:read', ProfileListQuery, listProfiles)
  add('list-changes', '/profiles/:profileId/changes', 'profiles:read', RangeQuery, listChanges)
  registerStatistics(app, services)
  registerWrites(app, services)
  registerMerges(app, services)
  registerCompanies(app, services)
  registerNotes(app, services)
  registerTags(app, services)
  registerImports(app, services)
  registerExports(app, services)
  registerSegments(app, services)
  registerComputed(app, services)
  registerPrivacy(app, services)
  registerWorkspaces(app, services)
  add('list-rejections', '/rejections', 'rejections:read', RejectionListQuery, listRejections)
  registerReplays(app, services)
  registerStream(app, services)
  registerMessages(app, services)
  registerSecrets(app, services)
}

/** Errors are problem details; the media type tells clients so (RFC 9457). */
function markProblem(reply: FastifyReply): void {
  if (reply.statusCode >= 400) reply.type('application/problem+json; charset=utf-8')
}

async function lookupProfile(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { kind, value, label } = request.query as LookupQuery
  const raw = label === undefined ? { kind, value } : { kind, value, label }
  return showProfile(await services.profiles.lookup(workspace, raw))
}

async function getProfile(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const profile = await services.profiles.get(workspace, profileIdOf(request))
  reply.header('ETag', etagOf(profile.version))
  return showProfile(profile)
}

async function listEvents(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { limit, cursor, name, from, to } = request.query as EventListQuery
  const profileIds = await services.profiles.idsOf(workspace, profileIdOf(request))
  const page = await services.events.list({
    workspaceId: workspace.id,
    profileIds,
    from: readInstant('from', from),
    to: readInstant('to', to),
    name,
    cursor,
    limit: readLimit(limit),
  })
  return { items: page.items.map(showEvent), nextCursor: page.nextCursor }
}

async function listProfiles(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { ids, ...query } = request.query as ProfileListQuery
  if (ids !== undefined) return listByIds(services, workspace, ids, query)
  const { limit, cursor, search, hasEmail, isCompany, companyId, sort, order, ...equals } = query
  const page = await services.profiles.list(workspace, {
    where: {
      search,
      equals,
      hasEmail: hasEmail === undefined ? undefined : hasEmail === 'true',
      isCompany: isCompany === 'true',
      ...(companyId !== undefined && { companyId: readProfileId(companyId) }),
    },
    sort: { by: sort ?? 'createdAt', order: order ?? (sort === undefined ? 'desc' : 'asc') },
    page: { limit: readLimit(limit), cursor },
  })
  return { items: page.items.map(showProfile), nextCursor: page.nextCursor }
}

/** Every id leads to one page, so there is nothing to sort, to filter or to go on with. */
async function listByIds(
  services: Services,
  workspace: Workspace,
  text: string,
  others: object,
): Promise<unknown> {
  const [other] = Object.keys(others)
  if (other !== undefined) {
    const detail = `${other}: cannot stand beside ids`
    throw new CdpError('CDP_QUERY_INVALID', { pointer: `/${other}`, detail })
  }
  const ids = readProfileIds(text)
  const living = await services.profiles.living(workspace, ids)
  const items = ids.flatMap((id) => {
    const profile = living.get(id)
    return profile ? [showProfile({ ...profile, mergedFrom: profile.id === id ? undefined : id })] : []
  })
  return { items, nextCursor: null }
}

async function listChanges(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { limit, cursor, from, to } = request.query as RangeQuery
  const page = await services.profiles.changes(workspace, profileIdOf(request), {
    cursor,
    limit: readLimit(limit),
    ...rangeOf(from, to),
  })
  return { items: page.items.map(showChange), nextCursor: page.nextCursor }
}

async function listTransactions(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { limit, cursor } = request.query as PageQuery
  const profileIds = await services.profiles.idsOf(workspace, profileIdOf(request))
  const page = await services.transactions.list({
    workspaceId: workspace.id,
    profileIds,
    cursor,
    limit: readLimit(limit),
  })
  return { items: page.items.map(showTransaction), nextCursor: page.nextCursor }
}

async function listDevices(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { limit, cursor } = request.query as PageQuery
  const profileIds = await services.profiles.idsOf(workspace, profileIdOf(request))
  const query = { workspaceId: workspace.id, profileIds, cursor, limit: readLimit(limit) }
  const page = await services.devices.list(query)
  return { items: page.items.map(showDevice), nextCursor: page.nextCursor }
}

async function aggregateEvents(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { name, fn, property, from, to } = request.query as AggregateQuery
  if (property === undefined && fn !== 'count') {
    throw new CdpError('CDP_QUERY_INVALID', {
      pointer: '/property',
      detail: 'property: is required for this function',
    })
  }
  const path = property === undefined ? [] : pointerTokens(property)
  return services.events.aggregate({ workspaceId: workspace.id, name, fn, path, ...rangeOf(from, to) })
}

async function listAttributes(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { limit, cursor, target, eventName, search, conflict } = request.query as AttributeListQuery
  const page = await services.dictionary.list({
    workspaceId: workspace.id,
    target,
    eventName,
    search,
    onlyConflicts: conflict !== undefined,
    cursor,
    limit: readLimit(limit),
  })
  return { items: page.items.map(showAttribute), nextCursor: page.nextCursor }
}

async function listEventNames(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { limit, cursor, dialect, search } = request.query as EventNameListQuery
  const query = { workspaceId: workspace.id, dialect, search, cursor, limit: readLimit(limit) }
  const page = await services.dictionary.eventNames(query)
  return { items: page.items.map(showEventName), nextCursor: page.nextCursor }
}

async function listRejections(
  services: Services,
  workspace: Workspace,
  request: FastifyRequest,
): Promise<unknown> {
  const { limit, cursor, dialect, reason, from, to } = request.query as RejectionListQuery
  const page = await services.ledger.list({
    workspaceId: workspace.id,
    dialect,
    reason,
    cursor,
    limit: readLimit(limit),
    ...rangeOf(from, to),
  })
  return { items: page.items.map(showRejection), nextCursor: page.nextCursor }
}
