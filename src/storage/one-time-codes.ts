import type { Json } from '../lib/json.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

/** What a code looks like: long and looked up by itself, or short and typed. */
export type CodeForm = 'link' | 'pin' | 'sms'

/** A one-time code. The secret itself is nowhere. */
export interface CodeRow {
  workspaceId: number
  purpose: string
  subject: string
  form: CodeForm
  /** 32 bytes. */
  secretHash: Buffer
  salt: Buffer
  payload: Json
  /** Tries that were counted, right or wrong. */
  tries: number
  createdAt: Instant
  expiresAt: Instant
  usedAt: Instant | undefined
}

interface StoredRow {
  workspace_id: number
  purpose: string
  subject: string
  form: CodeForm
  secret_hash: Buffer
  salt: Buffer
  payload: Json
  tries: number
  created_at: Date
  expires_at: Date
  used_at: Date | null
}

const COLUMNS = `workspace_id, purpose, subject, form, secret_hash, salt, payload, tries, created_at, expires_at, used_at`

const upsert = prepared(
  'one-time-code-upsert',
  `insert into one_time_code (${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, null)
   on conflict (workspace_id, purpose, subject) do update
     set form = excluded.form, secret_hash = excluded.secret_hash, salt = excluded.salt, payload = excluded.payload,
         tries = 0, created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = null`,
)

/** Stores a code, in place of the older one for the same purpose and subject. */
export async function saveCode(tx: Transaction, row: Omit<CodeRow, 'tries' | 'usedAt'>): Promise<void> {
  await upsert(tx, [
    row.workspaceId,
    row.purpose,
    row.subject,
    row.form,
    row.secretHash,
    row.salt,
    JSON.stringify(row.payload),
    toRfc3339(row.createdAt),
    toRfc3339(row.expiresAt),
  ])
}

// Index one_time_code_link.
const findLinkByHash = prepared<StoredRow>(
  'one-time-code-find-link',
  `select ${COLUMNS} from one_time_code
    where secret_hash = $1 and form = 'link' and purpose = $2 and ($3::integer is null or workspace_id = $3::integer)`,
)

/** The link with this secret, used and expired ones too. */
export async function findLink(
  db: Queryable,
  secretHash: Buffer,
  purpose: string,
  workspaceId: number | undefined,
): Promise<CodeRow | undefined> {
  const [row] = await findLinkByHash(db, [secretHash, purpose, workspaceId ?? null])
  return row && fromStored(row)
}

/** For whom and for what a code is. */
export interface CodePlace {
  workspaceId: number
  purpose: string
  subject: string
}

// Primary key. A row that somebody uses right now is skipped: waiting for him would hold this connection.
const count = prepared<StoredRow>(
  'one-time-code-count-try',
  `update one_time_code set tries = tries + 1
    where (workspace_id, purpose, subject) in (
      select workspace_id, purpose, subject from one_time_code
       where workspace_id = $1 and purpose = $2 and subject = $3 and form <> 'link'
       for update skip locked)
   returning ${COLUMNS}`,
)

/** Counts a try at a typed code and gives the code with it; undefined when there is none. */
export async function countTry(
  db: Queryable,
  { workspaceId, purpose, subject }: CodePlace,
): Promise<CodeRow | undefined> {
  const [row] = await count(db, [workspaceId, purpose, subject])
  return row && fromStored(row)
}

const markUsed = prepared<{ subject: string }>(
  'one-time-code-use',
  `update one_time_code set used_at = $5
    where workspace_id = $1 and purpose = $2 and subject = $3 and secret_hash = $4 and used_at is null
   returning subject`,
)

/** Marks a code used; false when somebody else was first, or a newer code took its place. */
export async function useCode(
  tx: Transaction,
  { workspaceId, purpose, subject, secretHash }: CodePlace & { secretHash: Buffer },
  at: Instant,
): Promise<boolean> {
  const rows = await markUsed(tx, [workspaceId, purpose, subject, secretHash, toRfc3339(at)])
  return rows.length === 1
}

const endOne = prepared(
  'one-time-code-end',
  'delete from one_time_code where workspace_id = $1 and purpose = $2 and subject = $3',
)

/** Ends the code of a purpose and subject; nothing happens when there is none. */
export async function endCode(tx: Transaction, { workspaceId, purpose, subject }: CodePlace): Promise<void> {
  await endOne(tx, [workspaceId, purpose, subject])
}

// Index one_time_code_age.
const deleteOld = prepared('one-time-code-expire', 'delete from one_time_code where expires_at < $1')

/** Forgets codes of every workspace that ended before. */
export async function expireCodes(db: Queryable, before: Instant): Promise<void> {
  await deleteOld(db, [toRfc3339(before)])
}

function fromStored(row: StoredRow): CodeRow {
  return {
    workspaceId: row.workspace_id,
    purpose: row.purpose,
    subject: row.subject,
    form: row.form,
    secretHash: row.secret_hash,
    salt: row.salt,
    payload: row.payload,
    tries: row.tries,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    usedAt: row.used_at?.getTime(),
  }
}
