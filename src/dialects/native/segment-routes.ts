import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { SegmentDraft, SegmentRow } from '../../core/segments/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { actorOf, guard } from './guard.ts'
import { readLimit } from './mapping.ts'
import { NoQuery, PageQuery } from './schemas.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'

const only = { additionalProperties: false }

// Core checks it and names the place that is wrong, which a schema of forty alternatives does not.
const definition = Type.Unknown({
  description: 'What a person must be to belong to it; docs/segment.schema.json is its JSON Schema.',
})

/** `POST /api/v1/segments`, and PUT on one of them. */
const SegmentBody = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: STORABLE_PATTERN,
      description: 'Its name, which no other segment of the workspace has.',
    }),
    definition,
  },
  only,
)

/** `POST /api/v1/segments/preview` */
const PreviewBody = Type.Object({ definition }, only)

/** Adds the routes of segments. */
export function registerSegments(app: FastifyInstance, services: Services): void {
  const { segments } = services
  const options = (operation: string, permission: string, schema: object) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  const path = '/api/v1/segments'
  const one = `${path}/:segmentId`
  app.get(path, options('list-segments', 'segments:read', { querystring: PageQuery }), async (request) => {
    const { cursor, limit } = request.query as PageQuery
    const page = await segments.list(callerOf(request).workspace.id, { cursor, limit: readLimit(limit) })
    return { items: page.items.map(showSegment), nextCursor: page.nextCursor }
  })
  app.get(one, options('get-segment', 'segments:read', { querystring: NoQuery }), async (request) =>
    showSegment(await segments.get(keyOf(request))),
  )
  const write = { body: SegmentBody }
  app.post(path, options('create-segment', 'segments:write', write), async (request, reply) => {
    const { workspace } = callerOf(request)
    const draft = request.body as SegmentDraft
    const segment = await segments.create(workspace, draft, actorOf(request), onceOf(request))
    reply.code(201)
    return showSegment(segment)
  })
  app.put(one, options('put-segment', 'segments:write', write), async (request) => {
    const { workspace } = callerOf(request)
    const { segmentId } = keyOf(request)
    const draft = request.body as SegmentDraft
    return showSegment(await segments.update(workspace, segmentId, draft, actorOf(request), onceOf(request)))
  })
  const remove = options('delete-segment', 'segments:write', { querystring: NoQuery })
  app.delete(one, remove, async (request, reply) => {
    await segments.delete(keyOf(request), actorOf(request), onceOf(request))
    return reply.code(204).send()
  })
  addMembers(app, services, options)
}

type Options = (
  operation: string,
  permission: string,
  schema: object,
) => { schema: object; config: { operation: string }; onRequest: ReturnType<typeof guard> }

function addMembers(app: FastifyInstance, { segments }: Services, options: Options): void {
  const preview = options('preview-segment', 'segments:read', { body: PreviewBody })
  app.post('/api/v1/segments/preview', preview, async (request) => {
    const draft = request.body as Static<typeof PreviewBody>
    const shown = await segments.preview(callerOf(request).workspace, draft.definition)
    return { ...shown, computedAt: toRfc3339(shown.computedAt) }
  })
  const members = options('list-members', 'segments:read', { querystring: PageQuery })
  app.get('/api/v1/segments/:segmentId/members', members, async (request) => {
    const { cursor, limit } = request.query as PageQuery
    const { workspace } = callerOf(request)
    const { segmentId } = keyOf(request)
    const page = await segments.members(workspace, segmentId, { cursor, limit: readLimit(limit) })
    const items = page.items.map((profileId) => ({ profileId }))
    return { items, nextCursor: page.nextCursor, computedAt: toRfc3339(page.computedAt) }
  })
}

function keyOf(request: FastifyRequest): { workspaceId: number; segmentId: string } {
  const { segmentId } = request.params as { segmentId: string }
  return { workspaceId: callerOf(request).workspace.id, segmentId }
}

/** A segment as the native API shows it. */
function showSegment(segment: SegmentRow): object {
  return {
    id: segment.segmentId,
    name: segment.name,
    definition: segment.definition,
    version: segment.version,
    createdAt: toRfc3339(segment.createdAt),
    createdBy: segment.createdBy,
    updatedAt: toRfc3339(segment.updatedAt),
    updatedBy: segment.updatedBy,
  }
}
