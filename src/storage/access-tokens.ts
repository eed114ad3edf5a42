import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A token that an api key bought; only its hash is kept. */
export interface AccessTokenRow {
  /** SHA-256. */
  tokenHash: Buffer
  workspaceId: number
  apiKeyId: number
  createdAt: Instant
  expiresAt: Instant
}

const insertNew = prepared(
  'access-token-insert',
  'insert into access_token (token_hash, workspace_id, api_key_id, created_at, expires_at) values ($1, $2, $3, $4, $5)',
)

// Primary key.
const findLiving = prepared<{ workspace_id: number; api_key_id: number }>(
  'access-token-find',
  'select workspace_id, api_key_id from access_token where token_hash = $1 and expires_at > $2',
)

// Index access_token_key.
const deleteOfKey = prepared<{ token_hash: Buffer }>(
  'access-token-delete-of-key',
  'delete from access_token where workspace_id = $1 and api_key_id = $2 returning token_hash',
)

// Index access_token_expiry.
const deleteExpired = prepared('access-token-expire', 'delete from access_token where expires_at <= $1')

/** Stores a new token. */
export async function insertAccessToken(db: Queryable, row: AccessTokenRow): Promise<void> {
  const { tokenHash, workspaceId, apiKeyId, createdAt, expiresAt } = row
  await insertNew(db, [tokenHash, workspaceId, apiKeyId, toRfc3339(createdAt), toRfc3339(expiresAt)])
}

/** Which key bought a token that has not expired. */
export async function findAccessToken(
  db: Queryable,
  tokenHash: Buffer,
  at: Instant,
): Promise<{ workspaceId: number; apiKeyId: number } | undefined> {
  const [row] = await findLiving(db, [tokenHash, toRfc3339(at)])
  return row && { workspaceId: row.workspace_id, apiKeyId: row.api_key_id }
}

/** Ends every token of a key. @returns how many there were */
export async function deleteAccessTokens(
  db: Queryable,
  workspaceId: number,
  apiKeyId: number,
): Promise<number> {
  return (await deleteOfKey(db, [workspaceId, apiKeyId])).length
}

/** Forgets tokens whose time is over. */
export async function expireAccessTokens(db: Queryable, at: Instant): Promise<void> {
  await deleteExpired(db, [toRfc3339(at)])
}
