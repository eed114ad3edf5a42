import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { mapRows, rowsUnit } from '../../core/imports/index.ts'
import type { RowsOutcome } from '../../core/imports/index.ts'
import { operationOf } from '../../http/access-log.ts'
import { callerOf } from '../../http/authenticate.ts'
import { onceOf } from '../../http/once.ts'
import { currentReplay } from '../../http/replay.ts'
import type { Services } from '../../http/services.ts'
import { exactNumbersByItem, storeUnit } from '../../http/unit.ts'
import type { Json } from '../../lib/json.ts'
import type { ImportedRow, RowMap } from '../../model/import.ts'
import { invalid } from './cells.ts'
import { attributeColumns, checkColumns } from './columns.ts'
import { guard } from './guard.ts'
import { compileRows, keepRow, profileRows } from './mapping.ts'
import type { ColumnPlan } from './mapping.ts'
import { ImportBody } from './schemas.ts'
import { showAccepted, showRefusal } from './tasks.ts'

/** Rows from which on a call is answered before they are stored. @source vendor page, "Asynchronous mode" */
const ASYNC_ROWS_MIN = 100

/** Rows of one transaction where the caller waits for all of them. */
const UNIT_ROWS_MAX = 1_000

/** Adds the import of profiles. */
export function registerImports(app: FastifyInstance, services: Services): void {
  app.post(
    '/api/external/import/profile',
    {
      schema: { body: ImportBody },
      config: { operation: 'import-profile' },
      bodyLimit: services.limits.importBytesMax,
      preValidation: guard(services),
    },
    (request, reply) => importProfiles(services, request, reply),
  )
}

async function importProfiles(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { columns, rows, async: mode } = request.body as ImportBody
  checkColumns(columns)
  const plan = await planOf(services, request, columns)
  const exact = exactNumbersByItem(request, 'rows')
  const kept = function* (): Generator<ImportedRow> {
    for (const [index, cells] of rows.entries())
      yield keepRow(cells as Json[], index, cellsAt(exact.get(index)))
  }
  // Who sends an entry of the ledger again waits for what becomes of it.
  const isBehind = currentReplay() === undefined && isAsync(mode, rows.length)
  if (isBehind) return acceptRows(services, request, reply, plan, kept())
  const outcome = await storeRows(services, request, [...kept()], compileRows(plan))
  return reply.send(showOutcome(outcome, columns, rows.length))
}

/** @source vendor page: from 100 records on by default; reference 3.2, SRC[21] and SRC[22]: 0 or false turns it off */
function isAsync(mode: ImportBody['async'], rows: number): boolean {
  if (mode === undefined || mode === null) return rows >= ASYNC_ROWS_MIN
  return mode === true || mode === 1 || mode === '1' || mode === 'true'
}

/**
 * What is known of the columns.
 * @throws CDP_BODY_INVALID the workspace takes no new columns, and there are some
 */
async function planOf(
  services: Services,
  request: FastifyRequest,
  columns: readonly string[],
): Promise<ColumnPlan> {
  const { workspace } = callerOf(request)
  const names = attributeColumns(columns)
  const types = await services.dictionary.profileTypes(workspace.id, names)
  const isClosed = workspace.settings.dialects['xtremepush']?.['autoCreateAttributes'] === false
  const unknown = isClosed ? names.filter((name) => !types.has(name)) : []
  if (unknown.length > 0) throw invalid('/columns', `unknown: ${unknown.join(', ')}`)
  const holdsArrays = (name: string): boolean => {
    const seen = [...(types.get(name) ?? [])]
    return seen.length > 0 && seen.every((type) => type === 'array' || type === 'object')
  }
  return { columns, arrays: names.filter(holdsArrays) }
}

/** Places in a row, from their pointers. */
function cellsAt(pointers: readonly string[] = []): number[] {
  return pointers.flatMap((pointer) => {
    const [, , , cell, ...inside] = pointer.split('/')
    return cell === undefined || inside.length > 0 ? [] : [Number(cell)]
  })
}

async function acceptRows(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  plan: ColumnPlan,
  rows: Iterable<ImportedRow>,
): Promise<FastifyReply> {
  const { workspace, label } = callerOf(request)
  const { columns, arrays } = plan
  const once = onceOf(request)
  const task = await services.imports.accept({
    workspaceId: workspace.id,
    dialect: request.dialect,
    operation: operationOf(request),
    kind: profileRows.kind,
    credential: label,
    traceId: request.id,
    options: { columns: [...columns], arrays: [...arrays] },
    isDryRun: false,
    rows,
    once: () => once,
  })
  return reply.code(202).send(showAccepted(task))
}

/** Stores rows while the caller waits, each for itself, in transactions of at most 1,000. */
export async function storeRows(
  services: Services,
  request: FastifyRequest,
  rows: readonly ImportedRow[],
  rowMap: RowMap,
): Promise<RowsOutcome> {
  // An entry of the ledger that is sent again is one unit: it is stored as a whole or not at all.
  const size = currentReplay() ? rows.length : UNIT_ROWS_MAX
  let whole: RowsOutcome = { created: 0, updated: 0, refused: [] }
  for (let part = 0; part * size < rows.length; part++) {
    const mapped = mapRows(rows.slice(part * size, (part + 1) * size), rowMap, request.receivedAt)
    const { body } = await storeUnit(services, request, { ...rowsUnit(mapped), part, tellsNumbers: true })
    const { created, updated, refused } = body as RowsOutcome
    whole = {
      created: whole.created + created,
      updated: whole.updated + updated,
      refused: [...whole.refused, ...refused],
    }
  }
  return whole
}

/** @assumed the counters, and that a call with refused rows succeeds (reference 3.2) */
function showOutcome(
  { created, updated, refused }: RowsOutcome,
  columns: readonly string[],
  total: number,
): object {
  const model = { total, created, updated, failed: refused.length }
  if (refused.length === 0) return { success: true, code: 200, data: [], model }
  const errors = refused.map((refusal) => showRefusal(refusal, columns))
  return { success: true, code: 200, model, errors }
}
