import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { ExportContent, ExportFormat } from '../../model/export.ts'
import type { Workspace } from '../../model/workspace.ts'
import type { Database } from '../../storage/db.ts'
import type { ExportPart } from '../../storage/exports/parts.ts'
import { findMemberTypes } from '../../storage/exports/member-types.ts'
import { openRows } from '../../storage/exports/rows.ts'
import type { RowBatch, RowReader } from '../../storage/exports/rows.ts'
import { inSnapshot } from '../../storage/exports/snapshot.ts'
import type { Encoder } from './formats/encoder.ts'
import { FORMATS } from './formats/formats.ts'

/** What is to be written, and how. */
export interface ExportPlan {
  workspace: Workspace
  content: ExportContent
  format: ExportFormat
  isGzip: boolean
}

/** Where the bytes of an export go. */
export interface ExportSink {
  /** Takes some bytes; the next ones are made once it is done. */
  write: (bytes: Buffer) => Promise<void>
  /** Told of the instant that all rows show, before the first. */
  onSnapshot?: (at: Instant) => void
  /** Told of each part, once its bytes are taken. */
  onPart?: (part: ExportPart) => Promise<void> | void
}

/**
 * Writes an export from one snapshot, part by part, so that memory does not grow with it.
 * @param signal ends it, also in the middle of a statement
 * @returns rows and bytes that were written
 * @throws CDP_STORAGE_UNAVAILABLE, what the sink throws, and the signal's reason
 */
export async function writeExport(
  db: Database,
  plan: ExportPlan,
  sink: ExportSink,
  signal: AbortSignal,
): Promise<{ rows: number; bytes: number }> {
  const { content, workspace } = plan
  const { shape, isTyped, open, ...bounds } = FORMATS[plan.format]
  return inSnapshot(db.exports, signal, async (tx) => {
    const at = now()
    // The first statement is what the snapshot is taken for.
    await tx.query('select')
    sink.onSnapshot?.(at)
    const query = {
      workspaceId: workspace.id,
      timezone: workspace.settings.timezone,
      now: at,
      content,
      shape,
    }
    const types = isTyped ? await findMemberTypes(tx, query) : undefined
    const reader = await openRows(tx, { ...query, types })
    return writeParts(batchesOf(reader, bounds), open(reader.columns), { sink, isGzip: plan.isGzip, signal })
  })
}

const compress = promisify<Buffer, Buffer>(gzip)

interface Target {
  sink: ExportSink
  isGzip: boolean
  signal: AbortSignal
}

/** Each part is compressed by itself: members one behind the other are a gzip file too (RFC 1952), and can be read singly. */
async function writeParts(
  batches: AsyncIterable<RowBatch>,
  encoder: Encoder,
  { sink, isGzip, signal }: Target,
): Promise<{ rows: number; bytes: number }> {
  const written = { rows: 0, bytes: 0 }
  const put = async (bytes: Buffer, isNeeded = bytes.length > 0): Promise<number> => {
    signal.throwIfAborted()
    if (!isNeeded) return 0
    const made = isGzip ? await compress(bytes) : bytes
    await sink.write(made)
    written.bytes += made.length
    return made.length
  }
  // A compressed file of nothing has a member too.
  await put(encoder.head(), isGzip || undefined)
  let number = 0
  for await (const batch of batches) {
    const [byteOffset, firstRow] = [written.bytes, written.rows]
    const bytes = await put(encoder.rows(batch))
    written.rows += batch.count
    number++
    await sink.onPart?.({
      number,
      byteOffset,
      bytes,
      firstRow,
      rows: batch.count,
      profileIds: batch.profileIds,
    })
  }
  await put(encoder.end())
  return written
}

/** Few, until it is known how long rows are. */
const ROWS_FIRST = 200

/** Rows in parts that fit into memory, judged by the length of the rows before; the next part comes while one is written. */
async function* batchesOf(
  { next }: RowReader,
  { rowsMax, lengthMax }: { rowsMax: number; lengthMax: number },
): AsyncGenerator<RowBatch> {
  let coming = next(ROWS_FIRST)
  for (;;) {
    const batch = await coming
    if (batch.count === 0) return
    const rowLength = Math.max(1, batch.length / batch.count)
    coming = next(Math.max(1, Math.min(rowsMax, Math.floor(lengthMax / rowLength))))
    // Whoever asks for it hears of it; when nobody does any more, nobody needs to.
    coming.catch(() => undefined)
    yield batch
  }
}
