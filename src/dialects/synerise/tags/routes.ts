import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { actorOfCaller } from '../../../core/audit/index.ts'
import type { Actor } from '../../../core/audit/index.ts'
import { assignmentIdOf, readTagId, tagCommand } from '../../../core/tags/index.ts'
import { operationOf } from '../../../http/access-log.ts'
import { callerOf } from '../../../http/authenticate.ts'
import { onceOf } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import { submitUnit } from '../../../http/unit.ts'
import type { Answer, CommandResult, TagChange } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { clientIdOf } from '../clients/subject.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { TagBody, TagColorBody } from './schemas.ts'
import { showTag, showWholeTag } from './show.ts'

/** @assumed how many tags are given at once, in the order of names; the native API gives the others page by page */
const TAGS_MAX = 10_000

type Options = (id: string, schema?: object) => RouteShorthandOptions

/** Adds the routes of tags and of who has them. */
export function registerTags(app: FastifyInstance, services: Services): void {
  const options: Options = (id, schema = {}) => ({
    schema,
    config: { operation: id },
    onRequest: guard(services, operation(id)),
  })
  app.get(operation('list-tags').path, options('list-tags'), async (request) => {
    const page = { cursor: undefined, limit: TAGS_MAX }
    return (await services.tags.list(callerOf(request).workspace.id, page)).items.map(showTag)
  })
  addDefinitions(app, services, options)
  addAssignments(app, services, options)
}

function addDefinitions(app: FastifyInstance, { tags }: Services, options: Options): void {
  const one = operation('update-tag').path
  app.post(operation('create-tag').path, options('create-tag', { body: TagBody }), async (request) => {
    const { name, color } = request.body as TagBody
    const draft = { workspaceId: callerOf(request).workspace.id, name, color: color ?? undefined }
    return showWholeTag((await tags.create(draft, actorOf(request), onceOf(request))).tag)
  })
  const recolor = async (request: FastifyRequest): Promise<object> => {
    const color = (request.body as TagColorBody).color ?? undefined
    return showWholeTag(await tags.recolor(keyOf(request), color, actorOf(request), onceOf(request)))
  }
  app.put(one, options('update-tag', { body: TagColorBody }), recolor)
  // The reference infers the method: both are taken.
  app.patch(one, options('update-tag', { body: TagColorBody }), recolor)
  app.delete(one, options('remove-tag'), async (request, reply) => {
    const { label: credential } = callerOf(request)
    const { dialect, id: traceId } = request
    const by = { dialect, operation: operationOf(request), credential, traceId }
    await tags.remove(keyOf(request), by, actorOf(request), onceOf(request))
    // @assumed the status is marked "200?" in the reference
    return reply.code(200).send()
  })
}

function addAssignments(app: FastifyInstance, services: Services, options: Options): void {
  const one = operation('assign-tag').path
  /** @assumed a profile that does not exist has no tags: the operation lists no 404 (reference, E2) */
  app.get(operation('list-client-tags').path, options('list-client-tags'), async (request) => {
    const found = await services.tags.ofProfile(callerOf(request).workspace.id, clientIdOf(request))
    return found.map(showTag)
  })
  app.post(one, options('assign-tag'), (request, reply) =>
    change(services, request, reply, 'assign', (result) => ({
      status: 200,
      body: showAssignment(request, result),
    })),
  )
  // @assumed a tag that the profile does not have is off it already; the status is marked "204?" in the reference
  app.delete(one, options('unassign-tag'), (request, reply) =>
    change(services, request, reply, 'remove', () => ({ status: 204, body: undefined })),
  )
}

function change(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  what: TagChange['change'],
  answer: (result: CommandResult | undefined) => Answer,
): Promise<FastifyReply> {
  const { tagId } = keyOf(request)
  const command = tagCommand(clientIdOf(request), { tagId, change: what })
  return submitUnit(services, request, reply, {
    atomic: 'all',
    commands: [command],
    dropped: [],
    answer: ([result]) => answer(result),
  })
}

/** @source reference, Assign tag to profile: `id` is of the assignment */
function showAssignment(request: FastifyRequest, result: CommandResult | undefined): object {
  if (!result?.ok || !('assignedAt' in result) || result.assignedAt === undefined)
    throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'an assignment without a time' })
  const { profileId, assignedAt: at } = result
  const key = keyOf(request)
  return { clientId: profileId, id: assignmentIdOf({ ...key, profileId, at }), tagId: key.tagId }
}

/** A tag of the caller's workspace. @throws CDP_TAG_NOT_FOUND the text can be no tag's id */
function keyOf(request: FastifyRequest): { workspaceId: number; tagId: number } {
  const { tagID } = request.params as { tagID: string }
  return { workspaceId: callerOf(request).workspace.id, tagId: readTagId(tagID) }
}

function actorOf(request: FastifyRequest): Actor {
  return actorOfCaller(callerOf(request), request.ip, request.id)
}
