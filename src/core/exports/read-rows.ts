import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { JsonObject } from '../../lib/json.ts'
import { CdpError } from '../../model/errors.ts'
import type { Queryable } from '../../storage/db.ts'
import { findParts } from '../../storage/exports/parts.ts'
import type { FoundExport } from '../../storage/exports/tasks.ts'
import { openExportFile } from './files.ts'

/** Which rows: `offset` of them are left out. */
export interface RowPage {
  offset: number
  limit: number
}

const decompress = promisify<Buffer, Buffer>(gunzip)

/**
 * Some rows of a written file in their order, by reading only the parts of it that they are in.
 * @throws CDP_EXPORT_STATE it has no file of lines; CDP_EXPORT_NOT_FOUND the file is not on this machine
 */
export async function readExportRows(
  db: Queryable,
  folder: string,
  task: FoundExport,
  { offset, limit }: RowPage,
): Promise<JsonObject[]> {
  const { fileVersion: claim, format, isGzip } = task
  if (claim === undefined || format !== 'ndjson') throw new CdpError('CDP_EXPORT_STATE')
  const parts = await findParts(db, task, { from: offset, to: offset + limit })
  const [first] = parts
  if (!first) return []
  const file = await openExportFile(folder, { ...task, claim })
  try {
    const lines: string[] = []
    for (const { byteOffset, bytes } of parts) {
      const { buffer } = await file.read(Buffer.alloc(bytes), 0, bytes, byteOffset)
      const text = isGzip ? await decompress(buffer) : buffer
      lines.push(...text.toString().trimEnd().split('\n'))
    }
    const start = offset - first.firstRow
    return lines.slice(start, start + limit).map((line) => JSON.parse(line) as JsonObject)
  } finally {
    await file.close()
  }
}
