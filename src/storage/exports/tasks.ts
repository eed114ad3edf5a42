import type { JsonObject } from '../../lib/json.ts'
import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { ExportContent, ExportFormat, ExportState, ExportTask } from '../../model/export.ts'
import { prepared } from '../db.ts'
import type { Queryable, Transaction } from '../db.ts'

/** Which export. */
export type ExportKey = Pick<ExportTask, 'workspaceId' | 'exportId'>

/** A row of `export` as the driver gives it. */
export interface StoredExport {
  workspace_id: number
  export_id: number
  state: ExportState
  format: ExportFormat
  is_gzip: boolean
  content: string
  created_by: string
  rows: number
  bytes: number
  rows_expected: number | null
  snapshot_at: Date | null
  last_error: string | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
  expires_at: Date | null
  lifetime_ms: number | null
  memo: string | null
}

/** Columns of {@link StoredExport}. */
export const EXPORT_COLUMNS = `workspace_id, export_id, state, format, is_gzip, content, created_by, rows, bytes, rows_expected,
          snapshot_at, last_error, created_at, started_at, ended_at, expires_at, lifetime_ms, memo`

/** What an export is made of. */
export type NewExport = Pick<
  ExportTask,
  | 'workspaceId'
  | 'exportId'
  | 'format'
  | 'isGzip'
  | 'content'
  | 'createdBy'
  | 'rowsExpected'
  | 'lifetimeMs'
  | 'memo'
>

const insertOne = prepared<StoredExport>(
  'export-insert',
  `insert into export (workspace_id, export_id, state, kind, format, is_gzip, content, created_by, rows_expected,
                       next_attempt_at, created_at, lifetime_ms, memo)
   values ($1, $2, 'queued', $3, $4, $5, $6, $7, $8, $9, $9, $10, $11)
   returning ${EXPORT_COLUMNS}`,
)

/** Stores an export that is to be written. */
export async function insertExport(tx: Transaction, row: NewExport, at: Instant): Promise<ExportTask> {
  const { workspaceId, exportId, content, format, isGzip, createdBy, rowsExpected } = row
  const what = [content.kind, format, isGzip, JSON.stringify(content), createdBy, rowsExpected ?? null]
  const kept = [row.lifetimeMs ?? null, row.memo === undefined ? null : JSON.stringify(row.memo)]
  const [stored] = await insertOne(tx, [workspaceId, exportId, ...what, toRfc3339(at), ...kept])
  if (!stored) throw new Error('an insert gave no row')
  return toExport(stored)
}

/** An export and the version of its file, which is undefined while there is none. */
export interface FoundExport extends ExportTask {
  fileVersion: string | undefined
}

const findOne = prepared<StoredExport & { claim: string | null }>(
  'export-find',
  `select ${EXPORT_COLUMNS}, claim from export where workspace_id = $1 and export_id = $2`,
)

/** An export of a workspace. */
export async function findExport(
  db: Queryable,
  { workspaceId, exportId }: ExportKey,
): Promise<FoundExport | undefined> {
  const [row] = await findOne(db, [workspaceId, exportId])
  return (
    row && { ...toExport(row), fileVersion: row.state === 'ready' ? (row.claim ?? undefined) : undefined }
  )
}

// Primary key, backwards: a workspace keeps those of the last weeks, and they are filtered as read.
const findMany = prepared<StoredExport>(
  'export-list',
  `select ${EXPORT_COLUMNS} from export
    where workspace_id = $1 and export_id <= $2 and ($3::text is null or state = $3::text)
    order by export_id desc limit $4`,
)

/** Which exports of a workspace, and which part of them. */
export interface ExportQuery {
  workspaceId: number
  state: ExportState | undefined
  /** The largest id that may come. */
  idMax: number | undefined
  limit: number
}

/** Exports of a workspace, newest first. */
export async function findExports(db: Queryable, query: ExportQuery): Promise<ExportTask[]> {
  const { workspaceId, state, idMax, limit } = query
  const values = [workspaceId, idMax ?? Number.MAX_SAFE_INTEGER, state ?? null, limit]
  return (await findMany(db, values)).map(toExport)
}

const cancelOne = prepared<StoredExport>(
  'export-cancel',
  `update export set state = 'cancelled', ended_at = $3, claim = null, claimed_until = null
    where workspace_id = $1 and export_id = $2 and state in ('queued', 'running')
   returning ${EXPORT_COLUMNS}`,
)

/** Ends an export that is not at its end; undefined when it is. */
export async function cancelExport(
  tx: Transaction,
  { workspaceId, exportId }: ExportKey,
  at: Instant,
): Promise<ExportTask | undefined> {
  const [row] = await cancelOne(tx, [workspaceId, exportId, toRfc3339(at)])
  return row && toExport(row)
}

const deleteOne = prepared<StoredExport>(
  'export-delete',
  `with gone as (delete from export where workspace_id = $1 and export_id = $2 returning *),
   parts as (delete from export_part p using gone where p.workspace_id = $1 and p.export_id = gone.export_id)
   select ${EXPORT_COLUMNS} from gone`,
)

/** Deletes an export in whatever state; undefined when there is none. */
export async function deleteExport(
  tx: Transaction,
  { workspaceId, exportId }: ExportKey,
): Promise<ExportTask | undefined> {
  const [row] = await deleteOne(tx, [workspaceId, exportId])
  return row && toExport(row)
}

/** A row as the product has it. */
export function toExport(row: StoredExport): ExportTask {
  return {
    workspaceId: row.workspace_id,
    exportId: row.export_id,
    state: row.state,
    format: row.format,
    isGzip: row.is_gzip,
    content: JSON.parse(row.content) as ExportContent,
    createdBy: row.created_by,
    rows: row.rows,
    bytes: row.bytes,
    rowsExpected: row.rows_expected ?? undefined,
    snapshotAt: row.snapshot_at?.getTime(),
    lastError: row.last_error ?? undefined,
    createdAt: row.created_at.getTime(),
    startedAt: row.started_at?.getTime(),
    endedAt: row.ended_at?.getTime(),
    expiresAt: row.expires_at?.getTime(),
    lifetimeMs: row.lifetime_ms ?? undefined,
    memo: row.memo === null ? undefined : (JSON.parse(row.memo) as JsonObject),
  }
}
