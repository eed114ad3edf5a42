import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { ImportRefusal, ImportState, ImportTask } from '../model/import.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'
import { IMPORT_COLUMNS, toImport } from './imports.ts'
import type { ImportKey, StoredImport } from './imports.ts'

const SORTS = {
  id: 'import_id',
  createdAt: 'created_at',
  startedAt: 'started_at',
  endedAt: 'ended_at',
} as const

/** What a list of imports can be sorted by; equal ones by id. */
export type ImportSort = keyof typeof SORTS

/** Bounds of a value, both inclusive; undefined is no bound. */
export interface Bounds {
  min?: number | undefined
  max?: number | undefined
}

/** Which imports, in which order, which part of them. What is undefined filters nothing. */
export interface ImportQuery {
  workspaceId: number
  dialect?: string | undefined
  states?: readonly ImportState[] | undefined
  id?: Bounds | undefined
  createdAt?: Bounds | undefined
  startedAt?: Bounds | undefined
  endedAt?: Bounds | undefined
  sort: { by: ImportSort; order: 'asc' | 'desc' }
  offset: number
  limit: number
}

// Primary key (workspace_id, import_id): a workspace keeps those of the last weeks, and they are filtered and sorted as read.
const listText = (by: ImportSort, order: 'asc' | 'desc'): string =>
  `select ${IMPORT_COLUMNS} from import
    where workspace_id = $1 and state <> 'receiving'
      and ($2::text is null or dialect = $2::text) and ($3::text[] is null or state = any($3::text[]))
      and import_id between $4::bigint and $5::bigint
      and ($6::timestamptz is null or created_at >= $6::timestamptz)
      and ($7::timestamptz is null or created_at <= $7::timestamptz)
      and ($8::timestamptz is null or started_at >= $8::timestamptz)
      and ($9::timestamptz is null or started_at <= $9::timestamptz)
      and ($10::timestamptz is null or ended_at >= $10::timestamptz)
      and ($11::timestamptz is null or ended_at <= $11::timestamptz)
    order by ${SORTS[by]} ${order} nulls last, import_id ${order}
    limit $12 offset $13`

const lists = new Map(
  (Object.keys(SORTS) as ImportSort[]).flatMap((by) =>
    (['asc', 'desc'] as const).map((order) => {
      const name = `import-list-${by}-${order}`
      return [`${by} ${order}`, prepared<StoredImport>(name, listText(by, order))] as const
    }),
  ),
)

/** Imports of a workspace. */
export async function findImports(db: Queryable, query: ImportQuery): Promise<ImportTask[]> {
  const { by, order } = query.sort
  const { id = {}, createdAt = {}, startedAt = {}, endedAt = {} } = query
  const times = [createdAt, startedAt, endedAt].flatMap(({ min, max }) => [timeOf(min), timeOf(max)])
  const ids = [id.min ?? 0, id.max ?? Number.MAX_SAFE_INTEGER]
  const filters = [query.dialect ?? null, query.states ?? null, ...ids, ...times]
  const rows = await lists.get(`${by} ${order}`)?.(db, [
    query.workspaceId,
    ...filters,
    query.limit,
    query.offset,
  ])
  return (rows ?? []).map(toImport)
}

function timeOf(instant: Instant | undefined): string | null {
  return instant === undefined ? null : toRfc3339(instant)
}

const insertMany = prepared(
  'import-refusal-insert',
  `insert into import_refusal (workspace_id, import_id, row_number, code, detail, pointer, item)
   select $1, $2, n, c, d, p, i from json_to_recordset($3::json) as r(n integer, c text, d text, p text, i text)
   on conflict do nothing`,
)

/** Keeps rows that were refused. */
export async function insertRefusals(
  tx: Transaction,
  { workspaceId, importId }: ImportKey,
  refusals: readonly ImportRefusal[],
): Promise<void> {
  if (refusals.length === 0) return
  const rows = refusals.map(({ line, code, detail, pointer, item }) => {
    return { n: line, c: code, d: detail, p: pointer, i: JSON.stringify(item) }
  })
  await insertMany(tx, [workspaceId, importId, asRows(rows)])
}

interface StoredRefusal {
  row_number: number
  code: string
  detail: string
  pointer: string
  item: string
}

// Primary key (workspace_id, import_id, row_number).
const findMany = prepared<StoredRefusal>(
  'import-refusal-find',
  `select row_number, code, detail, pointer, item from import_refusal
    where workspace_id = $1 and import_id = $2 and row_number > $3
    order by row_number limit $4`,
)

/** Refused rows of an import in their order. @param page `after` is the line of the last one that was given */
export async function findRefusals(
  db: Queryable,
  { workspaceId, importId }: ImportKey,
  { after, limit }: { after: number; limit: number },
): Promise<ImportRefusal[]> {
  const rows = await findMany(db, [workspaceId, importId, after, limit])
  return rows.map(({ row_number: line, item, ...rest }) => ({
    line,
    ...rest,
    item: JSON.parse(item) as ImportRefusal['item'],
  }))
}
