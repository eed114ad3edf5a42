import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { newUuid } from '../lib/ids.ts'
import { encodeItems } from './batch-items.ts'
import type { BatchItem } from './batch-items.ts'
import { asRows, prepared, sqlState } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** What one flush did in one workspace: read by the followers, never by a request. */
export interface BatchRow {
  workspaceId: number
  at: Instant
  /** Touched profiles and, beside each, when its newest event of this flush happened. */
  profiles: readonly { profileId: number; lastOccurredAt: Instant | undefined }[]
  counts: BatchCounts
  /** What it brought, in the order of arrival. */
  items: readonly BatchItem[]
}

/** Counts of one flush: dialect → counter → amount; `profiles` counts new ones less merged ones. */
export interface BatchCounts {
  profiles: number
  byDialect: Record<string, Partial<Record<DialectCounter, number>>>
  /** New events: dialect → name → amount. */
  namesByDialect: Record<string, Record<string, number>>
  /** How many more living profiles have a tag, by tag id. */
  tags?: Record<string, number>
}

/** What is counted for every dialect. */
export const DIALECT_COUNTERS = ['events', 'transactions', 'profileWrites', 'rejections'] as const

/** One of {@link DIALECT_COUNTERS}. */
export type DialectCounter = (typeof DIALECT_COUNTERS)[number]

const insertBatches = prepared<{ xid: string }>(
  'ingest-batch-insert',
  `insert into ingest_batch (xid, flush_id, workspace_id, at, profile_ids, last_occurred_at, counts, items)
   select pg_current_xact_id(), $2::uuid, w, a,
          array(select json_array_elements_text(p)::bigint), array(select json_array_elements_text(l)::timestamptz), c, i
     from json_to_recordset($1::json) as r(w integer, a timestamptz, p json, l json, c jsonb, i json)
   returning xid::text`,
)

/**
 * Records a flush, one row a workspace.
 * @returns by which the outcome of a lost COMMIT can be asked for
 */
export async function insertBatch(db: Queryable, rows: readonly BatchRow[]): Promise<FlushMark> {
  const flushId = newUuid()
  const values = rows.map((row) => ({
    w: row.workspaceId,
    a: toRfc3339(row.at),
    p: row.profiles.map(({ profileId }) => profileId),
    l: row.profiles.map(({ lastOccurredAt }) =>
      lastOccurredAt === undefined ? null : toRfc3339(lastOccurredAt),
    ),
    c: row.counts,
    i: encodeItems(row.items),
  }))
  const [first] = await insertBatches(db, [asRows(values), flushId])
  if (!first) throw new Error('ingest_batch gave no row')
  return { xid: first.xid, flushId }
}

/** Marks a flush: its transaction, and an id that no other flush has. */
export interface FlushMark {
  xid: string
  flushId: string
}

const transactionStatus = prepared<{ status: string | null }>(
  'xact-status',
  'select pg_xact_status($1::xid8) as status',
)

// Index ingest_batch_xid.
const findFlush = prepared(
  'ingest-batch-find',
  'select 1 from ingest_batch where xid = $1::xid8 and flush_id = $2::uuid',
)

/**
 * What became of a flush. Its own row is the proof, not the status of its transaction id: PostgreSQL hands ids out
 * before they reach the disk, so after a crash the id of a lost transaction is given to another one. The status only
 * tells whether the question must wait.
 */
export async function findFlushOutcome(
  db: Queryable,
  { xid, flushId }: FlushMark,
): Promise<'committed' | 'aborted' | 'in progress'> {
  if ((await statusOf(db, xid)) === 'in progress') return 'in progress'
  return (await findFlush(db, [xid, flushId])).length > 0 ? 'committed' : 'aborted'
}

/** SQLSTATE invalid_parameter_value: the id lies in the future, so it was never this cluster's after its crash. */
const NEVER_GIVEN_OUT = '22023'

async function statusOf(db: Queryable, xid: string): Promise<string | null | undefined> {
  try {
    const [row] = await transactionStatus(db, [xid])
    return row?.status
  } catch (error) {
    if (sqlState(error) === NEVER_GIVEN_OUT) return undefined
    throw error
  }
}

const startFollower = prepared(
  'follower-start',
  `insert into follower (name, position) values ($1, '0') on conflict do nothing`,
)

// Not a row lock: that writes, and so would every look of an idle follower.
const lockFollower = prepared<{ locked: boolean }>(
  'follower-lock',
  'select pg_try_advisory_xact_lock(hashtextextended($1, 7414200005)) as locked',
)

// A statement of its own, so that it sees what the holder before had committed.
const readPlace = prepared<{ position: string; xmin: string }>(
  'follower-place',
  'select position::text, pg_snapshot_xmin(pg_current_snapshot())::text as xmin from follower where name = $1',
)

