import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Segment, SegmentDraft } from '../../core/segments/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'
import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { actorOf, guard } from './guard.ts'
import { rangeOf, readLimit } from './mapping.ts'
import { changeOf, etagOf, profileIdOf } from './params.ts'
import { NoQuery, PageQuery, RangeQuery } from './schemas.ts'

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
  app.get(one, options('get-segment', 'segments:read', { querystring: NoQuery }), async (request, reply) =>
    answer(reply, await segments.get(keyOf(request))),
  )
  const write = { body: SegmentBody }
  app.post(path, options('create-segment', 'segments:write', write), async (request, reply) => {
    const { workspace } = callerOf(request)
    const draft = request.body as SegmentDraft
    const segment = await segments.create(workspace, draft, actorOf(request), onceOf(request))
    reply.code(201)
    return answer(reply, segment)
  })
  app.put(one, options('put-segment', 'segments:write', write), async (request, reply) => {
    const { workspace } = callerOf(request)
    const { segmentId } = keyOf(request)
    const draft = request.body as SegmentDraft
    return answer(
      reply,
      await segments.update(workspace, segmentId, draft, actorOf(request), changeOf(request)),
    )
  })
  const remove = options('delete-segment', 'segments:write', { querystring: NoQuery })
  app.delete(one, remove, async (request, reply) => {
    await segments.delete(keyOf(request), actorOf(request), changeOf(request))
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
    const items = page.items.map(({ profileId, since }) => ({ profileId, since: timeOrNull(since) }))
    return { items, nextCursor: page.nextCursor, computedAt: toRfc3339(page.computedAt) }
  })
  const ofProfile = options('list-profile-segments', 'segments:read', { querystring: NoQuery })
  app.get('/api/v1/profiles/:profileId/segments', ofProfile, async (request) => {
    const shown = await segments.memberships(callerOf(request).workspace, profileIdOf(request))
    const items = shown.segments.map(({ segmentId: id, name, since }) => ({
      id,
      name,
      since: timeOrNull(since),
    }))
    return { items, nextCursor: null, computedAt: toRfc3339(shown.computedAt) }
  })
  const sizes = options('list-segment-sizes', 'segments:read', { querystring: RangeQuery })
  app.get('/api/v1/segments/:segmentId/sizes', sizes, async (request) => {
    const { cursor, limit, ...range } = request.query as RangeQuery
    const query = { ...rangeOf(range.from, range.to), cursor, limit: readLimit(limit) }
    const page = await segments.sizes(keyOf(request), query)
    const items = page.items.map(({ at, members: size }) => ({ at: toRfc3339(at), size }))
    return { items, nextCursor: page.nextCursor }
  })
  const recompute = options('recompute-segment', 'segments:write', { querystring: NoQuery })
  app.post('/api/v1/segments/:segmentId/recompute', recompute, async (request, reply) => {
    const segment = await segments.recompute(keyOf(request), actorOf(request), onceOf(request))
    reply.code(202)
    return answer(reply, segment)
  })
}

function timeOrNull(instant: Instant | undefined): string | null {
  return instant === undefined ? null : toRfc3339(instant)
}

function keyOf(request: FastifyRequest): { workspaceId: number; segmentId: string } {
  const { segmentId } = request.params as { segmentId: string }
  return { workspaceId: callerOf(request).workspace.id, segmentId }
}

/** A segment, with the version that a change of it may name. */
function answer(reply: FastifyReply, segment: Segment): object {
  reply.header('ETag', etagOf(segment.version))
  return showSegment(segment)
}

/** A segment as the native API shows it. */
function showSegment(segment: Segment): object {
  return {
    id: segment.segmentId,
    name: segment.name,
    definition: segment.definition,
    version: segment.version,
    createdAt: toRfc3339(segment.createdAt),
    createdBy: segment.createdBy,
    updatedAt: toRfc3339(segment.updatedAt),
    updatedBy: segment.updatedBy,
    state: segment.state,
    size: segment.size ?? null,
    computedAt: timeOrNull(segment.computedAt),
    progress: segment.progress ?? null,
    error: segment.error ?? null,
  }
}
