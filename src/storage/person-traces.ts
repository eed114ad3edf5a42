import { prepared } from './db.ts'
import type { Transaction } from './db.ts'

/**
 * Copies of what was sent about a person in tables that belong to nobody. Each `find` gives a page in the order of a key:
 * `suspects` are rows that may name the person, for whoever asked to look closely; `next` is undefined behind the last row.
 */
export interface TracePage<Suspect> {
  suspects: Suspect[]
  next: string | undefined
}

/** What to look for: texts in lower case as JSON writes them, hashes of identifiers, ids of profiles. */
export interface TraceQuery {
  workspaceId: number
  texts: readonly string[]
  hashes: readonly Buffer[]
  profileIds: readonly number[]
  /** Where the last page ended; empty at the beginning. */
  after: string
  limit: number
}

const NAMES = (text: string): string =>
  `exists (select from unnest($4::text[]) n where strpos(lower(${text}), n) > 0)`

interface Keyed {
  key: string
}

function pageOf<Row extends Keyed & { suspect: boolean }>(
  rows: readonly Row[],
  limit: number,
): { suspects: Row[]; next: string | undefined } {
  const next = rows.length === limit ? rows.at(-1)?.key : undefined
  return { suspects: rows.filter(({ suspect }) => suspect), next }
}

interface RejectionRow extends Keyed {
  suspect: boolean
  is_own: boolean
  text: string | null
}

// Index rejection_at, backwards.
const findRejections = prepared<RejectionRow>(
  'trace-rejections',
  `select at::text || '|' || rejection_id as key, own or named as suspect, own as is_own,
          case when named and not own then pointer || ' ' || coalesce(item, '') end as text
     from (select at, rejection_id, pointer, item,
                  coalesce(profile_id = any($5::bigint[]), false) or identifier_hashes && $6::bytea[] as own,
                  ${NAMES("pointer || ' ' || coalesce(item, '')")} as named
             from rejection
            where workspace_id = $1 and ($2 = '' or
                  (at, rejection_id) > (split_part($2, '|', 1)::timestamptz, split_part($2, '|', 2)::uuid))
              and at >= coalesce(nullif(split_part($2, '|', 1), ''), '-infinity')::timestamptz
            order by at, rejection_id limit $3) page
    order by at, rejection_id`,
)

/** Entries of the ledger; `text` is undefined where the entry itself says that it is about the person. */
export async function findRejectionTraces(
  tx: Transaction,
  query: TraceQuery,
): Promise<TracePage<{ key: string; text: string | undefined }>> {
  const values = [query.workspaceId, query.after, query.limit, query.texts, query.profileIds, query.hashes]
  const { suspects, next } = pageOf(await findRejections(tx, values), query.limit)
  return {
    suspects: suspects.map(({ key, is_own: own, text }) => ({ key, text: own ? undefined : (text ?? '') })),
    next,
  }
}

const blankRejectionRows = prepared(
  'trace-rejections-blank',
  `update rejection r set item = null, item_truncated = false, pointer = '', detail = null, identifier_hashes = '{}', profile_id = null
     from unnest($2::text[]) k
    where r.workspace_id = $1 and r.at = split_part(k, '|', 1)::timestamptz
      and r.rejection_id = split_part(k, '|', 2)::uuid`,
)

/** Takes out of entries what was sent and whom it was about; that something was refused, and why, stays. */
export async function blankRejections(
  tx: Transaction,
  workspaceId: number,
  keys: readonly string[],
): Promise<void> {
  if (keys.length > 0) await blankRejectionRows(tx, [workspaceId, keys])
}

// Primary key (workspace_id, key_hash). A sealed answer cannot be searched here.
const findAnswers = prepared<{ key: string; suspect: boolean; answer: string; sealed_answer: Buffer | null }>(
  'trace-answers',
  `select encode(key_hash, 'hex') as key, sealed_answer is not null or named as suspect,
          case when named then answer else '' end as answer, sealed_answer
     from (select key_hash, answer, sealed_answer, ${NAMES('answer')} as named from idempotency
            where workspace_id = $1 and key_hash > decode($2, 'hex') order by key_hash limit $3) page
    order by key_hash`,
)

/** An answer that is kept under an Idempotency-Key. */
export interface AnswerTrace {
  /** Hexadecimal digits of the key's hash. */
  key: string
  answer: string
  sealedAnswer: Buffer | undefined
}

/** Answers that are kept; every sealed one is a suspect. */
export async function findAnswerTraces(tx: Transaction, query: TraceQuery): Promise<TracePage<AnswerTrace>> {
  const values = [query.workspaceId, query.after, query.limit, query.texts]
  const { suspects, next } = pageOf(await findAnswers(tx, values), query.limit)
  return {
    suspects: suspects.map(({ key, answer, sealed_answer: sealed }) => ({
      key,
      answer,
      sealedAnswer: sealed ?? undefined,
    })),
    next,
  }
}

const deleteAnswerRows = prepared(
  'trace-answers-delete',
  `delete from idempotency i using unnest($2::text[]) k where i.workspace_id = $1 and i.key_hash = decode(k, 'hex')`,
)

/** Forgets kept answers. @param keys hexadecimal digits of the hashes of their keys */
export async function deleteAnswers(
  tx: Transaction,
  workspaceId: number,
  keys: readonly string[],
): Promise<void> {
  if (keys.length > 0) await deleteAnswerRows(tx, [workspaceId, keys])
}

