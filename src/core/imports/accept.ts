import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { ImportTask, ImportedRow } from '../../model/import.ts'
import type { Database } from '../../storage/db.ts'
import { newId } from '../../storage/id-blocks.ts'
import { acceptImport, deleteReceived, insertChunk, insertImport } from '../../storage/imports.ts'
import type { ImportKey, NewImport } from '../../storage/imports.ts'
import { runOnce } from '../idempotency/index.ts'
import type { OnceRequest } from '../idempotency/index.ts'

/** Rows that somebody brings. */
export interface ImportRequest extends NewImport {
  workspaceId: number
  /** Nothing is stored before somebody resumes it. */
  isPaused?: boolean
  /** In their order; read as they come, so that an upload needs no more memory than a chunk. */
  rows: AsyncIterable<ImportedRow> | Iterable<ImportedRow>
  /** Asked for once the last row is read: an upload's Idempotency-Key belongs to all that came. */
  once?: () => OnceRequest | undefined
}

/**
 * Rows of a chunk, which is one transaction of the write path. A million rows beside 500 events/s: 250 took 290 MiB at 6,400 rows/s,
 * 500 took 301 MiB at 8,300, 1,000 took 315 MiB at 8,850 (`npm run bench`); the bounds are 300 MiB and 4,000 rows/s.
 */
const CHUNK_ROWS_MAX = 250

/** Characters of a chunk, so that long rows fill neither memory nor a transaction. */
const CHUNK_LENGTH_MAX = 1024 ** 2

/**
 * Stores an import chunk by chunk and accepts it with the last one; until then nobody sees it. Whatever breaks the upload
 * leaves nothing behind. The answer is given after the commit that makes all of it durable.
 * @throws CDP_IDEMPOTENCY_MISMATCH CDP_IDEMPOTENCY_IN_FLIGHT, and what reading the rows throws
 */
export async function storeImport(
  db: Database,
  secretKey: Buffer,
  { workspaceId, rows, once, isPaused = false, ...task }: ImportRequest,
): Promise<ImportTask> {
  const key = { workspaceId, importId: await newId(db.background, 'import') }
  await insertImport(db.background, key, task, now())
  try {
    const totals = await storeRows(db, key, rows)
    const accepted = await runOnce(db, secretKey, once?.(), async (tx) =>
      found(await acceptImport(tx, key, { ...totals, isPaused }, now())),
    )
    // The same request had been accepted before.
    if (accepted.importId !== key.importId) await deleteReceived(db.background, key)
    return accepted
  } catch (error) {
    await deleteReceived(db.background, key).catch(() => undefined)
    throw error
  }
}

async function storeRows(
  db: Database,
  key: ImportKey,
  rows: ImportRequest['rows'],
): Promise<{ total: number; chunks: number }> {
  let [total, chunks] = [0, 0]
  for await (const chunk of chunksOf(rows)) {
    chunks++
    total += chunk.length
    const stored = await insertChunk(
      db.background,
      key,
      { number: chunks, rows: `[${chunk.join(',')}]` },
      now(),
    )
    if (!stored) throw gone()
  }
  return { total, chunks }
}

/** Rows as JSON, in the parts in which they will be written. */
async function* chunksOf(rows: ImportRequest['rows']): AsyncGenerator<string[]> {
  let chunk: string[] = []
  let length = 0
  for await (const row of rows) {
    const text = JSON.stringify(row)
    if (chunk.length === CHUNK_ROWS_MAX || (chunk.length > 0 && length + text.length > CHUNK_LENGTH_MAX)) {
      yield chunk
      chunk = []
      length = 0
    }
    chunk.push(text)
    length += text.length
  }
  if (chunk.length > 0) yield chunk
}

function found(task: ImportTask | undefined): ImportTask {
  if (!task) throw gone()
  return task
}

function gone(): CdpError {
  const detail = 'The upload stood still for too long and was given up; send it again.'
  return new CdpError('CDP_OVERLOADED', { detail, retryAfterSeconds: 1 })
}
