import { finished, pipeline } from 'node:stream/promises'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import yauzl from 'yauzl'
import type { Entry, ZipFile as OpenZip } from 'yauzl'
import yazl from 'yazl'
import { now } from '../../lib/time.ts'
import type { BackupManifest } from '../../model/backup.ts'
import { CdpError } from '../../model/errors.ts'
import { parseManifest, printManifest } from './manifest.ts'

const MANIFEST_NAME = 'manifest.json'

/** Far more than the list of tables and partitions can take. */
const MANIFEST_BYTES_MAX = 64 * 1024 ** 2

/** Rows are text that compresses well; more effort costs twice the time for a few per cent. */
const COMPRESSION_LEVEL = 3

/** A backup file that is being written: a zip file in one pass, with the manifest last. */
export interface ArchiveWriter {
  /** Adds the rows of a table; ends when they are all on their way. */
  addRows(table: string, rows: Readable): Promise<void>
  /** Adds the manifest and ends when everything is written. */
  finish(manifest: BackupManifest): Promise<void>
}

/** Takes the bytes of a file, in order. */
export type WriteBytes = (bytes: Buffer) => Promise<void>

/** Begins a backup file. @param signal ends it */
export function openArchiveWriter(write: WriteBytes, signal: AbortSignal): ArchiveWriter {
  const zip = new yazl.ZipFile()
  const writeAll = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) await write(chunk)
  }
  const written = pipeline(zip.outputStream as Readable, writeAll, { signal })
  // Whoever waits for a table hears of it first; it is not forgotten, `finish` waits for it.
  written.catch(() => undefined)
  const failed = new Promise<never>((_, reject) => zip.on('error', reject))
  failed.catch(() => undefined)
  const options = () => ({ mtime: new Date(now()), mode: 0o600, compressionLevel: COMPRESSION_LEVEL })
  return {
    addRows: async (table, rows) => {
      zip.addReadStream(rows, entryName(table), options())
      // What cannot be written ends the wait for what is read.
      await Promise.race([finished(rows), failed, written])
    },
    finish: async (manifest) => {
      zip.addBuffer(Buffer.from(printManifest(manifest)), MANIFEST_NAME, options())
      zip.end()
      await Promise.race([written, failed])
    },
  }
}

/** A backup file that is being read. */
export interface ArchiveReader {
  manifest: BackupManifest
  /** Bytes of all rows, before they were compressed. */
  bytes: number
  /** The rows of a table. @throws CDP_BACKUP_UNREADABLE it has none, or they end in the middle */
  openRows(table: string): Promise<Readable>
  close(): void
}

/**
 * Opens a backup file and reads its manifest.
 * @throws CDP_BACKUP_UNREADABLE CDP_BACKUP_NEWER
 */
export async function openArchive(path: string): Promise<ArchiveReader> {
  const zip = await reading(() => yauzl.openPromise(path, { lazyEntries: true, autoClose: false }))
  try {
    const entries = await reading(() => listEntries(zip))
    const manifest = parseManifest(await reading(() => readManifest(zip, entries.get(MANIFEST_NAME))))
    const rowsOf = (table: string): Entry => {
      const entry = entries.get(entryName(table))
      if (entry) return entry
      throw new CdpError('CDP_BACKUP_UNREADABLE', { detail: `The file lacks the rows of ${table}.` })
    }
    const bytes = manifest.tables.reduce((sum, { name }) => sum + rowsOf(name).uncompressedSize, 0)
    return {
      manifest,
      bytes,
      openRows: (table) => reading(() => zip.openReadStreamPromise(rowsOf(table))),
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

function entryName(table: string): string {
  return `tables/${table}.copy`
}

async function listEntries(zip: OpenZip): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
  return entries
}

async function readManifest(zip: OpenZip, entry: Entry | undefined): Promise<string> {
  if (!entry || entry.uncompressedSize > MANIFEST_BYTES_MAX) throw new Error('it has no manifest')
  const content = await text(await zip.openReadStreamPromise(entry))
  // Rows are held to the sums in the manifest; the manifest has nothing but this.
  if (crc32(content) !== entry.crc32) throw new Error('its manifest is damaged')
  return content
}

/** Whatever the zip library or the disk says of a file: it is no whole backup. */
async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof CdpError) throw cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CdpError('CDP_BACKUP_UNREADABLE', {
      detail: `The file is not a whole backup: ${reason.replace(/\.$/, '')}.`,
      cause,
    })
  }
}
