import type { BackupManifest } from '../../model/backup.ts'
import { CdpError } from '../../model/errors.ts'
import { rebuild } from '../../storage/backup/rebuild.ts'
import { withCopySession } from '../../storage/backup/session.ts'
import type { ArchiveReader } from './archive.ts'
import { countBytes } from './count-bytes.ts'

/** Where a backup is restored. */
export interface RestoreOptions {
  connectionString: string | undefined
  archive: ArchiveReader
  /** Told as it goes: rows, and bytes of {@link ArchiveReader.bytes}. */
  onProgress?: (rows: number, bytes: number) => void
  /** Ends it. */
  signal: AbortSignal
}

/**
 * Restores a backup into an empty database, at the schema version that it was taken at: whole, compared, or not at all.
 * @throws CDP_DATABASE_NOT_EMPTY CDP_BACKUP_NEWER CDP_BACKUP_UNREADABLE CDP_BACKUP_DIFFERS
 */
export async function restoreBackup(options: RestoreOptions): Promise<BackupManifest> {
  const { connectionString, archive, onProgress, signal } = options
  const { manifest } = archive
  const done = { rows: 0, bytes: 0 }
  await withCopySession({ connectionString, purpose: 'restore', signal }, (session) =>
    rebuild(session, {
      content: manifest,
      openRows: async (table) => {
        const rows = await archive.openRows(table.name)
        const counted = countBytes((bytes) => onProgress?.(done.rows, (done.bytes += bytes)))
        counted.on('end', () => (done.rows += Number(table.rows)))
        // What does not take rows any more, reads none.
        counted.on('close', () => rows.destroy())
        // Errors of a file are the file's, and not the database's.
        rows.on('error', (cause) => counted.destroy(damaged(table.name, cause)))
        return rows.pipe(counted)
      },
    }),
  )
  return manifest
}

function damaged(table: string, cause: Error): CdpError {
  const detail = `The rows of ${table} in the file are damaged: ${cause.message}.`
  return new CdpError('CDP_BACKUP_UNREADABLE', { detail, cause })
}
