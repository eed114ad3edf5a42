import type { Database } from '../../storage/db.ts'
import { inTransaction } from '../../storage/db.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { BatchRow } from '../../storage/batches.ts'
import { saveRejections } from '../../storage/rejections.ts'
import type { RejectionRow } from '../../storage/rejections.ts'
import type { Page } from '../../model/page.ts'
import { listRejections } from './list.ts'
import type { RejectionList } from './list.ts'
import { replayRejection } from './replay.ts'
import { CopyBound, ItemText, LedgerRecorder, addReason, rejectionItem } from './recorder.ts'
import type { Rejected } from './recorder.ts'

/** Refusals that wait to be written; more are dropped and counted, so that a flood cannot fill memory. */
const PENDING_MAX = 2_000

/** How long a refusal may wait, milliseconds. */
const WRITE_EVERY_MS = 200

/** The ledger: written here for what is refused outside a flush, after the answer, best effort; and read. */
export interface Ledger {
  /** Notes a refusal of an authenticated request; returns at once. */
  note(rejected: Rejected): void
  /** Writes refusals now. */
  write(rejected: readonly Rejected[]): Promise<void>
  /** A recorder for another writer of this process; all share the bound on copies. */
  recorder(writer: string): LedgerRecorder
  /** See {@link listRejections}. */
  list(list: RejectionList): Promise<Page<RejectionRow>>
  /** See {@link replayRejection}. */
  replay<T>(workspaceId: number, rejectionId: string, send: (row: RejectionRow) => Promise<T>): Promise<T>
  /** Writes what waits and stops. */
  close(): Promise<void>
}

/** What the ledger needs to know of its surroundings. */
export interface LedgerOptions {
  db: Database
  /** Makes the partitions of this instant's day. */
  ensurePartitions: (at: number) => Promise<void>
  /** Told how many notes could not be kept, and why. */
  onLost: (count: number, error: unknown) => void
}

/** Opens the ledger's background writer. */
export function openLedger({ db, ensurePartitions, onLost }: LedgerOptions): Ledger {
  const bound = new CopyBound()
  const recorder = new LedgerRecorder('refusals', bound)
  let pending: Rejected[] = []
  const write = async (rejected: readonly Rejected[]): Promise<void> => {
    const newest = rejected.reduce((at, item) => Math.max(at, item.at), 0)
    if (rejected.length === 0) return
    await ensurePartitions(newest)
    const rows = recorder.rows(rejected)
    await inTransaction(db.background, async (tx) => {
      await saveRejections(tx, rows)
      await insertBatch(tx, batchesOf(rows, newest))
    })
  }
  const flush = async (): Promise<void> => {
    const batch = pending
    pending = []
    await write(batch).catch((error: unknown) => onLost(batch.length, error))
  }
  // One write at a time: what comes while the database is slow waits in its bound.
  let writing: Promise<void> | undefined
  const tick = (): void => {
    writing ??= flush().finally(() => (writing = undefined))
  }
  const timer = setInterval(tick, WRITE_EVERY_MS)
  timer.unref()
  return {
    note: (rejected) => {
      // Rendered at once: a body of megabytes must not wait in memory for its turn.
      if (pending.length < PENDING_MAX) pending.push({ ...rejected, item: new ItemText(rejected.item) })
      else onLost(1, undefined)
    },
    write,
    recorder: (writer) => new LedgerRecorder(writer, bound),
    list: (list) => listRejections(db, list),
    replay: (workspaceId, rejectionId, send) => replayRejection(db, workspaceId, rejectionId, send),
    close: async () => {
      clearInterval(timer)
      await writing
      await flush()
    },
  }
}

/** A row for each workspace, with what its followers take from it. */
function batchesOf(rejections: readonly RejectionRow[], at: number): BatchRow[] {
  const byWorkspace = new Map<number, RejectionRow[]>()
  for (const row of rejections) {
    const own = byWorkspace.get(row.workspaceId) ?? []
    own.push(row)
    byWorkspace.set(row.workspaceId, own)
  }
  return [...byWorkspace].map(([workspaceId, rows]) => ({
    workspaceId,
    at,
    profiles: [],
    counts: {
      profiles: 0,
      byDialect: countsOf(rows),
      namesByDialect: {},
      reasonsByDialect: rows.reduce(addReason, {}),
    },
    items: rows.map(rejectionItem),
  }))
}

function countsOf(rows: readonly RejectionRow[]): BatchRow['counts']['byDialect'] {
  const byDialect: Record<string, { rejections: number }> = {}
  for (const { dialect, occurrences } of rows) {
    const counts = (byDialect[dialect] ??= { rejections: 0 })
    counts.rejections += occurrences
  }
  return byDialect
}
