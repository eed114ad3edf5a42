import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { INSTALLATION, TAG_NAME_LENGTH_MAX, readTagId, tagCommand } from '../../core/tags/index.ts'
import type { TagRow } from '../../core/tags/index.ts'
import { operationOf } from '../../http/access-log.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { submitUnit } from '../../http/unit.ts'
import { toRfc3339 } from '../../lib/time.ts'
import type { TagChange } from '../../model/command.ts'
import { actorOf, guard } from './guard.ts'
import { readLimit } from './mapping.ts'
import { profileIdOf } from './params.ts'
import { NoQuery, PageQuery } from './schemas.ts'

const only = { additionalProperties: false }

const color = Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: 'Its colour, as `#rrggbb`.' })

/** `POST /api/v1/tags` */
const TagBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: TAG_NAME_LENGTH_MAX, description: 'Its name, for ever.' }),
    color: Type.Optional(color),
  },
  only,
)

/** `PATCH /api/v1/tags/:tagId` */
const TagPatch = Type.Object({ color }, only)

type Options = (
  operation: string,
  permission: string,
  schema: object,
) => { schema: object; config: { operation: string }; onRequest: ReturnType<typeof guard> }

/** Adds the routes of tags and of who has them. */
export function registerTags(app: FastifyInstance, services: Services): void {
  const options: Options = (operation, permission, schema) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  addDefinitions(app, services, options)
  const assignment = '/api/v1/profiles/:profileId/tags/:tagId'
  const query = { querystring: NoQuery }
  app.put(assignment, options('assign-tag', 'tags:assign', query), (request, reply) =>
    change(services, request, reply, 'assign'),
  )
  app.delete(assignment, options('unassign-tag', 'tags:assign', query), (request, reply) =>
    change(services, request, reply, 'remove'),
  )
}

function addDefinitions(app: FastifyInstance, { tags }: Services, options: Options): void {
  const path = '/api/v1/tags'
  app.get(path, options('list-tags', 'tags:read', { querystring: PageQuery }), async (request) => {
    const { cursor, limit } = request.query as PageQuery
    const page = await tags.list(callerOf(request).workspace.id, { cursor, limit: readLimit(limit) })
    const items = page.items.map(({ profiles, ...tag }) => ({ ...showTag(tag), profiles }))
    return { items, nextCursor: page.nextCursor }
  })
  app.post(path, options('create-tag', 'tags:write', { body: TagBody }), async (request, reply) => {
    const draft = { workspaceId: callerOf(request).workspace.id, ...(request.body as Static<typeof TagBody>) }
    const { tag, isNew } = await tags.create(draft, actorOf(request), onceOf(request))
    reply.code(isNew ? 201 : 200)
    return showTag(tag)
  })
  app.patch(`${path}/:tagId`, options('patch-tag', 'tags:write', { body: TagPatch }), async (request) => {
    const patch = request.body as Static<typeof TagPatch>
    return showTag(await tags.recolor(keyOf(request), patch.color, actorOf(request), onceOf(request)))
  })
  const remove = options('delete-tag', 'tags:write', { querystring: NoQuery })
  app.delete(`${path}/:tagId`, remove, async (request, reply) => {
    const { label: credential } = callerOf(request)
    const { dialect, id: traceId } = request
    const by = { dialect, operation: operationOf(request), credential, traceId }
    await tags.remove(keyOf(request), by, actorOf(request), onceOf(request))
    return reply.code(204).send()
  })
}

async function change(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  what: TagChange['change'],
): Promise<FastifyReply> {
  const { tagId } = keyOf(request)
  const { id: profileId } = await services.profiles.get(callerOf(request).workspace, profileIdOf(request))
  const command = tagCommand(profileId, { tagId, change: what })
  const answer = () => ({ status: 204, body: undefined })
  return submitUnit(services, request, reply, { atomic: 'all', commands: [command], dropped: [], answer })
}

function keyOf(request: FastifyRequest): { workspaceId: number; tagId: number } {
  const { tagId } = request.params as { tagId: string }
  return { workspaceId: callerOf(request).workspace.id, tagId: readTagId(tagId) }
}

/** A tag as the native API shows it; one that is shared belongs to the installation. */
function showTag({ workspaceId, tagId, name, color: shown, createdAt }: TagRow): object {
  return {
    id: String(tagId),
    name,
    color: shown,
    isShared: workspaceId === INSTALLATION,
    createdAt: toRfc3339(createdAt),
  }
}
