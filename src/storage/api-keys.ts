import type { KeyScope, ManagedBy } from '../model/workspace.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** An api key as stored: the hash of its secret (32 bytes) and the part of it that may be shown. */
export interface ApiKeyRow {
  workspaceId: number
  apiKeyId: number
  scope: KeyScope
  secretHash: Buffer
  prefix: string
  permissions: readonly string[]
  managedBy: ManagedBy
}

interface StoredKey {
  workspace_id: number
  api_key_id: number
  scope: KeyScope
  secret_hash: Buffer
  prefix: string
  permissions: string[]
  managed_by: ManagedBy
}

const COLUMNS = 'workspace_id, api_key_id, scope, secret_hash, prefix, permissions, managed_by'

// Unique index api_key_secret: the one lookup that does not know its workspace yet; it is what tells it.
const findBySecret = prepared<StoredKey>(
  'api-key-find-by-secret',
  `select ${COLUMNS} from api_key where secret_hash = $1 and revoked_at is null`,
)

// Primary key (workspace_id, api_key_id).
const findById = prepared<StoredKey>(
  'api-key-find-by-id',
  `select ${COLUMNS} from api_key where workspace_id = $1 and api_key_id = $2 and revoked_at is null`,
)

const findLiving = prepared<StoredKey>(
  'api-key-find-living',
  `select ${COLUMNS} from api_key where revoked_at is null order by workspace_id, api_key_id`,
)

// Primary key (workspace_id, api_key_id).
const findLivingOf = prepared<StoredKey & { created_at: Date; last_used_at: Date | null }>(
  'api-key-find-living-of',
  `select ${COLUMNS}, created_at, last_used_at from api_key where workspace_id = $1 and revoked_at is null order by api_key_id`,
)

const insertNew = prepared(
  'api-key-insert',
  `insert into api_key (${COLUMNS}, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
)

const takeOver = prepared(
  'api-key-take-over',
  'update api_key set permissions = $3, managed_by = $4 where workspace_id = $1 and api_key_id = $2',
)

const revoke = prepared(
  'api-key-revoke',
  'update api_key set revoked_at = $3 where workspace_id = $1 and api_key_id = $2 and revoked_at is null',
)

/** The living key whose secret has this hash. */
export async function findApiKey(db: Queryable, secretHash: Buffer): Promise<ApiKeyRow | undefined> {
  const [row] = await findBySecret(db, [secretHash])
  return row && fromStored(row)
}

/** The living key with this id. */
export async function findApiKeyById(
  db: Queryable,
  workspaceId: number,
  apiKeyId: number,
): Promise<ApiKeyRow | undefined> {
  const [row] = await findById(db, [workspaceId, apiKeyId])
  return row && fromStored(row)
}

/** Every living key. */
export async function findApiKeys(db: Queryable): Promise<ApiKeyRow[]> {
  return (await findLiving(db, [])).map(fromStored)
}

/** A living key, when it was made and when it last opened something. */
export interface DatedApiKeyRow extends ApiKeyRow {
  createdAt: Instant
  lastUsedAt: Instant | undefined
}

/** The living keys of a workspace, in the order in which they were made. */
export async function findApiKeysOf(db: Queryable, workspaceId: number): Promise<DatedApiKeyRow[]> {
  const rows = await findLivingOf(db, [workspaceId])
  return rows.map((row) => ({
    ...fromStored(row),
    createdAt: row.created_at.getTime(),
    lastUsedAt: row.last_used_at?.getTime(),
  }))
}

/** When a key was used. */
export interface KeyUse {
  workspaceId: number
  apiKeyId: number
  usedAt: Instant
}

// Primary key (workspace_id, api_key_id). Another process may have seen a later use.
const saveUses = prepared(
  'api-key-save-uses',
  `update api_key k set last_used_at = greatest(k.last_used_at, r.a)
     from json_to_recordset($1::json) as r(w integer, k integer, a timestamptz)
    where k.workspace_id = r.w and k.api_key_id = r.k`,
)

/** Says of keys when they were used, in key order; none may stand twice. */
export async function saveKeyUses(db: Queryable, uses: readonly KeyUse[]): Promise<void> {
  if (uses.length === 0) return
  const sorted = uses.toSorted((a, b) => a.workspaceId - b.workspaceId || a.apiKeyId - b.apiKeyId)
  const rows = sorted.map(({ workspaceId: w, apiKeyId: k, usedAt }) => ({ w, k, a: toRfc3339(usedAt) }))
  await saveUses(db, [asRows(rows)])
}

/** Stores a new key. */
export async function insertApiKey(db: Queryable, row: ApiKeyRow, at: Instant): Promise<void> {
  const { workspaceId, apiKeyId, scope, secretHash, prefix, permissions, managedBy } = row
  await insertNew(db, [
    workspaceId,
    apiKeyId,
    scope,
    secretHash,
    prefix,
    permissions,
    managedBy,
    toRfc3339(at),
  ])
}

/** Gives a key other permissions, and another keeper. */
export async function takeOverApiKey(db: Queryable, row: ApiKeyRow): Promise<void> {
  await takeOver(db, [row.workspaceId, row.apiKeyId, row.permissions, row.managedBy])
}

/** Revokes a key: it opens nothing from now on. */
export async function revokeApiKey(db: Queryable, row: ApiKeyRow, at: Instant): Promise<void> {
  await revoke(db, [row.workspaceId, row.apiKeyId, toRfc3339(at)])
}

function fromStored(row: StoredKey): ApiKeyRow {
  return {
    workspaceId: row.workspace_id,
    apiKeyId: row.api_key_id,
    scope: row.scope,
    secretHash: row.secret_hash,
    prefix: row.prefix,
    permissions: row.permissions,
    managedBy: row.managed_by,
  }
}
