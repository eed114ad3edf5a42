import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ExportFile, ExportKey } from '../../core/exports/index.ts'
import { callerOf } from '../../http/authenticate.ts'
import { ownOriginOf } from '../../http/own-origin.ts'
import { answerRange } from '../../http/ranges.ts'
import type { Services } from '../../http/services.ts'
import {
  DownloadQuery,
  ExportBody,
  ExportListQuery,
  pageOfExports,
  readExport,
  readExportId,
  readExportsAfter,
  readLink,
  showExport,
  showLink,
} from './export-mapping.ts'
import { actorOnce, guard } from './guard.ts'
import { readLimit } from './mapping.ts'
import { NoQuery } from './schemas.ts'

const PATH = '/api/v1/exports'

/** Adds exports, and the downloads of their files, which a signature opens in place of a credential. */
export function registerExports(app: FastifyInstance, services: Services): void {
  const { exports } = services
  const options = (operation: string, permission: string, schema: object = { querystring: NoQuery }) => ({
    schema,
    config: { operation },
    onRequest: guard(services, permission),
  })
  app.post(PATH, options('create-export', 'exports:write', { body: ExportBody }), async (request, reply) => {
    const draft = readExport(request.body as ExportBody)
    const task = await exports.create(callerOf(request).workspace, draft, actorOnce(services, request))
    reply.code(202).header('Location', `${PATH}/${task.exportId}`)
    return showExport(task)
  })
  const list = options('list-exports', 'exports:read', { querystring: ExportListQuery })
  app.get(PATH, list, async (request) => {
    const { cursor, limit: text, state } = request.query as ExportListQuery
    const limit = readLimit(text)
    const { id: workspaceId } = callerOf(request).workspace
    const query = { workspaceId, state, idMax: readExportsAfter(cursor), limit: limit + 1 }
    return pageOfExports(await exports.list(query), limit)
  })
  app.get(`${PATH}/:exportId`, options('get-export', 'exports:read'), async (request) => {
    const task = await exports.get(keyOf(request))
    const link = exports.link(callerOf(request).workspace, task)
    return { ...showExport(task), download: link ? showLink(ownOriginOf(request), link) : null }
  })
  app.post(`${PATH}/:exportId/cancel`, options('cancel-export', 'exports:write'), async (request) =>
    showExport(await exports.cancel(keyOf(request), actorOnce(services, request))),
  )
  app.delete(`${PATH}/:exportId`, options('delete-export', 'exports:write'), async (request, reply) => {
    await exports.delete(keyOf(request), actorOnce(services, request))
    return reply.code(204).send()
  })
  const download = { schema: { querystring: DownloadQuery }, config: { operation: 'download-export' } }
  app.get(`${PATH}/:exportId/download`, download, (request, reply) => sendFile(services, request, reply))
}

function keyOf(request: FastifyRequest): ExportKey {
  const { exportId } = request.params as { exportId: string }
  return { workspaceId: callerOf(request).workspace.id, exportId: readExportId(exportId) }
}

const MEDIA_TYPES = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const

/** Compression is part of the file and no coding of its transfer: a range is one of the file, whatever a client accepts. */
async function sendFile(
  { exports }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { exportId } = request.params as { exportId: string }
  const found = await exports.download(readLink(exportId, request.query as DownloadQuery))
  const { file, name, format, isGzip } = found
  const range = answerRange(request, reply, found)
  // What lies between must neither keep it nor code it anew.
  reply
    .header('Cache-Control', 'private, no-transform')
    .header('Content-Disposition', `attachment; filename="${name}"`)
  reply.type(isGzip ? 'application/gzip' : MEDIA_TYPES[format])
  if (range === 'none') return refuseRange(found, reply)
  // The stream closes the file, also when the client goes away.
  const { start = 0, end = found.size - 1 } = range ?? {}
  if (end < start) return refuseRange(found, reply)
  return reply.send(file.createReadStream({ start, end }))
}

/** Sends no bytes. */
async function refuseRange({ file }: ExportFile, reply: FastifyReply): Promise<FastifyReply> {
  await file.close()
  return reply.send('')
}
