import { LARGEST_UUID } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'
import { openSecretCover } from './known-secrets.ts'

/** One entry of the ledger. `occurrences` above 1 is a counting row that stands for copies; it has no item. */
export interface RejectionRow {
  workspaceId: number
  rejectionId: string
  at: Instant
  dialect: string
  operation: string
  reason: string
  pointer: string
  /** What the caller was told: a sentence without values. */
  detail: string | undefined
  /** The item as sent, as JSON text, without credentials; undefined on a counting row and about an erased person. */
  item: string | undefined
  itemTruncated: boolean
  identifierHashes: readonly Buffer[]
  profileId: number | undefined
  traceId: string
  occurrences: number
  replayedAt: Instant | undefined
}

interface StoredRow {
  rejection_id: string
  at: Date
  dialect: string
  operation: string
  reason: string
  pointer: string
  detail: string | null
  item: string | null
  item_truncated: boolean
  identifier_hashes: Buffer[]
  profile_id: number | null
  trace_id: string
  occurrences: number
  replayed_at: Date | null
}

const COLUMNS = `rejection_id, at, dialect, operation, reason, pointer, detail, item, item_truncated, identifier_hashes, profile_id,
          trace_id, occurrences, replayed_at`

const upsert = prepared(
  'rejection-upsert',
  `insert into rejection as r (workspace_id, rejection_id, at, dialect, operation, reason, pointer, detail, item,
                               item_truncated, identifier_hashes, profile_id, trace_id, occurrences)
   select w, i, a, d, o, s, t, e, j, x, coalesce((select array_agg(decode(h, 'hex')) from json_array_elements_text(q) h), '{}'),
          p, c, n
     from json_to_recordset($1::json)
       as k(w integer, i uuid, a timestamptz, d text, o text, s text, t text, e text, j text, x boolean, q json,
            p bigint, c text, n integer)
   on conflict (workspace_id, rejection_id, at) do update set occurrences = r.occurrences + excluded.occurrences`,
)

/**
 * Appends to the ledger, without secrets of ours that stand where nobody looks for them; a counting row that exists is added to. The
 * day's partition must stand.
 */
export async function saveRejections(db: Queryable, rows: readonly RejectionRow[]): Promise<void> {
  if (rows.length === 0) return
  const cover = await openSecretCover(
    db,
    rows.flatMap(({ pointer, detail = '', item = '' }) => [pointer, detail, item]),
  )
  const values = rows.map((row) => ({
    w: row.workspaceId,
    i: row.rejectionId,
    a: toRfc3339(row.at),
    d: row.dialect,
    o: row.operation,
    s: row.reason,
    t: cover(row.pointer),
    e: row.detail === undefined ? null : cover(row.detail),
    j: row.item === undefined ? null : cover(row.item),
    x: row.itemTruncated,
    q: row.identifierHashes.map((hash) => hash.toString('hex')),
    p: row.profileId ?? null,
    c: row.traceId,
    n: row.occurrences,
  }))
  await upsert(db, [asRows(values)])
}

/** What to read of the ledger, newest first. `from` inclusive, `to` exclusive. */
export interface RejectionQuery {
  workspaceId: number
  from: Instant
  to: Instant
  after: { at: Instant; rejectionId: string } | undefined
  dialect: string | undefined
  reason: string | undefined
  limit: number
}

// Index rejection_at.
const find = prepared<StoredRow>(
  'rejection-find',
  `select ${COLUMNS}
     from rejection
    where workspace_id = $1 and at >= $2::timestamptz and at < $3::timestamptz
      and at <= $4::timestamptz and (at, rejection_id) < ($4::timestamptz, $5::uuid)
      and ($6::text is null or dialect = $6::text) and ($7::text is null or reason = $7::text)
    order by at desc, rejection_id desc
    limit $8`,
)

/** Entries of the ledger. */
export async function findRejections(db: Queryable, query: RejectionQuery): Promise<RejectionRow[]> {
  const rows = await find(db, [
    query.workspaceId,
    toRfc3339(query.from),
    toRfc3339(query.to),
    toRfc3339(query.after?.at ?? query.to),
    query.after?.rejectionId ?? LARGEST_UUID,
    query.dialect ?? null,
    query.reason ?? null,
    query.limit,
  ])
  return rows.map((row) => fromStored(query.workspaceId, row))
}

// Primary key, without the time: a look into each partition.
const findByIds = prepared<StoredRow>(
  'rejection-find-by-id',
  `select ${COLUMNS} from rejection where workspace_id = $1 and rejection_id = any($2::uuid[])`,
)

/** These entries, in no order; those that are gone are missing. */
export async function findRejectionsById(
  db: Queryable,
  workspaceId: number,
  rejectionIds: readonly string[],
): Promise<RejectionRow[]> {
  if (rejectionIds.length === 0) return []
  return (await findByIds(db, [workspaceId, rejectionIds])).map((row) => fromStored(workspaceId, row))
}

const markReplayed = prepared(
  'rejection-mark-replayed',
  'update rejection set replayed_at = $3 where workspace_id = $1 and rejection_id = $2',
)

/** Notes that an entry's item was sent again, and stored. */
export async function saveReplayed(
  db: Queryable,
  workspaceId: number,
  rejectionId: string,
  at: Instant,
): Promise<void> {
  await markReplayed(db, [workspaceId, rejectionId, toRfc3339(at)])
}

function fromStored(workspaceId: number, row: StoredRow): RejectionRow {
  return {
    workspaceId,
    rejectionId: row.rejection_id,
    at: row.at.getTime(),
    dialect: row.dialect,
    operation: row.operation,
    reason: row.reason,
    pointer: row.pointer,
    detail: row.detail ?? undefined,
    item: row.item ?? undefined,
    itemTruncated: row.item_truncated,
    identifierHashes: row.identifier_hashes,
    profileId: row.profile_id ?? undefined,
    traceId: row.trace_id,
    occurrences: row.occurrences,
    replayedAt: row.replayed_at?.getTime(),
  }
}
