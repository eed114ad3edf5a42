import type { Json } from '../lib/json.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** A key pair that signs tokens; the private half is sealed. A retired one still verifies. */
export interface SigningKeyRow {
  kid: string
  algorithm: string
  publicJwk: Record<string, Json>
  privateSealed: Buffer
  createdAt: Instant
  retiredAt: Instant | undefined
}

interface StoredRow {
  kid: string
  algorithm: string
  public_jwk: Record<string, Json>
  private_sealed: Buffer
  created_at: Date
  retired_at: Date | null
}

const findAll = prepared<StoredRow>(
  'signing-key-find',
  `select kid, algorithm, public_jwk, private_sealed, created_at, retired_at from signing_key order by created_at desc, kid`,
)

const insertNew = prepared(
  'signing-key-insert',
  `insert into signing_key (kid, algorithm, public_jwk, private_sealed, created_at) values ($1, $2, $3, $4, $5)`,
)

const retireAll = prepared(
  'signing-key-retire',
  'update signing_key set retired_at = $1 where retired_at is null',
)

const deleteOld = prepared('signing-key-delete-old', 'delete from signing_key where retired_at < $1')

const lockAll = prepared('signing-key-lock', 'select pg_advisory_xact_lock(7414200006)')

/** Every key, the newest first. */
export async function findSigningKeys(db: Queryable): Promise<SigningKeyRow[]> {
  return (await findAll(db, [])).map((row) => ({
    kid: row.kid,
    algorithm: row.algorithm,
    publicJwk: row.public_jwk,
    privateSealed: row.private_sealed,
    createdAt: row.created_at.getTime(),
    retiredAt: row.retired_at?.getTime(),
  }))
}

/** Until the transaction ends, no other process makes a key. */
export async function lockSigningKeys(tx: Transaction): Promise<void> {
  await lockAll(tx, [])
}

/** Lets every key sign no more. */
export async function retireSigningKeys(tx: Transaction, at: Instant): Promise<void> {
  await retireAll(tx, [toRfc3339(at)])
}

/** Deletes the keys that retired before an instant. */
export async function deleteSigningKeys(db: Queryable, before: Instant): Promise<void> {
  await deleteOld(db, [toRfc3339(before)])
}

/** Stores a new key. */
export async function insertSigningKey(
  tx: Transaction,
  row: Omit<SigningKeyRow, 'retiredAt'>,
): Promise<void> {
  const { kid, algorithm, publicJwk, privateSealed, createdAt } = row
  await insertNew(tx, [kid, algorithm, JSON.stringify(publicJwk), privateSealed, toRfc3339(createdAt)])
}
