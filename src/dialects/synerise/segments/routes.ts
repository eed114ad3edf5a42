import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { actorOfCaller } from '../../../core/audit/index.ts'
import type { Actor } from '../../../core/audit/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import { onceOf } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import { toRfc3339 } from '../../../lib/time.ts'
import { CdpError } from '../../../model/errors.ts'
import { sendText } from '../clients/subject.ts'
import { showContact } from '../crm/fields.ts'
import { hasEmailOf, listContacts, pageOf } from '../crm/lists.ts'
import { guard } from '../guard.ts'
import { operation } from '../operations.ts'
import { createExport, readExport } from './exports.ts'
import { readSegmentation } from './mapping.ts'
import {
  ExportBody,
  LocalListQuery,
  MaterializationBody,
  PageQuery,
  RecognizedQuery,
  SegmentationBody,
  SegmentationListQuery,
} from './schemas.ts'

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Adds the routes of what is made of segments. */
export function registerSegments(app: FastifyInstance, services: Services): void {
  const add = (id: string, schema: FastifySchema, handler: Handler): void => {
    const { method, path } = operation(id)
    const onRequest = guard(services, operation(id))
    app.route({ method, url: path, schema, config: { operation: id }, onRequest, handler })
  }
  add('create-export-task', { body: ExportBody }, (request) => createExport(services, request))
  add('get-export-data', { querystring: PageQuery }, (request) => readExport(services, request))
  add('list-local-segmentation', { querystring: LocalListQuery }, (request) =>
    listMembers(services, request, 'local'),
  )
  add('list-segmentation', { querystring: SegmentationListQuery }, (request) =>
    listMembers(services, request, 'named'),
  )
  const making = { body: SegmentationBody, querystring: RecognizedQuery }
  add('create-local-segmentation', making, async (request, reply) =>
    sendText(reply, await createLocal(services, request)),
  )
  add('create-materialization', { body: MaterializationBody }, (request) => materialize(services, request))
  add('list-materialization', { querystring: PageQuery }, (request) => listMaterialized(services, request))
}

/** @assumed a segmentation of the other kind is not found @throws CDP_SEGMENT_NOT_FOUND */
async function listMembers(
  services: Services,
  request: FastifyRequest,
  which: 'named' | 'local',
): Promise<object> {
  const { UUID } = request.params as { UUID: string }
  const population = await services.populations.of(callerOf(request).workspace, UUID.toLowerCase(), which)
  return listContacts(services, request, { population })
}

/** @throws CDP_SEGMENT_INVALID CDP_BODY_INVALID */
function createLocal({ populations }: Services, request: FastifyRequest): Promise<string> {
  const { recognized } = request.query as RecognizedQuery
  const read = readSegmentation(request.body as Record<string, unknown>)
  const draft = { ...read, hasEmail: hasEmailOf(recognized) }
  return populations.createLocal(callerOf(request).workspace, draft, actorOf(request), onceOf(request))
}

/** @assumed a local segmentation can be copied too; how long a copy is there @throws CDP_SEGMENT_NOT_FOUND */
async function materialize({ populations }: Services, request: FastifyRequest): Promise<object> {
  const { workspace } = callerOf(request)
  const { segment } = request.body as MaterializationBody
  const copy = await populations.materialize(
    workspace,
    segment.toLowerCase(),
    actorOf(request),
    onceOf(request),
  )
  const { materializationId, expiresAt, count } = copy
  return { materializationId, expiration: toRfc3339(expiresAt), count }
}

/**
 * @assumed the newest profile first; whoever is deleted by now is left out of the page, whoever was merged is the survivor
 * @throws CDP_MATERIALIZATION_NOT_FOUND
 */
async function listMaterialized(services: Services, request: FastifyRequest): Promise<object> {
  const { workspace } = callerOf(request)
  const { limit, offset } = pageOf(request.query as PageQuery)
  const materializationId = materializationIdOf(request)
  const key = { workspaceId: workspace.id, materializationId }
  const ids = await services.populations.materialized(key, { limit, offset })
  const living = await services.profiles.living(workspace, ids)
  const found = ids.flatMap((id) => living.get(id) ?? [])
  return { materializationId, customers: found.map(showContact), offset, limit }
}

/** @throws CDP_MATERIALIZATION_NOT_FOUND the text can be none's id */
function materializationIdOf(request: FastifyRequest): number {
  const { materializationId } = request.params as { materializationId: string }
  const id = /^\d{1,16}$/.test(materializationId) ? Number(materializationId) : Number.NaN
  if (!Number.isSafeInteger(id)) throw new CdpError('CDP_MATERIALIZATION_NOT_FOUND')
  return id
}

function actorOf(request: FastifyRequest): Actor {
  return actorOfCaller(callerOf(request), request.ip, request.id)
}
