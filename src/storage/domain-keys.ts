import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** The tracker key of a web domain: the key's text, which is public, and its row among the api keys. */
export interface DomainKeyRow {
  workspaceId: number
  domain: string
  code: string
  apiKeyId: number
}

// Until the end of the transaction: of two that ask at once for a new domain the second finds what the first made.
const lock = prepared('domain-key-lock', 'select pg_advisory_xact_lock(hashtextextended($1, 7414200014))')

// Primary key (workspace_id, domain), then the primary key of api_key.
const findLiving = prepared<{ code: string; api_key_id: number; created_at: Date }>(
  'domain-key-find',
  `select d.code, d.api_key_id, k.created_at
     from domain_key d join api_key k on k.workspace_id = d.workspace_id and k.api_key_id = d.api_key_id
    where d.workspace_id = $1 and d.domain = $2 and k.revoked_at is null`,
)

const save = prepared(
  'domain-key-save',
  `insert into domain_key (workspace_id, domain, code, api_key_id) values ($1, $2, $3, $4)
   on conflict (workspace_id, domain) do update set code = excluded.code, api_key_id = excluded.api_key_id`,
)

/** Holds others off who want the key of this domain, until the transaction ends. */
export async function lockDomain(tx: Queryable, workspaceId: number, domain: string): Promise<void> {
  await lock(tx, [`${workspaceId}|${domain}`])
}

/** The key of a domain, while it opens anything. */
export async function findDomainKey(
  db: Queryable,
  workspaceId: number,
  domain: string,
): Promise<(DomainKeyRow & { createdAt: number }) | undefined> {
  const [row] = await findLiving(db, [workspaceId, domain])
  if (!row) return undefined
  const { code, api_key_id: apiKeyId, created_at: createdAt } = row
  return { workspaceId, domain, code, apiKeyId, createdAt: createdAt.getTime() }
}

/** Keeps the key of a domain, in the place of one that was revoked. */
export async function saveDomainKey(tx: Queryable, row: DomainKeyRow): Promise<void> {
  await save(tx, [row.workspaceId, row.domain, row.code, row.apiKeyId])
}