/** A text that is written anew. */
export interface TextTrace {
  key: string
  text: string
}

const saveAnswerRows = prepared(
  'trace-answers-save',
  `update idempotency i set answer = r.text from json_to_recordset($2::json) as r(key text, text text)
    where i.workspace_id = $1 and i.key_hash = decode(r.key, 'hex')`,
)

/** Writes kept answers anew. */
export async function saveAnswers(
  tx: Transaction,
  workspaceId: number,
  answers: readonly TextTrace[],
): Promise<void> {
  if (answers.length > 0) await saveAnswerRows(tx, [workspaceId, JSON.stringify(answers)])
}

// Primary key (workspace_id, import_id, number).
const findChunks = prepared<{ key: string; suspect: boolean; rows: string }>(
  'trace-chunks',
  `select import_id || '|' || number as key, named as suspect, case when named then rows else '' end as rows
     from (select import_id, number, rows, ${NAMES('rows')} as named from import_chunk
            where workspace_id = $1 and ($2 = '' or
                  (import_id, number) > (split_part($2, '|', 1)::bigint, split_part($2, '|', 2)::integer))
            order by import_id, number limit $3) page
    order by import_id, number`,
)

/** Chunks of imports; `text` is their rows as JSON. */
export async function findChunkTraces(tx: Transaction, query: TraceQuery): Promise<TracePage<TextTrace>> {
  const values = [query.workspaceId, query.after, query.limit, query.texts]
  const page = pageOf(await findChunks(tx, values), query.limit)
  return { ...page, suspects: page.suspects.map(({ key, rows: text }) => ({ key, text })) }
}

const saveChunkRows = prepared(
  'trace-chunks-save',
  `update import_chunk c set rows = r.text from json_to_recordset($2::json) as r(key text, text text)
    where c.workspace_id = $1 and c.import_id = split_part(r.key, '|', 1)::bigint
      and c.number = split_part(r.key, '|', 2)::integer`,
)

/** Writes chunks of imports anew. */
export async function saveChunks(
  tx: Transaction,
  workspaceId: number,
  chunks: readonly TextTrace[],
): Promise<void> {
  if (chunks.length > 0) await saveChunkRows(tx, [workspaceId, JSON.stringify(chunks)])
}

// Primary key (workspace_id, import_id, row_number).
const findRefusals = prepared<{ key: string; suspect: boolean; text: string }>(
  'trace-refusals',
  `select import_id || '|' || row_number as key, named as suspect, case when named then text else '' end as text
     from (select import_id, row_number, text, ${NAMES('text')} as named
             from (select import_id, row_number, detail || ' ' || pointer || ' ' || item as text from import_refusal
                    where workspace_id = $1 and ($2 = '' or
                          (import_id, row_number) > (split_part($2, '|', 1)::bigint, split_part($2, '|', 2)::integer))
                    order by import_id, row_number limit $3) refusal) page
    order by import_id, row_number`,
)

/** Rows that imports refused; `text` is all that is kept of them. */
export async function findRefusalTraces(tx: Transaction, query: TraceQuery): Promise<TracePage<TextTrace>> {
  const values = [query.workspaceId, query.after, query.limit, query.texts]
  return pageOf(await findRefusals(tx, values), query.limit)
}

const blankRefusalRows = prepared(
  'trace-refusals-blank',
  `update import_refusal r set detail = '', pointer = '', item = 'null' from unnest($2::text[]) k
    where r.workspace_id = $1 and r.import_id = split_part(k, '|', 1)::bigint
      and r.row_number = split_part(k, '|', 2)::integer`,
)

/** Takes out of refused rows what they said; that they were refused, and with which code, stays. */
export async function blankRefusals(
  tx: Transaction,
  workspaceId: number,
  keys: readonly string[],
): Promise<void> {
  if (keys.length > 0) await blankRefusalRows(tx, [workspaceId, keys])
}

// Primary key (workspace_id, from_id). Locked: whoever takes a merge back waits for the record as it is then.
const findMerges = prepared<{ from_id: number }>(
  'trace-merges',
  `select from_id from profile_merge
    where workspace_id = $1 and from_id > $2 and ${NAMES('undo::text').replace('$4', '$3')}
    order by from_id limit $4 for update`,
)

/** Ids of profiles that were merged away, whose record names the person; one page holds only these. */
export async function findMergeTraces(
  tx: Transaction,
  { workspaceId, texts, after, limit }: TraceQuery,
): Promise<TracePage<number>> {
  const rows = await findMerges(tx, [workspaceId, after === '' ? 0 : Number(after), texts, limit])
  const suspects = rows.map((row) => row.from_id)
  return { suspects, next: rows.length === limit ? String(suspects.at(-1)) : undefined }
}

const clock = prepared<{ at: string }>('trace-clock', 'select clock_timestamp()::text as at')

/** What time the database has: its own clock, because it is compared with what the database says of itself. */
export async function readDatabaseClock(db: Transaction): Promise<string> {
  const [row] = await clock(db, [])
  return row?.at ?? ''
}

const older = prepared<{ pid: number }>(
  'trace-older-transactions',
  `select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start < $1::timestamptz
      and application_name = 'tributary' and backend_type = 'client backend' limit 1`,
)

/** Whether a transaction of a server still runs that began before an instant of {@link readDatabaseClock}. */
export async function hasOlderTransaction(db: Transaction, at: string): Promise<boolean> {
  return (await older(db, [at])).length > 0
}
