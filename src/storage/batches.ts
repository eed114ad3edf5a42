import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { newUuid } from '../lib/ids.ts'
import { decodeItems, encodeItems } from './batch-items.ts'
import type { BatchItem, StoredItems } from './batch-items.ts'
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
  /** Entries of the ledger: dialect → reason → how many they stand for. */
  reasonsByDialect?: Record<string, Record<string, number>>
  /** How long items took from their receipt to the commit of their flush: amounts by `latencyBucket`. */
  latency?: Record<number, number>
  /** How many more living profiles have a tag, by tag id. */
  tags?: Record<string, number>
  /**
   * Profiles of which more may be different than the items tell: new ones, merged ones, those whose identifiers, devices or
   * companies changed, or that an event was taken from.
   */
  reshaped?: readonly number[]
  /** How many more profiles belong to generations of segments, by `segmentId/generation`. */
  members?: Record<string, number>
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
  items?: StoredItems
}

// Index ingest_batch_xid. Every row below the snapshot's xmin is of a transaction that has ended, and no row below
// it can still appear: reading from the last xmin up to this one sees each batch exactly once, in commit order.
const selectEnded = (items: string): string =>
  `select number, xid::text, workspace_id, at, profile_ids::float8[] as profile_ids, last_occurred_at, counts${items}
     from ingest_batch where xid >= $1::xid8 and xid < $2::xid8 order by xid, number limit $3`

const findEnded = prepared<StoredBatch>('follower-read', selectEnded(''))

const findEndedWhole = prepared<StoredBatch>('follower-read-whole', selectEnded(', items'))

const moveFollower = prepared('follower-move', 'update follower set position = $2::xid8 where name = $1')

/** A batch as followers see it. */
export interface EndedBatch extends Omit<BatchRow, 'items'> {
  number: number
}

/** A batch with what it brought. */
export type WholeBatch = EndedBatch & Pick<BatchRow, 'items'>

/** Batches that a follower has not seen. */
export interface Unseen<Batch> {
  batches: Batch[]
  /** Where it stands once it has dealt with them; undefined when there is nothing to deal with. */
  position: string | undefined
}

/**
 * Reads the batches that this follower has not seen and moves its position behind them, inside the caller's
 * transaction. Only one process at a time gets them.
 * @param limit how many at most; whole transactions are always given together
 * @returns an empty list when there are none or another process is at it
 */
export async function takeBatches(tx: Transaction, follower: string, limit: number): Promise<EndedBatch[]> {
  if (!(await holdFollower(tx, follower))) return []
  const { batches, position } = await readPast(tx, follower, {
    read: findEnded,
    limit,
    profilesMax: Infinity,
  })
  if (position !== undefined) await moveFollower(tx, [follower, position])
  return batches
}

/** How much a follower takes at a time: batches, and profiles that they touched. */
export interface UnseenLimits {
  limit: number
  profilesMax: number
}

/**
 * Reads the batches that this follower has not seen, with their items. The caller holds the follower, and once it has
 * dealt with them moves its position by {@link moveTo}, in the same transaction.
 */
export async function readBatches(
  tx: Transaction,
  follower: string,
  limits: UnseenLimits,
): Promise<Unseen<WholeBatch>> {
  return readPast(tx, follower, { read: findEndedWhole, ...limits })
}

/** Keeps other processes from following until the transaction ends. @returns false when one of them is at it */
export async function holdFollower(tx: Transaction, follower: string): Promise<boolean> {
  await startFollower(tx, [follower])
  const [lock] = await lockFollower(tx, [follower])
  return lock?.locked === true
}

/** Moves a follower behind what it has dealt with. */
export async function moveTo(tx: Transaction, follower: string, position: string): Promise<void> {
  await moveFollower(tx, [follower, position])
}

async function readPast(
  tx: Transaction,
  follower: string,
  { read, limit, profilesMax }: UnseenLimits & { read: typeof findEnded },
): Promise<Unseen<WholeBatch>> {
  const [place] = await readPlace(tx, [follower])
  if (!place) return { batches: [], position: undefined }
  const rows = await read(tx, [place.position, place.xmin, limit])
  const fitting = withProfiles(rows, profilesMax)
  const isWhole = rows.length < limit && fitting.length === rows.length
  const cut = isWhole ? rows : await cutTransactions(tx, fitting, read)
  // An idle follower must not write: its own write would be a reason to write again.
  const position = cut.length === 0 ? undefined : isWhole ? place.xmin : nextXid(cut)
  return { batches: cut.map(fromStored), position }
}

/** The first rows that touched at most so many profiles, and at least one. */
function withProfiles(rows: StoredBatch[], profilesMax: number): StoredBatch[] {
  let profiles = 0
  const end = rows.findIndex((row) => (profiles += profilesIn(row)) > profilesMax)
  return end === -1 ? rows : rows.slice(0, Math.max(1, end))
}

/** Acts beside the write path name profiles as reshaped alone. */
function profilesIn({ profile_ids: ids, counts }: StoredBatch): number {
  return Math.max(ids.length, counts.reshaped?.length ?? 0)
}

/**
 * A page that was cut by its limit may end inside a transaction: that one waits, unless it is alone. Then it is read to its end:
 * a flush writes few rows, but a restored database holds all that nobody had seen under one id.
 */
async function cutTransactions(
  tx: Transaction,
  rows: StoredBatch[],
  read: typeof findEnded,
): Promise<StoredBatch[]> {
  const last = rows.at(-1)?.xid
  const before = rows.filter((row) => row.xid !== last)
  return before.length > 0 ? before : read(tx, [last, nextXid(rows), null])
}

function nextXid(rows: readonly StoredBatch[]): string {
  return String(BigInt(rows.at(-1)?.xid ?? '0') + 1n)
}

function fromStored(row: StoredBatch): WholeBatch {
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
    items: row.items ? decodeItems(row.items) : [],
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
