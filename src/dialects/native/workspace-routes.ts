import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ManagedWorkspace } from '../../core/workspaces/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { CdpError } from '../../model/errors.ts'
import type { Workspace } from '../../model/workspace.ts'
import { actorOf, guard } from './guard.ts'
import { tagOf, tagsOf } from './params.ts'
import { NoQuery } from './schemas.ts'
import { createWorkspaceBody, patchWorkspaceBody, showWorkspace } from './workspace-mapping.ts'

/** Adds the routes that read and change the caller's workspace, and the one that makes another. */
export function registerWorkspaces(app: FastifyInstance, services: Services): void {
  const { settingsSchema } = services.workspaces
  const options = (operation: string, permission: string, schema: object) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  // The body is checked in core, by the check that the configuration file goes through as well; the schema here is
  // what the API's description shows.
  const written = (operation: string, permission: string, body: object) => ({
    ...options(operation, permission, { body }),
    validatorCompiler: () => () => true,
  })
  const path = '/api/v1/workspaces'
  const read = { querystring: NoQuery }
  app.get(path, options('list-workspaces', 'workspaces:read', read), (request) =>
    listWorkspaces(services, request),
  )
  app.get(`${path}/:guid`, options('get-workspace', 'workspaces:read', read), (request, reply) =>
    getWorkspace(services, request, reply),
  )
  app.post(
    path,
    written('create-workspace', 'workspaces:create', createWorkspaceBody(settingsSchema)),
    (request, reply) => createWorkspace(services, request, reply),
  )
  app.patch(
    `${path}/:guid`,
    written('patch-workspace', 'workspaces:write', patchWorkspaceBody()),
    (request, reply) => patchWorkspace(services, request, reply),
  )
  app.delete(`${path}/:guid`, options('archive-workspace', 'workspaces:archive', read), (request, reply) =>
    archiveWorkspace(services, request, reply),
  )
}

/** A credential opens one workspace, so the list has one page with one item. */
async function listWorkspaces(services: Services, request: FastifyRequest): Promise<object> {
  const workspace = await services.workspaces.get(callerOf(request).workspace.id)
  return { items: [showWorkspace(workspace)], nextCursor: null }
}

async function getWorkspace(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  return answer(reply, await services.workspaces.get(ownWorkspace(request).id))
}

async function createWorkspace(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { workspace, secret } = await services.workspaces.create(request.body, {
    once: onceOf(request),
    by: actorOf(request),
  })
  reply.code(201).header('Location', `/api/v1/workspaces/${workspace.guid}`)
  return { ...answer(reply, workspace), apiKey: { scope: 'native', secret } }
}

async function patchWorkspace(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<object> {
  const { id } = ownWorkspace(request)
  const once = onceOf(request)
  return answer(
    reply,
    await services.workspaces.change(id, request.body, {
      once,
      ifVersions: tagsOf(request),
      by: actorOf(request),
    }),
  )
}

async function archiveWorkspace(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = ownWorkspace(request)
  await services.workspaces.archive(id, {
    once: onceOf(request),
    ifVersions: tagsOf(request),
    by: actorOf(request),
  })
  return reply.code(204).send()
}

/** The workspace of the path, when it is the caller's. @throws CDP_WORKSPACE_NOT_FOUND also for one that exists */
function ownWorkspace(request: FastifyRequest): Workspace {
  const { workspace } = callerOf(request)
  const { guid } = request.params as { guid: string }
  if (guid.toLowerCase() !== workspace.guid) throw new CdpError('CDP_WORKSPACE_NOT_FOUND')
  return workspace
}

function answer(reply: FastifyReply, workspace: ManagedWorkspace): object {
  reply.header('ETag', tagOf(workspace.version))
  return showWorkspace(workspace)
}
