import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { ImportTask } from '../model/import.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'
import { IMPORT_COLUMNS, toImport } from './imports.ts'
import type { ImportKey, StoredImport } from './imports.ts'

/** An import that somebody works on, and how far it is. */
export interface ClaimedImport extends ImportTask {
  /** Names who claimed it: nobody else's word about it counts. */
  claim: string
  /** Chunks that are stored; the next one has the number behind it. */
  chunksDone: number
  /** How often its next chunk was tried, this time included. */
  attempts: number
}

interface StoredClaim extends StoredImport {
  chunks_done: number
  attempts: number
}

// Index import_due. Whoever waited longest is next, so that several imports go on side by side.
const claimNext = prepared<StoredClaim>(
  'import-claim',
  `update import
      set state = 'running', attempts = attempts + 1, claim = $2, claimed_until = $3,
          started_at = coalesce(started_at, $1::timestamptz)
    where (workspace_id, import_id) in (
      select workspace_id, import_id from import
       where state in ('queued', 'running') and next_attempt_at <= $1::timestamptz
         and (claimed_until is null or claimed_until <= $1::timestamptz)
       order by next_attempt_at limit 1 for update skip locked)
   returning ${IMPORT_COLUMNS}, chunks_done, attempts`,
)

/** Claims the import that is due and waited longest; nobody else gets it before `until`. */
export async function claimImport(
  db: Queryable,
  { claim, at, until }: { claim: string; at: Instant; until: Instant },
): Promise<ClaimedImport | undefined> {
  const [row] = await claimNext(db, [toRfc3339(at), claim, toRfc3339(until)])
  return row && { ...toImport(row), claim, chunksDone: row.chunks_done, attempts: row.attempts }
}

// Primary key (workspace_id, import_id, number).
const findRows = prepared<{ rows: string }>(
  'import-chunk-find',
  'select rows from import_chunk where workspace_id = $1 and import_id = $2 and number = $3',
)

/** The rows of a chunk as JSON; undefined when there is none. */
export async function findChunk(
  db: Queryable,
  { workspaceId, importId }: ImportKey,
  number: number,
): Promise<string | undefined> {
  const [row] = await findRows(db, [workspaceId, importId, number])
  return row?.rows
}

const advanceOne = prepared<{ import_id: number }>(
  'import-advance',
  `update import
      set chunks_done = chunks_done + 1, processed = processed + $5, created = created + $6, updated = updated + $7,
          refused = refused + $8, attempts = 0, last_error = null, claim = null, claimed_until = null,
          next_attempt_at = $9,
          state = case when chunks_done + 1 = chunks and state <> 'cancelled' then 'done' else state end,
          ended_at = case when chunks_done + 1 = chunks then coalesce(ended_at, $9::timestamptz) else ended_at end
    where workspace_id = $1 and import_id = $2 and claim = $3 and chunks_done = $4
   returning import_id`,
)

/** What became of the rows of a chunk. */
export type ChunkCounts = Pick<ImportTask, 'processed' | 'created' | 'updated' | 'refused'>

/** Notes that a chunk is stored and gives the import back; false when somebody else has claimed it since. */
export async function advanceImport(
  tx: Transaction,
  { workspaceId, importId, claim, chunksDone }: ClaimedImport,
  { processed, created, updated, refused }: ChunkCounts,
  at: Instant,
): Promise<boolean> {
  const counts = [processed, created, updated, refused]
  const rows = await advanceOne(tx, [workspaceId, importId, claim, chunksDone, ...counts, toRfc3339(at)])
  return rows.length > 0
}

const failOne = prepared(
  'import-attempt-failed',
  `update import
      set state = case when $4 and state = 'running' then 'failed' else state end,
          ended_at = case when $4 and state = 'running' then $5::timestamptz else ended_at end,
          last_error = $6, next_attempt_at = $7, claim = null, claimed_until = null
    where workspace_id = $1 and import_id = $2 and claim = $3`,
)

/** How a try of a chunk failed. */
export interface FailedChunk {
  /** Whether that was the last one. */
  isFinal: boolean
  at: Instant
  lastError: string
  nextAttemptAt: Instant
}

/** Notes a failed try and gives the import back, unless somebody else has claimed it since. */
export async function saveFailedChunk(
  db: Queryable,
  { workspaceId, importId, claim }: ClaimedImport,
  { isFinal, at, lastError, nextAttemptAt }: FailedChunk,
): Promise<void> {
  const key = [workspaceId, importId, claim]
  await failOne(db, [...key, isFinal, toRfc3339(at), lastError, toRfc3339(nextAttemptAt)])
}

const giveBack = prepared(
  'import-release',
  `update import set attempts = attempts - 1, next_attempt_at = $4, claim = null, claimed_until = null
    where workspace_id = $1 and import_id = $2 and claim = $3`,
)

/** Gives a claimed import back whose chunk was not tried; it is due again at `dueAt`. */
export async function releaseImport(
  db: Queryable,
  { workspaceId, importId, claim }: ClaimedImport,
  dueAt: Instant,
): Promise<void> {
  await giveBack(db, [workspaceId, importId, claim, toRfc3339(dueAt)])
}
