import type { FastifyRequest } from 'fastify'
import { actorOfCaller } from '../../../core/audit/index.ts'
import { readColumns } from '../../../core/exports/index.ts'
import type { ExportDraft, ExportKey } from '../../../core/exports/index.ts'
import { callerOf } from '../../../http/authenticate.ts'
import { isRepeated, onceOf } from '../../../http/once.ts'
import type { Services } from '../../../http/services.ts'
import type { Json, JsonObject } from '../../../lib/json.ts'
import { CdpError } from '../../../model/errors.ts'
import type { ExportTask } from '../../../model/export.ts'
import { hasEmailOf, numberOf, offsetOf } from '../crm/lists.ts'
import { exportField } from './export-fields.ts'
import type { ExportBody, PageQuery } from './schemas.ts'

/** @source reference, Create profile export task for segmentation: the only value that it prints */
const TTL = '2h'

const TTL_MS = 2 * 3_600_000

/**
 * How long a call waits for the server: a client of the vendor reads the data right after it asked for them, and what is written
 * after the answer must not be among them.
 * @assumed with more people than are written in this time, or with other exports before it, a retrieval is told to come again (409)
 */
const WAIT_MS = 5_000

/** @source reference, Retrieve export data */
const LIMIT_MAX = 10_000

/** What an answer is made of, as it is kept with the export. */
type Columns = Record<'fields' | 'expressions' | 'aggregates', readonly string[]>

/**
 * Makes an export of who belongs to a segmentation, and answers once the instant is fixed that it shows.
 * @throws CDP_SEGMENT_NOT_FOUND CDP_COMPUTED_NOT_FOUND CDP_BODY_INVALID
 * @source reference, Create profile export task for segmentation
 */
export async function createExport(services: Services, request: FastifyRequest): Promise<object> {
  const caller = callerOf(request)
  const body = request.body as ExportBody
  const columns = columnsOf(body)
  const draft = draftOf(body, columns)
  const isRepeat = await isRepeated(services, request)
  const rowsExpected = isRepeat ? 0 : await countOf(services, request, body)
  const actor = { ...actorOfCaller(caller, request.ip, request.id), run: services.once(onceOf(request)) }
  const task = await services.exports.create(caller.workspace, { ...draft, rowsExpected }, actor)
  if (!isRepeat) await services.exports.settled(task, 'snapshot', WAIT_MS)
  return {
    taskId: task.exportId,
    columnOrder: orderOf(columns),
    estimatedCount: task.rowsExpected ?? 0,
    ttl: TTL,
  }
}

/** Each name once. A UUID is one in lower case. */
function columnsOf({ fields, expressions = [], aggregates = [] }: ExportBody): Columns {
  const lower = (ids: readonly string[]): string[] => [...new Set(ids.map((id) => id.toLowerCase()))]
  return {
    fields: [...new Set(fields)],
    expressions: lower(expressions),
    aggregates: lower(aggregates),
  }
}

/** @assumed the order of the body, behind `id`, which is always there */
function orderOf({ fields, expressions, aggregates }: Columns): string[] {
  return [...new Set(['id', ...fields, ...expressions, ...aggregates])]
}

function draftOf({ name, segmentationHash, agreementFilter }: ExportBody, asked: Columns): ExportDraft {
  const fields = asked.fields.flatMap((field, index) => {
    const known = exportField(field)
    if (known) return known.columns
    throw refused(`/fields/${index}`, `${field}: is no field of profiles`)
  })
  const expressions = asked.expressions.map((id) => `expression.${id}`)
  const aggregates = asked.aggregates.map((id) => `aggregate.${id}`)
  if (expressions.length + aggregates.length > COMPUTED_MAX)
    throw refused('/aggregates', `there must be at most ${COMPUTED_MAX} aggregates and expressions`)
  const columns = readColumns('profiles', [
    ...new Set(['profileId', ...fields, ...expressions, ...aggregates]),
  ])
  const hasEmail = hasEmailOf(agreementFilter)
  const people = { segmentId: segmentationHash.toLowerCase(), ...(hasEmail !== undefined && { hasEmail }) }
  return {
    format: 'ndjson',
    isGzip: true,
    name,
    content: { kind: 'profiles', columns, ...people },
    lifetimeMs: TTL_MS,
    memo: { synerise: { ...asked } },
  }
}

/** Of one export: they are values of one statement. */
const COMPUTED_MAX = 50

function refused(pointer: string, detail: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { pointer, detail })
}

async function countOf(
  { populations, profiles }: Services,
  request: FastifyRequest,
  { segmentationHash, agreementFilter }: ExportBody,
): Promise<number> {
  const { workspace } = callerOf(request)
  const population = await populations.of(workspace, segmentationHash, 'any')
  return profiles.count(workspace, { population, hasEmail: hasEmailOf(agreementFilter) })
}

/**
 * A part of the rows of an export, each with its `id`, the fields that were asked for and results by their UUIDs.
 * @assumed without `limit` as many rows as one call can have; an export of the native API is none of this vendor's
 * @throws CDP_EXPORT_NOT_FOUND there is none, or its two hours are over; CDP_EXPORT_STATE it is not written yet, or cannot be
 * @source reference, Retrieve export data
 */
export async function readExport(services: Services, request: FastifyRequest): Promise<object[]> {
  const query = request.query as PageQuery
  const limit = numberOf(query.limit, 'limit', { min: 1, max: LIMIT_MAX }) ?? LIMIT_MAX
  const offset = offsetOf(query)
  const key = keyOf(request)
  const columns = memoOf(await services.exports.get(key))
  const { state } = await services.exports.settled(key, 'end', WAIT_MS)
  if (state === 'expired') throw new CdpError('CDP_EXPORT_NOT_FOUND')
  const rows = await services.exports.readRows(key, { offset, limit })
  return rows.map((row) => showRow(row, columns))
}

/** @throws CDP_EXPORT_NOT_FOUND the text can be no export's id */
function keyOf(request: FastifyRequest): ExportKey {
  const { taskId } = request.params as { taskId: string }
  const exportId = /^\d{1,16}$/.test(taskId) ? Number(taskId) : Number.NaN
  if (!Number.isSafeInteger(exportId)) throw new CdpError('CDP_EXPORT_NOT_FOUND')
  return { workspaceId: callerOf(request).workspace.id, exportId }
}

function memoOf({ memo }: ExportTask): Columns {
  if (memo?.['synerise'] === undefined) throw new CdpError('CDP_EXPORT_NOT_FOUND')
  return memo['synerise'] as Columns
}

function showRow(row: JsonObject, { fields, expressions, aggregates }: Columns): object {
  const value = (name: string): Json => row[name] ?? null
  return Object.fromEntries([
    ['id', value('profileId')],
    ...fields.map((field) => [field, exportField(field)?.read(row) ?? null]),
    ...expressions.map((id) => [id, value(`expression.${id}`)]),
    ...aggregates.map((id) => [id, value(`aggregate.${id}`)]),
  ]) as object
}
