import { asRows, prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** The sealed key of a workspace that has tombstones, or had some. */
export interface TombstoneKeyRow {
  workspaceId: number
  sealed: Buffer
}

interface StoredKey {
  workspace_id: number
  key_sealed: Buffer
}

// Primary key (workspace_id).
const findKeys = prepared<StoredKey>(
  'tombstone-key-find',
  'select workspace_id, key_sealed from tombstone_key where workspace_id = any($1::integer[])',
)

/** The keys of those workspaces that have one, in no order. */
export async function findTombstoneKeys(
  db: Queryable,
  workspaceIds: readonly number[],
): Promise<TombstoneKeyRow[]> {
  const rows = await findKeys(db, [workspaceIds])
  return rows.map((row) => ({ workspaceId: row.workspace_id, sealed: row.key_sealed }))
}

const insertKey = prepared(
  'tombstone-key-insert',
  'insert into tombstone_key (workspace_id, key_sealed) values ($1, $2) on conflict do nothing',
)

/** Keeps the key of a workspace; one that is there stays. */
export async function insertTombstoneKey(
  tx: Transaction,
  { workspaceId, sealed }: TombstoneKeyRow,
): Promise<void> {
  await insertKey(tx, [workspaceId, sealed])
}

// Primary key (workspace_id, value_hash, erasure_id).
const findMany = prepared<{ workspace_id: number; value_hash: Buffer }>(
  'tombstone-find',
  `select distinct t.workspace_id, t.value_hash from json_to_recordset($1::json) as k(w integer, h text)
     join tombstone t on t.workspace_id = k.w and t.value_hash = decode(k.h, 'hex')`,
)

/** A tombstone, by the hash of 32 bytes that it keeps of an identifier. */
export interface TombstoneKey {
  workspaceId: number
  valueHash: Buffer
}

/** Those of these hashes that a tombstone has, in no order. */
export async function findTombstones(db: Queryable, keys: readonly TombstoneKey[]): Promise<TombstoneKey[]> {
  if (keys.length === 0) return []
  const rows = await findMany(db, [
    asRows(keys.map(({ workspaceId: w, valueHash }) => ({ w, h: valueHash.toString('hex') }))),
  ])
  return rows.map((row) => ({ workspaceId: row.workspace_id, valueHash: row.value_hash }))
}

const insertMany = prepared(
  'tombstone-insert',
  `insert into tombstone (workspace_id, value_hash, erasure_id)
   select $1, decode(h, 'hex'), $2 from json_array_elements_text($3::json) as h on conflict do nothing`,
)

/** Keeps the hashes of an erased person's identifiers. */
export async function insertTombstones(
  tx: Transaction,
  workspaceId: number,
  erasureId: string,
  valueHashes: readonly Buffer[],
): Promise<void> {
  await insertMany(tx, [
    workspaceId,
    erasureId,
    JSON.stringify(valueHashes.map((hash) => hash.toString('hex'))),
  ])
}

// Index tombstone_erasure.
const deleteOfErasure = prepared(
  'tombstone-delete',
  'delete from tombstone where workspace_id = $1 and erasure_id = $2',
)

/** Takes away what an erasure put up; hashes that another one put up too stay. */
export async function deleteTombstones(
  tx: Transaction,
  workspaceId: number,
  erasureId: string,
): Promise<void> {
  await deleteOfErasure(tx, [workspaceId, erasureId])
}
