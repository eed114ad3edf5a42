import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { COMPUTED_KINDS } from '../../core/computed/index.ts'
import type { ComputedKind, ComputedRow } from '../../core/computed/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { idNumber } from '../../model/schema-parts.ts'
import { actorOf, guard } from './guard.ts'
import { readLimit } from './mapping.ts'
import { changeOf, etagOf, profileIdOf } from './params.ts'
import { NoQuery, PageQuery } from './schemas.ts'

const only = { additionalProperties: false }

// Core checks it and names the place that is wrong, which a schema of many alternatives does not.
const definitionOf = (kind: ComputedKind) =>
  Type.Unknown({ description: `What is computed; docs/${kind}.schema.json is its JSON Schema.` })

/** `POST /api/v1/aggregates` and `/expressions`, and PUT on one of them. */
const bodyOf = (kind: ComputedKind) =>
  Type.Object(
    {
      name: Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: STORABLE_PATTERN,
        description: 'Its name, which no other aggregate or expression of the workspace has.',
      }),
      definition: definitionOf(kind),
    },
    only,
  )

type Body = Static<ReturnType<typeof bodyOf>>

/** `POST /api/v1/aggregates/preview` and `/expressions/preview` */
const previewOf = (kind: ComputedKind) =>
  Type.Object(
    {
      definition: definitionOf(kind),
      profileId: idNumber({ description: 'Whom to compute it for.' }),
    },
    only,
  )

const id = Type.String({ minLength: 1, maxLength: 64 })

/** `GET /api/v1/profiles/:profileId/computed` */
const ValuesQuery = Type.Object(
  {
    id: Type.Optional(
      Type.Union([id, Type.Array(id, { maxItems: 50 })], {
        description: 'The id of an aggregate or an expression; up to 50 of them. All when left out.',
      }),
    ),
  },
  only,
)

type Options = (
  operation: string,
  permission: string,
  schema: object,
) => { schema: object; config: { operation: string }; onRequest: ReturnType<typeof guard> }

/** Adds the routes of aggregates, expressions and their values. */
export function registerComputed(app: FastifyInstance, services: Services): void {
  const options: Options = (operation, permission, schema) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  for (const kind of COMPUTED_KINDS) {
    addReads(app, services, options, kind)
    addWrites(app, services, options, kind)
  }
  const values = options('list-computed', 'computed:read', { querystring: ValuesQuery })
  app.get('/api/v1/profiles/:profileId/computed', values, async (request) => {
    const { id: asked } = request.query as Static<typeof ValuesQuery>
    const ids = typeof asked === 'string' ? [asked] : asked
    const { workspace } = callerOf(request)
    const found = await services.computed.values(workspace, profileIdOf(request), ids)
    const items = found.items.map(({ row, value }) => ({
      id: row.computedId,
      kind: row.kind,
      name: row.name,
      version: row.version,
      value,
    }))
    return { profileId: found.profileId, items, computedAt: toRfc3339(found.computedAt) }
  })
}

function addReads(app: FastifyInstance, { computed }: Services, options: Options, kind: ComputedKind): void {
  const path = `/api/v1/${kind}s`
  const list = options(`list-${kind}s`, 'segments:read', { querystring: PageQuery })
  app.get(path, list, async (request) => {
    const { cursor, limit } = request.query as PageQuery
    const of = { workspaceId: callerOf(request).workspace.id, kind }
    const page = await computed.list(of, { cursor, limit: readLimit(limit) })
    return { items: page.items.map(showComputed), nextCursor: page.nextCursor }
  })
  const read = options(`get-${kind}`, 'segments:read', { querystring: NoQuery })
  app.get(`${path}/:${kind}Id`, read, async (request, reply) =>
    answer(reply, await computed.get(keyOf(request, kind))),
  )
  const preview = options(`preview-${kind}`, 'computed:read', { body: previewOf(kind) })
  app.post(`${path}/preview`, preview, async (request) => {
    const draft = request.body as Static<ReturnType<typeof previewOf>>
    const shown = await computed.preview(callerOf(request).workspace, { kind, ...draft })
    return { ...shown, computedAt: toRfc3339(shown.computedAt) }
  })
}

function addWrites(app: FastifyInstance, { computed }: Services, options: Options, kind: ComputedKind): void {
  const path = `/api/v1/${kind}s`
  const one = `${path}/:${kind}Id`
  const write = { body: bodyOf(kind) }
  app.post(path, options(`create-${kind}`, 'segments:write', write), async (request, reply) => {
    const { workspace } = callerOf(request)
    const draft = { kind, ...(request.body as Body) }
    const made = await computed.create(workspace, draft, actorOf(request), onceOf(request))
    reply.code(201)
    return answer(reply, made)
  })
  app.put(one, options(`put-${kind}`, 'segments:write', write), async (request, reply) => {
    const { workspace } = callerOf(request)
    const { computedId } = keyOf(request, kind)
    const draft = { kind, ...(request.body as Body) }
    return answer(
      reply,
      await computed.update(workspace, computedId, draft, actorOf(request), changeOf(request)),
    )
  })
  const remove = options(`delete-${kind}`, 'segments:write', { querystring: NoQuery })
  app.delete(one, remove, async (request, reply) => {
    await computed.delete(keyOf(request, kind), actorOf(request), changeOf(request))
    return reply.code(204).send()
  })
}

function keyOf(
  request: FastifyRequest,
  kind: ComputedKind,
): { workspaceId: number; kind: ComputedKind; computedId: string } {
  const params = request.params as Record<string, string>
  return { workspaceId: callerOf(request).workspace.id, kind, computedId: params[`${kind}Id`] ?? '' }
}

/** An aggregate or an expression, with the version that a change of it may name. */
function answer(reply: FastifyReply, row: ComputedRow): object {
  reply.header('ETag', etagOf(row.version))
  return showComputed(row)
}

/** An aggregate or an expression as the native API shows it. */
function showComputed(row: ComputedRow): object {
  return {
    id: row.computedId,
    name: row.name,
    definition: row.definition,
    version: row.version,
    createdAt: toRfc3339(row.createdAt),
    createdBy: row.createdBy,
    updatedAt: toRfc3339(row.updatedAt),
    updatedBy: row.updatedBy,
  }
}
