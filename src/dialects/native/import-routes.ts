import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  compileRows,
  keepRows,
  nameColumns,
  parseColumns,
  readRows,
  rowMapper,
} from '../../core/imports/index.ts'
import type { ImportFormat, ImportKey, ImportRow, RowPlan } from '../../core/imports/index.ts'
import { operationOf } from '../../http/access-log.ts'
import { callerOf } from '../../http/authenticate.ts'
import { idempotencyOf } from '../../http/idempotency.ts'
import { onceOf } from '../../http/once.ts'
import type { Services } from '../../http/services.ts'
import { FORM, fileOf, openUpload, takeUploads } from '../../http/upload.ts'
import type { Upload } from '../../http/upload.ts'
import type { ImportTask, ImportedRow } from '../../model/import.ts'
import { actorOnce, guard } from './guard.ts'
import {
  ImportListQuery,
  ImportQuery,
  RefusalQuery,
  columnTexts,
  pageOfImports,
  readAfter,
  readImportId,
  refusalHead,
  refusalText,
  showImport,
  showRefusal,
} from './import-mapping.ts'
import { readLimit } from './mapping.ts'
import { NoQuery } from './schemas.ts'

/** Ends of names of files by their media type. */
const FILES = { 'text/csv': ['.csv'], 'application/x-ndjson': ['.ndjson', '.jsonl'] }

const UPLOADS = Object.keys(FILES)

/** Refused rows that an import shows; all of them can be fetched. */
const REFUSALS_SHOWN = 10

/** Refused rows that are read at a time. */
const REFUSALS_PAGE = 500

const PATH = '/api/v1/imports'

/** Adds imports of files, and what tells about imports of every API. */
export function registerImports(app: FastifyInstance, services: Services): void {
  const { imports } = services
  const options = (operation: string, permission: string, querystring: object = NoQuery) => ({
    schema: { querystring },
    config: { operation },
    onRequest: guard(services, permission),
  })
  void app.register(async (scope) => {
    takeUploads(scope, UPLOADS)
    const upload = options('create-import', 'imports:write', ImportQuery)
    const config = { ...upload.config, uploads: [...UPLOADS, FORM] }
    scope.post(PATH, { ...upload, config }, (request, reply) => createImport(services, request, reply))
  })
  app.get(PATH, options('list-imports', 'imports:read', ImportListQuery), async (request) => {
    const { cursor, limit: text, ...filter } = request.query as ImportListQuery
    const limit = readLimit(text)
    const { id: workspaceId } = callerOf(request).workspace
    const sort = { by: 'id', order: 'desc' } as const
    const id = { max: readAfter(cursor) }
    const states = filter.state && [filter.state]
    const list = { workspaceId, dialect: filter.dialect, states, id, sort, offset: 0, limit: limit + 1 }
    return pageOfImports(await imports.list(list), limit)
  })
  app.get(`${PATH}/:importId`, options('get-import', 'imports:read'), async (request) => {
    const key = keyOf(request)
    const task = await imports.get(key)
    const refusals = await imports.refusals(key, { after: 0, limit: REFUSALS_SHOWN })
    return { ...showImport(task), refusals: refusals.map(showRefusal) }
  })
  app.get(
    `${PATH}/:importId/refusals`,
    options('list-import-refusals', 'imports:read', RefusalQuery),
    (request, reply) => sendRefusals(services, request, reply),
  )
  for (const verb of ['pause', 'resume', 'cancel'] as const)
    app.post(`${PATH}/:importId/${verb}`, options(`${verb}-import`, 'imports:write'), async (request) =>
      showImport(await imports.move(keyOf(request), verb, actorOnce(services, request))),
    )
}

function keyOf(request: FastifyRequest): ImportKey {
  const { importId } = request.params as { importId: string }
  return { workspaceId: callerOf(request).workspace.id, importId: readImportId(importId) }
}

/** The answer is sent once every row is durable. */
async function createImport(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  // Before the file is read: a key that is none refuses no gigabyte.
  idempotencyOf(request)
  const { body, type } = await fileOf(request, FILES)
  const format = type === 'text/csv' ? 'csv' : 'jsonl'
  const upload = openUpload(body, services.limits, request.raw)
  try {
    const task = await storeUpload(services, request, upload, format)
    return await reply.code(202).header('Location', `${PATH}/${task.importId}`).send(showImport(task))
  } finally {
    upload.close()
  }
}

async function storeUpload(
  { imports }: Services,
  request: FastifyRequest,
  upload: Upload,
  format: ImportFormat,
): Promise<ImportTask> {
  const { workspace, label } = callerOf(request)
  const { dryRun, paused, ...query } = request.query as ImportQuery
  const { plan, rows } = await planOf(query, readRows(upload.stream, format, query.delimiter ?? ','))
  return imports.accept({
    workspaceId: workspace.id,
    dialect: request.dialect,
    operation: operationOf(request),
    kind: rowMapper.kind,
    credential: label,
    traceId: request.id,
    options: { ...plan, columns: [...plan.columns] },
    isDryRun: dryRun === 'true',
    isPaused: paused === 'true',
    rows: kept(rows, plan),
    once: () => {
      // The key belongs to the file that came, not to how it was cut on its way.
      request.rawBody = upload.digest()
      return onceOf(request)
    },
  })
}

/**
 * What the rows are; without a mapping their columns are named like their targets.
 * @throws CDP_QUERY_INVALID CDP_BODY_INVALID there is no such target
 */
async function planOf(
  query: Omit<ImportQuery, 'dryRun' | 'paused'>,
  rows: AsyncGenerator<ImportRow>,
): Promise<{ plan: RowPlan; rows: AsyncIterable<ImportRow> }> {
  const columns = parseColumns(columnTexts(query))
  const isNamedByRows = columns.length === 0
  try {
    const named = isNamedByRows ? await nameColumns(rows) : { columns, rows }
    const plan = { type: query.type, columns: named.columns, ...(isNamedByRows && { isNamedByRows }) }
    compileRows(plan)
    return { plan, rows: named.rows }
  } catch (error) {
    await rows.return(undefined)
    throw error
  }
}

async function* kept(rows: AsyncIterable<ImportRow>, plan: RowPlan): AsyncGenerator<ImportedRow> {
  const keep = keepRows(plan)
  for await (const row of rows) yield keep(row)
}

/** Sends every refused row as a file, read as it is sent. */
async function sendRefusals(
  { imports }: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const key = keyOf(request)
  const { format = 'ndjson' } = request.query as RefusalQuery
  await imports.get(key)
  const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson'
  reply.header('Content-Disposition', `attachment; filename="import-${key.importId}-refusals.${format}"`)
  return reply.type(type).send(Readable.from(refusalTexts(imports, key, format)))
}

async function* refusalTexts(
  imports: Services['imports'],
  key: ImportKey,
  format: 'csv' | 'ndjson',
): AsyncGenerator<string> {
  yield refusalHead(format)
  let after = 0
  for (;;) {
    const page = await imports.refusals(key, { after, limit: REFUSALS_PAGE })
    const last = page.at(-1)
    if (!last) return
    yield page.map((refusal) => refusalText(refusal, format)).join('')
    after = last.line
  }
}
