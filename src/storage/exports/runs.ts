import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { ExportTask } from '../../model/export.ts'
import { prepared } from '../db.ts'
import type { Queryable } from '../db.ts'
import { EXPORT_COLUMNS, toExport } from './tasks.ts'
import type { StoredExport } from './tasks.ts'

/** An export that somebody writes. */
export interface ClaimedExport extends ExportTask {
  /** Names who claimed it: nobody else's word about it counts. */
  claim: string
  /** How often it was begun, this time included. */
  attempts: number
}

// Index export_due. What an earlier try has written is forgotten with it.
const claimNext = prepared<StoredExport & { attempts: number }>(
  'export-claim',
  `with claimed as (
     update export
        set state = 'running', attempts = attempts + 1, claim = $2, claimed_until = $3, rows = 0, bytes = 0,
            snapshot_at = null, started_at = coalesce(started_at, $1::timestamptz)
      where (workspace_id, export_id) in (
        select workspace_id, export_id from export
         where state in ('queued', 'running') and next_attempt_at <= $1::timestamptz
           and (claimed_until is null or claimed_until <= $1::timestamptz)
         order by next_attempt_at limit 1 for update skip locked)
     returning *),
   parts as (
     delete from export_part p using claimed c where p.workspace_id = c.workspace_id and p.export_id = c.export_id)
   select ${EXPORT_COLUMNS}, attempts from claimed`,
)

/** Claims the export that waited longest; nobody else gets it before `until`. */
export async function claimExport(
  db: Queryable,
  { claim, at, until }: { claim: string; at: Instant; until: Instant },
): Promise<ClaimedExport | undefined> {
  const [row] = await claimNext(db, [toRfc3339(at), claim, toRfc3339(until)])
  return row && { ...toExport(row), claim, attempts: row.attempts }
}

type Claim = Pick<ClaimedExport, 'workspaceId' | 'exportId' | 'claim'>

const keyOf = ({ workspaceId, exportId, claim }: Claim): unknown[] => [workspaceId, exportId, claim]

const advanceOne = prepared<{ export_id: number }>(
  'export-advance',
  `update export set rows = $4, bytes = $5, snapshot_at = $6, claimed_until = $7
    where workspace_id = $1 and export_id = $2 and claim = $3 and state = 'running'
   returning export_id`,
)

/** How far a file is. */
export interface ExportProgress {
  rows: number
  bytes: number
  snapshotAt: Instant | undefined
}

/** Notes how far a file is, and claims it for longer. @returns false when it is nobody's to write any more */
export async function advanceExport(
  db: Queryable,
  claim: Claim,
  { rows, bytes, snapshotAt }: ExportProgress,
  until: Instant,
): Promise<boolean> {
  const progress = [rows, bytes, snapshotAt === undefined ? null : toRfc3339(snapshotAt)]
  return (await advanceOne(db, [...keyOf(claim), ...progress, toRfc3339(until)])).length > 0
}

const finishOne = prepared<{ export_id: number }>(
  'export-finish',
  `update export
      set state = 'ready', rows = $4, bytes = $5, snapshot_at = $6, ended_at = $7, expires_at = $8, last_error = null,
          claimed_until = null
    where workspace_id = $1 and export_id = $2 and claim = $3 and state = 'running'
   returning export_id`,
)

/** Makes a written file one that can be fetched; false when it is nobody's any more. */
export async function finishExport(
  db: Queryable,
  claim: Claim,
  { rows, bytes, snapshotAt }: ExportProgress,
  { at, expiresAt }: { at: Instant; expiresAt: Instant },
): Promise<boolean> {
  const progress = [rows, bytes, snapshotAt === undefined ? null : toRfc3339(snapshotAt)]
  return (await finishOne(db, [...keyOf(claim), ...progress, toRfc3339(at), toRfc3339(expiresAt)])).length > 0
}

const failOne = prepared(
  'export-attempt-failed',
  `update export
      set state = case when $4 then 'failed' else 'queued' end, ended_at = case when $4 then $5::timestamptz end,
          last_error = $6, next_attempt_at = $7, claim = null, claimed_until = null
    where workspace_id = $1 and export_id = $2 and claim = $3 and state = 'running'`,
)

/** How a try failed. */
export interface FailedExport {
  /** Whether that was the last one. */
  isFinal: boolean
  at: Instant
  lastError: string
  nextAttemptAt: Instant
}

/** Notes a failed try and gives the export back, unless it is somebody else's by now. */
export async function saveFailedExport(
  db: Queryable,
  claim: Claim,
  { isFinal, at, lastError, nextAttemptAt }: FailedExport,
): Promise<void> {
  await failOne(db, [...keyOf(claim), isFinal, toRfc3339(at), lastError, toRfc3339(nextAttemptAt)])
}

const giveBack = prepared(
  'export-release',
  `update export set state = 'queued', attempts = attempts - 1, claim = null, claimed_until = null
    where workspace_id = $1 and export_id = $2 and claim = $3 and state = 'running'`,
)

/** Gives an export back that this process cannot write to its end: that was no try. */
export async function releaseExport(db: Queryable, claim: Claim): Promise<void> {
  await giveBack(db, keyOf(claim))
}
