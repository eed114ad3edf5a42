import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { ErasureRow } from '../../core/privacy/index.ts'
import type { RetentionItem, RetentionSettings } from '../../core/workspaces/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { actorOf, guard } from './guard.ts'
import { readLimit } from './mapping.ts'
import { profileIdOf } from './params.ts'
import { NoQuery, PageQuery } from './schemas.ts'

const only = { additionalProperties: false }

const days = (minimum: number) => Type.Integer({ minimum, maximum: 36_500 })

const EventDays = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN }), days: days(0) },
  only,
)

/** `POST /api/v1/retention/preview`: settings to try; what is left out is as the workspace has it. */
const RetentionBody = Type.Object(
  {
    ledgerDays: Type.Optional(days(1)),
    changeLogDays: Type.Optional(days(0)),
    dedupeDays: Type.Optional(days(0)),
    exportDays: Type.Optional(days(1)),
    eventDays: Type.Optional(days(0)),
    eventDaysByName: Type.Optional(Type.Array(EventDays, { maxItems: 1_000 })),
  },
  only,
)

/** Adds reports on people and receipts of erasures; an erasure itself is a way to delete a profile. */
export function registerPrivacy(app: FastifyInstance, services: Services): void {
  const { privacy } = services
  const options = (operation: string, permission: string, querystring: object) => ({
    schema: { querystring },
    config: { operation },
    onRequest: guard(services, permission),
  })
  app.get(
    '/api/v1/profiles/:profileId/report',
    options('get-report', 'profiles:report', NoQuery),
    async (request, reply) => {
      const { workspace } = callerOf(request)
      const profileId = profileIdOf(request)
      const texts = await privacy.report({ workspace, profileId, actor: actorOf(request) })
      reply.header('Content-Disposition', `attachment; filename="profile-${profileId}.json"`)
      return reply.type('application/json; charset=utf-8').send(Readable.from(texts))
    },
  )
  const preview = {
    schema: { querystring: NoQuery, body: RetentionBody },
    config: { operation: 'preview-retention' },
    onRequest: guard(services, 'workspaces:read'),
  }
  app.post('/api/v1/retention/preview', preview, async (request) => {
    const other = request.body as Partial<RetentionSettings>
    const items = await services.retention(callerOf(request).workspace, other)
    return { items: items.map(showItem), nextCursor: null }
  })
  const path = '/api/v1/erasures'
  app.get(path, options('list-erasures', 'erasures:read', PageQuery), async (request) => {
    const { cursor, limit } = request.query as PageQuery
    const page = await privacy.list(callerOf(request).workspace.id, { cursor, limit: readLimit(limit) })
    return { items: page.items.map(showErasure), nextCursor: page.nextCursor }
  })
  app.get(`${path}/:erasureId`, options('get-erasure', 'erasures:read', NoQuery), async (request) =>
    showErasure(await privacy.get(keyOf(request))),
  )
  const remove = options('remove-tombstone', 'profiles:erase', NoQuery)
  app.delete(`${path}/:erasureId/tombstone`, remove, async (request) =>
    showErasure(await privacy.removeTombstone(keyOf(request), actorOf(request), onceOf(request))),
  )
}

/** What would go, as the native API shows it. */
function showItem({ kind, name, before, count, isCapped }: RetentionItem): object {
  return { kind, name: name ?? null, before: toRfc3339(before), count, isCapped }
}

function keyOf(request: FastifyRequest): { workspaceId: number; erasureId: string } {
  const { erasureId } = request.params as { erasureId: string }
  return { workspaceId: callerOf(request).workspace.id, erasureId }
}

/** The receipt of an erasure: nothing in it tells of the person. */
export function showErasure(erasure: ErasureRow): object {
  return {
    id: erasure.erasureId,
    state: erasure.state,
    profileId: erasure.profileId,
    at: toRfc3339(erasure.at),
    endedAt: erasure.endedAt === undefined ? null : toRfc3339(erasure.endedAt),
    requestedBy: erasure.requestedBy,
    tombstone: erasure.tombstone,
    counts: erasure.counts,
    error: erasure.lastError ?? null,
  }
}
