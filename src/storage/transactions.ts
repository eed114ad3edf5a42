import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { TransactionLine, TransactionWrite } from '../model/command.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A purchase as stored; `transactionId` is the id of the event that tells of it. Amounts are decimal texts. */
export interface TransactionRow extends TransactionWrite {
  workspaceId: number
  profileId: number
  transactionId: string
  occurredAt: Instant
  source: string
}

// A purchase that its sender states again, with the same id of its event, is the same purchase.
const upsert = prepared(
  'transaction-save',
  `insert into transaction (workspace_id, profile_id, transaction_id, origin_profile_id, occurred_at, source,
                            order_id, currency, value, revenue, discount, payment_method, lines)
   select w, p, i, p, o, s, n, c, v, r, d, m, l
     from json_to_recordset($1::json)
       as r(w integer, p bigint, i uuid, o timestamptz, s text, n text, c text, v numeric, r numeric, d numeric,
            m text, l jsonb)
   on conflict (workspace_id, profile_id, transaction_id) do update
      set source = excluded.source, order_id = excluded.order_id, currency = excluded.currency,
          value = excluded.value, revenue = excluded.revenue, discount = excluded.discount,
          payment_method = excluded.payment_method, lines = excluded.lines`,
)

/** Stores purchases, new ones and ones that are stated again. */
export async function saveTransactions(db: Queryable, rows: readonly TransactionRow[]): Promise<void> {
  if (rows.length === 0) return
  await upsert(db, [asRows(rows.map(columns))])
}

function columns(row: TransactionRow): object {
  return {
    w: row.workspaceId,
    p: row.profileId,
    i: row.transactionId,
    o: toRfc3339(row.occurredAt),
    s: row.source,
    n: row.orderId,
    c: row.currency,
    v: row.value,
    r: row.revenue,
    d: row.discount ?? null,
    m: row.paymentMethod ?? null,
    l: row.lines,
  }
}

interface StoredRow {
  profile_id: number
  transaction_id: string
  occurred_at: Date
  source: string
  order_id: string
  currency: string
  value: string
  revenue: string
  discount: string | null
  payment_method: string | null
  lines: TransactionLine[]
}

/** What to read of the purchases of one person: its own profile id and the ids merged into it. */
export interface TransactionQuery {
  workspaceId: number
  profileIds: readonly number[]
  after: { at: Instant; id: string } | undefined
  limit: number
}

// Index transaction_timeline, one lateral read a profile id.
const findNewest = prepared<StoredRow>(
  'transaction-list',
  `select t.* from unnest($2::bigint[]) as ids(id)
     cross join lateral (
       select profile_id, transaction_id, occurred_at, source, order_id, currency, value::text as value,
              revenue::text as revenue, discount::text as discount, payment_method, lines
         from transaction
        where workspace_id = $1 and profile_id = ids.id
          and ($3::timestamptz is null or (occurred_at, transaction_id) < ($3::timestamptz, $4::uuid))
        order by occurred_at desc, transaction_id desc limit $5
     ) t
    order by t.occurred_at desc, t.transaction_id desc limit $5`,
)

/** Purchases of one person, newest first. */
export async function findTransactions(db: Queryable, query: TransactionQuery): Promise<TransactionRow[]> {
  const { workspaceId, profileIds, after, limit } = query
  const at = after ? toRfc3339(after.at) : null
  const rows = await findNewest(db, [workspaceId, profileIds, at, after?.id ?? null, limit])
  return rows.map((row) => ({
    workspaceId,
    profileId: row.profile_id,
    transactionId: row.transaction_id,
    occurredAt: row.occurred_at.getTime(),
    source: row.source,
    orderId: row.order_id,
    currency: row.currency,
    value: row.value,
    revenue: row.revenue,
    ...(row.discount !== null && { discount: row.discount }),
    ...(row.payment_method !== null && { paymentMethod: row.payment_method }),
    lines: row.lines,
  }))
}
