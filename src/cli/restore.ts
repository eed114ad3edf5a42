import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { fingerprintOf, openArchive, restoreBackup } from '../core/backup/index.ts'
import type { ArchiveReader } from '../core/backup/index.ts'
import { expireLostExports } from '../core/exports/index.ts'
import type { ServerConfig } from '../config.ts'
import { openAlone } from '../installation.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { BackupManifest } from '../model/backup.ts'
import { findSecretKey, secretKeyFile } from '../secret-key.ts'
import { withCopySession } from '../storage/backup/session.ts'
import type { Database } from '../storage/db.ts'
import { migrate } from '../storage/migrate.ts'
import type { CommandLine } from './command-line.ts'
import { openProgress } from './progress.ts'
import { runUntilSignal } from './run-until-signal.ts'
import type { EndableRun } from './run-until-signal.ts'

/** Adds `tributary restore`. */
export function addRestore({ program, run }: CommandLine): void {
  program
    .command('restore <file>')
    .description('fill an empty installation from a backup; the server must be stopped')
    .option('--check', 'restore into a database that is thrown away, and say whether the file is whole')
    .action((file: string, options: { check?: boolean }) =>
      runUntilSignal(run, withArchive(file, options.check ? check : restore)),
    )
}

/** What is done with a backup file that is open. */
type UseArchive = (
  archive: ArchiveReader,
  context: { config: ServerConfig; logger: Logger; signal: AbortSignal },
) => Promise<void>

function withArchive(file: string, use: UseArchive): EndableRun {
  return async (config, { logger }, signal) => {
    const archive = await openArchive(file)
    try {
      await use(archive, { config, logger, signal })
    } finally {
      archive.close()
    }
  }
}

const restore: UseArchive = async (archive, { config, logger, signal }) => {
  const secretKey = await findSecretKey(config)
  const { db, close } = await openAlone(config, logger)
  try {
    const applied = await load(db, archive, signal)
    const lost = await expireLostExports(db, join(config.dataDir, 'exports'))
    // How far interrupted imports of files got is told of another past.
    await rm(join(config.dataDir, 'imports'), { recursive: true, force: true })
    await withCopySession(
      { connectionString: db.connectionString(), purpose: 'restore', signal },
      (session) => session.query('analyze'),
    )
    say(`Restored ${describe(archive.manifest)}.`)
    if (applied.length > 0) say(`Migrated to this release: ${applied.join(', ')}.`)
    if (lost > 0) say(`${lost} exports have no file here and are expired: ask for them again.`)
    warnOfKey(archive.manifest, secretKey, config)
  } finally {
    await close()
  }
}

const check: UseArchive = async (archive, { config, logger, signal }) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'tributary-check-'))
  try {
    const { db, close } = await openAlone({ ...config, databaseUrl: undefined, dataDir }, logger)
    try {
      await load(db, archive, signal)
    } finally {
      await close()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
  say(`Whole: restored ${describe(archive.manifest)} into a database that is gone again.`)
}

/** @returns the migrations that brought it to this release */
async function load(db: Database, archive: ArchiveReader, signal: AbortSignal): Promise<number[]> {
  const progress = openProgress(process.stderr, archive.bytes)
  try {
    await restoreBackup({
      connectionString: db.connectionString(),
      archive,
      onProgress: progress.tell,
      signal,
    })
  } finally {
    progress.end()
  }
  return migrate(db)
}

function describe({ tables, migrations, snapshotAt, version }: BackupManifest): string {
  const rows = tables.reduce((sum, table) => sum + Number(table.rows), 0)
  return (
    `${rows.toLocaleString('en-US')} rows of ${tables.length} tables, counts and checksums of each compared, ` +
    `as of ${toRfc3339(snapshotAt)} (release ${version}, schema ${migrations.at(-1)?.version ?? 0})`
  )
}

/** Without its key the server does not start on what it sealed. */
function warnOfKey(
  { secretKey: wanted }: BackupManifest,
  key: Buffer | undefined,
  config: ServerConfig,
): void {
  if (wanted === undefined || (key && fingerprintOf(key) === wanted)) return
  const state = key
    ? 'The secret key here is another one than that of the backup'
    : 'There is no secret key here'
  process.stderr.write(
    `Warning: ${state}. Put the key of the backed-up installation into ${secretKeyFile(config)} ` +
      'or TRIBUTARY_SECRET_KEY before the server starts, or it cannot open what is sealed.\n',
  )
}

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}
