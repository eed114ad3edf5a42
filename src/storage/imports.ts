import type { Json } from '../lib/json.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { ImportState, ImportTask } from '../model/import.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** Where an import is. */
export type ImportKey = Pick<ImportTask, 'workspaceId' | 'importId'>

/** A row of `import` as the driver gives it. */
export interface StoredImport {
  workspace_id: number
  import_id: number
  state: ImportState
  dialect: string
  operation: string
  kind: string
  credential: string
  trace_id: string
  options: string
  is_dry_run: boolean
  total: number
  processed: number
  created: number
  updated: number
  refused: number
  last_error: string | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
}

/** Columns of {@link StoredImport}. */
export const IMPORT_COLUMNS = `workspace_id, import_id, state, dialect, operation, kind, credential, trace_id, options, is_dry_run,
          total, processed, created, updated, refused, last_error, created_at, started_at, ended_at`

/** What an import is made of. */
export type NewImport = Pick<
  ImportTask,
  'dialect' | 'operation' | 'kind' | 'credential' | 'traceId' | 'options' | 'isDryRun'
>

const insertOne = prepared(
  'import-insert',
  `insert into import (workspace_id, import_id, state, dialect, operation, kind, credential, trace_id, options,
                       is_dry_run, next_attempt_at, created_at)
   values ($1, $2, 'receiving', $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
)

/** Begins an import whose rows are still coming in; nobody sees it before {@link acceptImport}. */
export async function insertImport(
  db: Queryable,
  key: ImportKey,
  { dialect, operation, kind, credential, traceId, options, isDryRun }: NewImport,
  at: Instant,
): Promise<void> {
  const who = [dialect, operation, kind, credential, traceId]
  const values = [key.workspaceId, key.importId, ...who, JSON.stringify(options), isDryRun, toRfc3339(at)]
  await insertOne(db, values)
}

// Primary key (workspace_id, import_id, number); the import by its own.
const insertPart = prepared<{ import_id: number }>(
  'import-chunk-insert',
  `with receiving as (
     update import set next_attempt_at = $5::timestamptz
      where workspace_id = $1 and import_id = $2 and state = 'receiving' returning import_id)
   insert into import_chunk (workspace_id, import_id, number, rows)
   select $1, import_id, $3, $4 from receiving
   returning import_id`,
)

/**
 * Stores a chunk of an import that is being received, and notes that it is still coming in.
 * @returns false when the import is gone: its upload stood still for too long
 */
export async function insertChunk(
  db: Queryable,
  { workspaceId, importId }: ImportKey,
  { number, rows }: { number: number; rows: string },
  at: Instant,
): Promise<boolean> {
  return (await insertPart(db, [workspaceId, importId, number, rows, toRfc3339(at)])).length > 0
}

const accept = prepared<StoredImport>(
  'import-accept',
  `update import
      set state = case when $4 = 0 then 'done' when $6 then 'paused' else 'queued' end, total = $3, chunks = $4,
          created_at = $5, next_attempt_at = $5, ended_at = case when $4 = 0 then $5::timestamptz end
    where workspace_id = $1 and import_id = $2 and state = 'receiving'
   returning ${IMPORT_COLUMNS}`,
)

/** Makes a received import one that is to be done; undefined when it is gone. */
export async function acceptImport(
  tx: Transaction,
  { workspaceId, importId }: ImportKey,
  { total, chunks, isPaused }: { total: number; chunks: number; isPaused: boolean },
  at: Instant,
): Promise<ImportTask | undefined> {
  const [row] = await accept(tx, [workspaceId, importId, total, chunks, toRfc3339(at), isPaused])
  return row && toImport(row)
}

const deleteReceiving = prepared(
  'import-delete-receiving',
  `with gone as (
     delete from import where workspace_id = $1 and import_id = $2 and state = 'receiving' returning import_id)
   delete from import_chunk c using gone where c.workspace_id = $1 and c.import_id = gone.import_id`,
)

/** Forgets an import that was never accepted; one that was keeps its rows, also where its upload never heard of the commit. */
export async function deleteReceived(db: Queryable, { workspaceId, importId }: ImportKey): Promise<void> {
  await deleteReceiving(db, [workspaceId, importId])
}

const findOne = prepared<StoredImport>(
  'import-find-one',
  `select ${IMPORT_COLUMNS} from import where workspace_id = $1 and import_id = $2 and state <> 'receiving'`,
)

/** An import of a workspace. */
export async function findImport(
  db: Queryable,
  { workspaceId, importId }: ImportKey,
): Promise<ImportTask | undefined> {
  const [row] = await findOne(db, [workspaceId, importId])
  return row && toImport(row)
}

const moveOne = prepared<StoredImport>(
  'import-move',
  `update import
      set state = $4, next_attempt_at = $5, attempts = 0,
          ended_at = case when $4 = 'cancelled' then $5::timestamptz end,
          last_error = case when $4 = 'queued' then null else last_error end
    where workspace_id = $1 and import_id = $2 and state = any($3::text[]) and has_payload
   returning ${IMPORT_COLUMNS}`,
)

/** Takes an import from one of some states to another; undefined when it is in none of them or its rows are forgotten. */
export async function moveImport(
  tx: Transaction,
  { workspaceId, importId }: ImportKey,
  { from, to }: { from: readonly ImportState[]; to: 'queued' | 'paused' | 'cancelled' },
  at: Instant,
): Promise<ImportTask | undefined> {
  const [row] = await moveOne(tx, [workspaceId, importId, from, to, toRfc3339(at)])
  return row && toImport(row)
}

/** A row as the product has it. */
export function toImport(row: StoredImport): ImportTask {
  return {
    workspaceId: row.workspace_id,
    importId: row.import_id,
    state: row.state,
    dialect: row.dialect,
    operation: row.operation,
    kind: row.kind,
    credential: row.credential,
    traceId: row.trace_id,
    options: JSON.parse(row.options) as Json,
    isDryRun: row.is_dry_run,
    total: row.total,
    processed: row.processed,
    created: row.created,
    updated: row.updated,
    refused: row.refused,
    lastError: row.last_error ?? undefined,
    createdAt: row.created_at.getTime(),
    startedAt: row.started_at?.getTime(),
    endedAt: row.ended_at?.getTime(),
  }
}