interface StoredBatch {
  number: number
  xid: string
  workspace_id: number
  at: Date
  profile_ids: number[]
  last_occurred_at: (Date | null)[]
  counts: BatchCounts
}

// Index ingest_batch_xid. Every row below the snapshot's xmin is of a transaction that has ended, and no row below
// it can still appear: reading from the last xmin up to this one sees each batch exactly once, in commit order.
const findEnded = prepared<StoredBatch>(
  'follower-read',
  `select number, xid::text, workspace_id, at, profile_ids::float8[] as profile_ids, last_occurred_at, counts
     from ingest_batch where xid >= $1::xid8 and xid < $2::xid8 order by xid, number limit $3`,
)

const moveFollower = prepared('follower-move', 'update follower set position = $2::xid8 where name = $1')

/** A batch as followers see it. */
export interface EndedBatch extends Omit<BatchRow, 'items'> {
  number: number
}

/**
 * Reads the batches that this follower has not seen and moves its position behind them, inside the caller's
 * transaction. Only one process at a time gets them.
 * @param limit how many at most; whole transactions are always given together
 * @returns an empty list when there are none or another process is at it
 */
export async function takeBatches(tx: Transaction, follower: string, limit: number): Promise<EndedBatch[]> {
  await startFollower(tx, [follower])
  const [lock] = await lockFollower(tx, [follower])
  if (!lock?.locked) return []
  const [place] = await readPlace(tx, [follower])
  if (!place) return []
  const rows = await findEnded(tx, [place.position, place.xmin, limit])
  const cut = rows.length < limit ? rows : withoutLastTransaction(rows)
  const position = rows.length < limit ? place.xmin : nextXid(cut)
  // An idle follower must not write: its own write would be a reason to write again.
  if (cut.length > 0) await moveFollower(tx, [follower, position])
  return cut.map(fromStored)
}

/** A page that was cut by its limit may end inside a transaction: that one waits, unless it is alone. */
function withoutLastTransaction(rows: StoredBatch[]): StoredBatch[] {
  const last = rows.at(-1)?.xid
  const before = rows.filter((row) => row.xid !== last)
  return before.length > 0 ? before : rows
}

function nextXid(rows: readonly StoredBatch[]): string {
  return String(BigInt(rows.at(-1)?.xid ?? '0') + 1n)
}

function fromStored(row: StoredBatch): EndedBatch {
  return {
    number: row.number,
    workspaceId: row.workspace_id,
    at: row.at.getTime(),
    profiles: row.profile_ids.map((profileId, index) => ({
      profileId,
      lastOccurredAt: row.last_occurred_at[index]?.getTime(),
    })),
    // A server of the release before wrote none.
    counts: { ...row.counts, namesByDialect: row.counts.namesByDialect ?? {} },
  }
}

const deleteOld = prepared(
  'ingest-batch-expire',
  'delete from ingest_batch where at < $1::timestamptz and xid < $2::xid8',
)

const slowestFollower = prepared<{ position: string | null }>(
  'follower-slowest',
  'select min(position::text::numeric)::text as position from follower',
)

/** Forgets batches before `before` that every follower has seen. */
export async function expireBatches(db: Queryable, before: Instant): Promise<void> {
  const [row] = await slowestFollower(db, [])
  if (row?.position) await deleteOld(db, [toRfc3339(before), row.position])
}

// A follower that is ahead of every transaction of this cluster comes from another one.
const isForeign = prepared<{ foreign: boolean }>(
  'follower-foreign',
  `select coalesce(max(position::text::numeric), 0) > pg_snapshot_xmax(pg_current_snapshot())::text::numeric as foreign
     from follower`,
)

const keepUnseen = prepared(
  'ingest-batch-rebase',
  `update ingest_batch set xid = pg_current_xact_id()
    where xid >= (select min(position::text::numeric)::text::xid8 from follower)`,
)

const forgetSeen = prepared(
  'ingest-batch-forget',
  'delete from ingest_batch where xid <> pg_current_xact_id()',
)

const restartFollowers = prepared('follower-restart', 'update follower set position = pg_current_xact_id()')

/**
 * Makes the batches of a restored dump this cluster's own: transaction ids begin anew in another cluster, and a
 * follower that waits for the old ones would never see a new batch. Call it before anything is written.
 */
export async function rebaseFollowers(tx: Transaction): Promise<void> {
  const [row] = await isForeign(tx, [])
  if (!row?.foreign) return
  await keepUnseen(tx, [])
  await forgetSeen(tx, [])
  await restartFollowers(tx, [])
}
