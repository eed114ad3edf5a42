import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared, writesAll } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** The answer that was given to a request with an Idempotency-Key. Hashes have 32 bytes. */
export interface IdempotencyRow {
  workspaceId: number
  keyHash: Buffer
  bodyHash: Buffer
  status: number
  /** JSON text; empty where the answer is sealed. */
  answer: string
  sealedAnswer?: Buffer | undefined
  expiresAt: Instant
}

interface StoredRow {
  workspace_id: number
  key_hash: Buffer
  body_hash: Buffer
  status: number
  answer: string
  sealed_answer: Buffer | null
  expires_at: Date
}

// Primary key (workspace_id, key_hash).
const findByKey = prepared<StoredRow>(
  'idempotency-find',
  `select i.workspace_id, i.key_hash, i.body_hash, i.status, i.answer, i.sealed_answer,
          i.expires_at
     from json_to_recordset($1::json) as k(w integer, h text)
     join idempotency i on i.workspace_id = k.w and i.key_hash = decode(k.h, 'hex')
    where i.expires_at > $2::timestamptz`,
)

// An expired answer is written over; a living one that appeared since the read makes the row miss.
const insertNew = prepared<{ workspace_id: number }>(
  'idempotency-insert',
  `insert into idempotency as i (workspace_id, key_hash, body_hash, status, answer, sealed_answer, expires_at)
   select w, decode(h, 'hex'), decode(b, 'hex'), s, a, decode(z, 'hex'), e
     from json_to_recordset($1::json) as r(w integer, h text, b text, s smallint, a text, z text, e timestamptz)
   on conflict (workspace_id, key_hash) do update
     set body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer,
         sealed_answer = excluded.sealed_answer, expires_at = excluded.expires_at
     where i.expires_at <= excluded.expires_at - interval '7 days'
   returning workspace_id`,
)

// Index idempotency_expiry.
const deleteExpired = prepared(
  'idempotency-expire',
  'delete from idempotency where expires_at <= $1::timestamptz',
)

/** How long an answer is kept: 7 days, the figure of the statement above. */
export const IDEMPOTENCY_KEPT_MS = 7 * 86_400_000

/** The living rows of those keys, in no order. */
export async function findIdempotency(
  db: Queryable,
  keys: readonly { workspaceId: number; keyHash: Buffer }[],
  at: Instant,
): Promise<IdempotencyRow[]> {
  const wanted = keys.map((key) => ({ w: key.workspaceId, h: key.keyHash.toString('hex') }))
  const rows = await findByKey(db, [asRows(wanted), toRfc3339(at)])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    keyHash: row.key_hash,
    bodyHash: row.body_hash,
    status: row.status,
    answer: row.answer,
    ...(row.sealed_answer && { sealedAnswer: row.sealed_answer }),
    expiresAt: row.expires_at.getTime(),
  }))
}

/** Keeps answers, in key order; false when someone else answered one of those keys meanwhile. */
export async function saveIdempotency(db: Queryable, rows: readonly IdempotencyRow[]): Promise<boolean> {
  const sorted = rows.toSorted((a, b) => a.workspaceId - b.workspaceId || a.keyHash.compare(b.keyHash))
  const values = sorted.map((row) => ({
    w: row.workspaceId,
    h: row.keyHash.toString('hex'),
    b: row.bodyHash.toString('hex'),
    s: row.status,
    a: row.answer,
    ...(row.sealedAnswer && { z: row.sealedAnswer.toString('hex') }),
    e: toRfc3339(row.expiresAt),
  }))
  return writesAll(db, insertNew, values)
}

/** Any fixed number; the key's hash tells the locks of this kind apart. */
const lockKey = prepared<{ locked: boolean }>(
  'idempotency-lock',
  `select pg_try_advisory_xact_lock(hashtextextended($1, 7414200007)) as locked`,
)

/** Keeps others away from a key until the transaction ends; false when another transaction has it. */
export async function lockIdempotency(
  tx: Transaction,
  workspaceId: number,
  keyHash: Buffer,
): Promise<boolean> {
  const [row] = await lockKey(tx, [`${workspaceId}|${keyHash.toString('hex')}`])
  return row?.locked === true
}

/** Forgets answers whose time is over. */
export async function expireIdempotency(db: Queryable, at: Instant): Promise<void> {
  await deleteExpired(db, [toRfc3339(at)])
}
