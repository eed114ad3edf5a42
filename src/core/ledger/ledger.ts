import type { Database } from '../../storage/db.ts'
import { inTransaction } from '../../storage/db.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { BatchRow } from '../../storage/batches.ts'
import { saveRejections } from '../../storage/rejections.ts'
import type { RejectionRow } from '../../storage/rejections.ts'
import type { Page } from '../../model/page.ts'
import { listRejections } from './list.ts'
import type { RejectionList } from './list.ts'
import { CopyBound, ItemText, LedgerRecorder } from './recorder.ts'
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
    await inTransaction(db.background, async (tx) => {
      await saveRejections(tx, recorder.rows(rejected))
      await insertBatch(tx, countsOf(rejected, newest))
    })
  }
  const flush = async (): Promise<void> => {
    const batch = pending
    pending = []
    await write(batch).catch((error: unknown) => onLost(batch.length, error))
  }
  const timer = setInterval(() => void flush(), WRITE_EVERY_MS)
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
    close: async () => {
      clearInterval(timer)
      await flush()
    },
  }
}

function countsOf(rejected: readonly Rejected[], at: number): BatchRow[] {
  const rows = new Map<number, BatchRow>()
  for (const { workspaceId, dialect } of rejected) {
    const row = rows.get(workspaceId) ?? {
      workspaceId,
      at,
      profiles: [],
      counts: { profiles: 0, byDialect: {}, names: {} },
    }
    rows.set(workspaceId, row)
    const counts = (row.counts.byDialect[dialect] ??= {})
    counts.rejections = (counts.rejections ?? 0) + 1
  }
  return [...rows.values()]
}
