import { stat } from 'node:fs/promises'
import { writeBackup } from '../core/backup/index.ts'
import type { ServerConfig } from '../config.ts'
import { openForInspection } from '../installation.ts'
import { toRfc3339 } from '../lib/time.ts'
import { CdpError } from '../model/errors.ts'
import type { BackupManifest } from '../model/backup.ts'
import { findSecretKey, secretKeyFile } from '../secret-key.ts'
import { inspectEmbedded } from '../storage/embedded/inspection.ts'
import type { CommandLine } from './command-line.ts'
import { readProductVersion } from './product-version.ts'
import { openProgress } from './progress.ts'
import { runUntilSignal } from './run-until-signal.ts'
import type { EndableRun } from './run-until-signal.ts'
import { openTarget } from './target-file.ts'

/** Adds `tributary backup`. */
export function addBackup({ program, run }: CommandLine): void {
  program
    .command('backup <file>')
    .description('write the whole database into a file, or to stdout (-), as it is at one instant')
    .option('--force', 'replace a file of this name')
    .action((file: string, options: { force?: boolean }) =>
      runUntilSignal(run, backUp(file, options.force ?? false)),
    )
}

/** Not migrated: a backup is of what is there, most of all before an upgrade. */
function backUp(file: string, isForced: boolean): EndableRun {
  return async (config, { logger }, signal) => {
    if (file !== '-' && !isForced) await requireFree(file)
    await requireInstallation(config)
    const secretKey = await findSecretKey(config)
    const { db, close } = await openForInspection(config, logger, signal)
    const progress = openProgress(process.stderr, undefined)
    const draft = await openTarget(file)
    let bytes = 0
    const write = async (chunk: Buffer): Promise<void> => {
      await draft.write(chunk)
      bytes += chunk.length
    }
    try {
      const { manifest, strangers } = await writeBackup({
        connectionString: db.connectionString(),
        write,
        version: readProductVersion(),
        secretKey,
        onProgress: progress.tell,
        signal,
      })
      await draft.finish()
      progress.end()
      const out = file === '-' ? process.stderr : process.stdout
      for (const name of strangers) out.write(`Left out: table ${name} is not Tributary's.\n`)
      out.write(describe(manifest, bytes, config))
    } catch (error) {
      progress.end()
      await draft.discard()
      throw error
    } finally {
      await close()
    }
  }
}

/** @throws CDP_FILE_EXISTS */
async function requireFree(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (!found) return
  const detail = `${file} is there already: choose another name, or say --force.`
  throw new CdpError('CDP_FILE_EXISTS', { detail })
}

/** To open a data directory without a database would make one. @throws CDP_DATABASE_UNSUITABLE */
async function requireInstallation({ databaseUrl, dataDir }: ServerConfig): Promise<void> {
  if (databaseUrl !== undefined) return
  const facts = await inspectEmbedded(dataDir).catch(() => undefined)
  if (facts?.clusterMajor !== undefined) return
  const detail = `There is no installation in ${dataDir}: set TRIBUTARY_DATA_DIR or DATABASE_URL.`
  throw new CdpError('CDP_DATABASE_UNSUITABLE', { detail })
}

function describe(
  { tables, migrations, snapshotAt }: BackupManifest,
  bytes: number,
  config: ServerConfig,
): string {
  const rows = tables.reduce((sum, table) => sum + Number(table.rows), 0)
  const count = (value: number): string => value.toLocaleString('en-US')
  const key = config.secretKey ? 'TRIBUTARY_SECRET_KEY' : secretKeyFile(config)
  return (
    `${count(rows)} rows of ${tables.length} tables in ${count(bytes)} bytes, as of ${toRfc3339(snapshotAt)}, schema ${migrations.at(-1)?.version ?? 0}.\n` +
    `The secret key is not in it: keep ${key} as well, in another place.\n`
  )
}
