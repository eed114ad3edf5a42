import { pipeline } from 'node:stream'
import { now } from '../../lib/time.ts'
import type { BackupManifest } from '../../model/backup.ts'
import { withCopySession } from '../../storage/backup/session.ts'
import { readTable } from '../../storage/backup/rows.ts'
import { readSnapshot } from '../../storage/backup/snapshot.ts'
import { openArchiveWriter } from './archive.ts'
import type { ArchiveWriter, WriteBytes } from './archive.ts'
import { countBytes } from './count-bytes.ts'
import { fingerprintOf } from './key-fingerprint.ts'
import { BACKUP_FORMAT } from './manifest.ts'

/** What a backup is made of. */
export interface BackupOptions {
  connectionString: string | undefined
  /** Takes the bytes of the file. */
  write: WriteBytes
  /** Of the product. */
  version: string
  /** The key at hand; only a fingerprint of it goes into the file. */
  secretKey: Buffer | undefined
  /** Told as it goes: rows, and bytes before they are compressed. */
  onProgress?: (rows: number, bytes: number) => void
  /** Ends it. */
  signal: AbortSignal
}

/** What was backed up, and the tables that were left out because they are not this product's. */
export interface Backup {
  manifest: BackupManifest
  strangers: readonly string[]
}

/**
 * Backs up a whole database as it is at one instant, whatever its schema version is. Writers go on meanwhile.
 * @throws CDP_DATABASE_UNSUITABLE there is nothing to back up
 */
export async function writeBackup(options: BackupOptions): Promise<Backup> {
  const { connectionString, write, signal } = options
  const archive = openArchiveWriter(write, signal)
  return withCopySession({ connectionString, purpose: 'backup', signal }, async (session) => {
    let strangers: readonly string[] = []
    let snapshotAt = now()
    const done = { rows: 0, bytes: 0 }
    const content = await readSnapshot(
      session,
      async (snapshot) => {
        strangers = snapshot.strangers
        snapshotAt = now()
      },
      async (table) => {
        const rows = readTable(session, table)
        await addTelling(archive, table.name, rows, done, options)
      },
    )
    const { version, secretKey } = options
    const manifest: BackupManifest = {
      product: 'tributary',
      format: BACKUP_FORMAT,
      version,
      snapshotAt,
      secretKey: secretKey && fingerprintOf(secretKey),
      ...content,
    }
    await archive.finish(manifest)
    return { manifest, strangers }
  })
}

async function addTelling(
  archive: ArchiveWriter,
  table: string,
  rows: ReturnType<typeof readTable>,
  done: { rows: number; bytes: number },
  { onProgress }: BackupOptions,
): Promise<void> {
  const counted = countBytes((bytes) => {
    done.bytes += bytes
    onProgress?.(done.rows + rows.rowCount, done.bytes)
  })
  // Whoever reads `counted` is told of an error.
  pipeline(rows, counted, () => undefined)
  await archive.addRows(table, counted)
  done.rows += rows.rowCount
}
