import { Type } from 'typebox'
import type { Static } from 'typebox'
import { DELIMITER, IMPORT_TYPES } from '../../core/imports/index.ts'
import { csvLine } from '../../lib/csv.ts'
import { decodeCursor } from '../../lib/cursor.ts'
import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { IMPORT_STATES } from '../../model/import.ts'
import type { ImportRefusal, ImportTask } from '../../model/import.ts'
import { cutPage, foreignCursor } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { STORABLE_PATTERN } from '../../lib/text.ts'

const only = { additionalProperties: false }

const column = Type.String({ minLength: 1, maxLength: 1_024, pattern: STORABLE_PATTERN })

const columnList = (description: string) =>
  Type.Optional(Type.Union([column, Type.Array(column, { maxItems: 500 })], { description }))

/** `POST /api/v1/imports` */
export const ImportQuery = Type.Object(
  {
    type: Type.Enum(IMPORT_TYPES, { description: 'What the rows are.' }),
    map: columnList('`target=column`: where a column goes; once for each.'),
    set: columnList('`target=value`: a value for every row; once for each.'),
    delimiter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1,
        pattern: DELIMITER.source,
        description: 'Between the cells of CSV.',
      }),
    ),
    paused: Type.Optional(Type.Enum(['true', 'false'], { description: 'Waits until it is resumed.' })),
    dryRun: Type.Optional(
      Type.Enum(['true', 'false'], { description: 'Checks and counts, stores nothing.' }),
    ),
  },
  only,
)

/** `GET /api/v1/imports` */
export const ImportListQuery = Type.Object(
  {
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    state: Type.Optional(Type.Enum(IMPORT_STATES)),
    dialect: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN })),
  },
  only,
)

/** `GET /api/v1/imports/:importId/refusals` */
export const RefusalQuery = Type.Object({ format: Type.Optional(Type.Enum(['ndjson', 'csv'])) }, only)

/** See {@link ImportQuery}. */
export type ImportQuery = Static<typeof ImportQuery>
/** See {@link ImportListQuery}. */
export type ImportListQuery = Static<typeof ImportListQuery>
/** See {@link RefusalQuery}. */
export type RefusalQuery = Static<typeof RefusalQuery>

/** The mapping of a query, in which one text stands for a list of one. */
export function columnTexts({ map = [], set = [] }: Pick<ImportQuery, 'map' | 'set'>): {
  map: string[]
  set: string[]
} {
  return { map: [map].flat(), set: [set].flat() }
}

/** The id of a path. @throws CDP_IMPORT_NOT_FOUND it can be no import's */
export function readImportId(text: string): number {
  const id = Number(text)
  if (/^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(id)) return id
  throw new CdpError('CDP_IMPORT_NOT_FOUND')
}

/** The largest id that comes after a cursor, newest first. @throws CDP_QUERY_INVALID it is none of this list's */
export function readAfter(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const [id, ...others] = decodeCursor(cursor) ?? []
  if (Number.isSafeInteger(id) && Number(id) > 0 && others.length === 0) return Number(id) - 1
  throw foreignCursor()
}

/** A page of imports, of which one more than `limit` was asked for. */
export function pageOfImports(tasks: readonly ImportTask[], limit: number): Page<object> {
  const { items, nextCursor } = cutPage(tasks, limit, ({ importId }) => [importId])
  return { items: items.map(showImport), nextCursor }
}

/** An import as the native API shows it. */
export function showImport(task: ImportTask): object {
  const { importId: id, state, dialect, operation, options, credential, isDryRun: dryRun } = task
  const { total, processed, created, updated, refused } = task
  return {
    id,
    state,
    dialect,
    operation,
    credential,
    options,
    dryRun,
    total,
    processed,
    created,
    updated,
    refused,
    lastError: task.lastError ?? null,
    createdAt: toRfc3339(task.createdAt),
    startedAt: timeOf(task.startedAt),
    endedAt: timeOf(task.endedAt),
  }
}

function timeOf(instant: Instant | undefined): string | null {
  return instant === undefined ? null : toRfc3339(instant)
}

/** A refused row as the native API shows it. */
export function showRefusal({ line: row, code, detail, pointer, item }: ImportRefusal): object {
  return { row, code, detail, pointer, item }
}

const CSV_HEAD = ['row', 'code', 'detail', 'pointer', 'item']

/** What stands before the refused rows of a file. */
export function refusalHead(format: 'csv' | 'ndjson'): string {
  return format === 'csv' ? csvLine(CSV_HEAD) : ''
}

/** A refused row in a file. */
export function refusalText(refusal: ImportRefusal, format: 'csv' | 'ndjson'): string {
  if (format === 'ndjson') return `${JSON.stringify(showRefusal(refusal))}\n`
  const { line, code, detail, pointer, item } = refusal
  return csvLine([line, code, detail, pointer, typeof item === 'string' ? item : JSON.stringify(item)])
}
