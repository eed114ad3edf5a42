import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openArchive, restoreBackup, writeBackup } from '../../src/core/backup/index.ts'
import type { ArchiveReader } from '../../src/core/backup/index.ts'
import type { BackupManifest } from '../../src/model/backup.ts'
import type { TestDatabase } from './database.ts'

/** A folder for backup files of one test file. */
export interface BackupFolder {
  /** Backs a database up. @param onChunk called with each piece of the file, before the next one is made */
  backUp(
    database: Pick<TestDatabase, 'connectionString'>,
    onChunk?: () => Promise<void>,
  ): Promise<{ path: string; manifest: BackupManifest }>
  /** Writes a file of this content. */
  keep(content: Buffer | string): Promise<string>
  remove(): Promise<void>
}

/** Makes the folder. */
export async function openBackupFolder(): Promise<BackupFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'backups-'))
  let made = 0
  const keep = async (content: Buffer | string): Promise<string> => {
    const path = join(folder, `${++made}.zip`)
    await writeFile(path, content)
    return path
  }
  return {
    backUp: async ({ connectionString }, onChunk) => {
      const chunks: Buffer[] = []
      const write = async (chunk: Buffer): Promise<void> => {
        chunks.push(chunk)
        await onChunk?.()
      }
      const { manifest } = await writeBackup({
        connectionString,
        write,
        version: '0.0.0-test',
        secretKey: undefined,
        signal: new AbortController().signal,
      })
      return { path: await keep(Buffer.concat(chunks)), manifest }
    },
    keep,
    remove: () => rm(folder, { recursive: true }),
  }
}

/** Restores a file, or what a test made of it. @param change what is different from the file */
export async function restoreFile(
  path: string,
  { connectionString }: Pick<TestDatabase, 'connectionString'>,
  change: (archive: ArchiveReader) => ArchiveReader = (archive) => archive,
): Promise<BackupManifest> {
  const archive = await openArchive(path)
  try {
    const signal = new AbortController().signal
    return await restoreBackup({ connectionString, archive: change(archive), signal })
  } finally {
    archive.close()
  }
}
