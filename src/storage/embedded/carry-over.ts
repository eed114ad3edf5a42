import { readdir, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { CdpError } from '../../model/errors.ts'
import { copyDatabase } from '../backup/copy-database.ts'
import type { CopiedDatabase } from '../backup/copy-database.ts'
import { withCopySession } from '../backup/session.ts'
import {
  checkClusterMajor,
  makeCluster,
  readClusterMajor,
  readPassword,
  removeClusterDrafts,
} from './cluster.ts'
import { chooseEngineUser } from './engine-user.ts'
import { findEngineCopy, installEngine } from './engine.ts'
import type { EngineCopy } from './engine.ts'
import type { LaunchContext } from './launch-context.ts'
import type { Layout } from './layout.ts'
import { startPostmaster, stopPostmaster } from './postmaster.ts'
import { connectionStringOf, ensureDatabase } from './session.ts'
import { discardNext, endPostmaster, finishSwap, nextLayout, swapClusters } from './swap.ts'

const MIB = 1024 ** 2

/** An empty cluster, its log while rows go in, and the programs. */
const SPACE_MIN_BYTES = 1024 * MIB

const TELL_EVERY_MS = 10_000

/**
 * Brings a cluster of an older major version to that of the bundled engine: both run side by side, every table is copied and compared,
 * and the directories change their names. The old one is never written to but by its own PostgreSQL, and stays as `pg-<major>`. A kill at
 * any moment leaves the old or the new cluster in its place, and the next start goes on or begins anew. The caller holds the lock.
 * @throws CDP_DATA_DIR_VERSION it cannot be carried over
 * @throws CDP_CARRY_OVER_FAILED the old cluster is in its place, as it was
 */
export async function carryOver(context: LaunchContext): Promise<void> {
  const { layout, source, log } = context
  await finishSwap(layout, log)
  const found = await readClusterMajor(layout)
  if (found === undefined) return
  await discardNext(layout)
  if (found === String(source.major)) return
  await checkClusterMajor(layout, source.major)
  const engine = await findEngineCopy(layout, Number(found))
  if (!engine) throw new CdpError('CDP_DATA_DIR_VERSION')
  log('The data is of an older PostgreSQL: it is carried over', { from: found, to: source.major })
  try {
    await copyCluster(context, engine)
  } catch (error) {
    await discardNext(layout).catch(() => undefined)
    throw failure(found, error)
  }
  const kept = await swapClusters(layout, found, log)
  await rm(nextLayout(layout).logFile, { force: true })
  log(`The data is carried over; ${kept} is not needed any more and may be deleted`, { path: kept })
}

function failure(major: string, cause: unknown): CdpError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CdpError('CDP_CARRY_OVER_FAILED', {
    detail: `The data of PostgreSQL ${major} was not carried over, and is as it was: ${reason}`,
    cause,
  })
}

async function copyCluster(context: LaunchContext, engine: EngineCopy): Promise<void> {
  const { layout, source, log } = context
  const next = nextLayout(layout)
  await endPostmaster(layout.pgDir)
  await requireSpace(layout)
  const user = await chooseEngineUser(layout, context.runAs)
  const binDir = await installEngine(layout, source, user, engine.version)
  const password = await readPassword(layout)
  await removeClusterDrafts(layout)
  await makeCluster({ layout: next, binDir, user, major: source.major })
  log('The new cluster is made')
  const from = await startPostmaster({ layout, binDir: engine.binDir, user, log })
  log('The old PostgreSQL runs')
  try {
    const to = await startPostmaster({ layout: next, binDir, user, log })
    log('The new PostgreSQL runs beside it')
    try {
      await copyBetween({ ...from, password }, { ...to, password }, log)
    } finally {
      await stopPostmaster(next.pgDir, to.pid)
    }
  } finally {
    await stopPostmaster(layout.pgDir, from.pid)
  }
}

/** As much again as there is, without the log, and a little more. @throws Error with how much is missing */
async function requireSpace({ dataDir, pgDir }: Layout): Promise<void> {
  const { bavail, bsize } = await statfs(dataDir)
  const neededBytes = (await sizeOf(pgDir)) * 1.2 + SPACE_MIN_BYTES
  if (bavail * bsize >= neededBytes) return
  const [needed, free] = [neededBytes, bavail * bsize].map((bytes) => Math.ceil(bytes / MIB))
  throw new Error(`it needs ${needed} MiB of free disk space beside it, and there are ${free}.`)
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true })
  const sizes = await Promise.all(
    entries
      .filter(({ name }) => name !== 'pg_wal')
      .map(async (entry) => {
        const path = join(folder, entry.name)
        return entry.isDirectory() ? sizeOf(path) : stat(path).then(({ size }) => size)
      }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

type Reachable = Parameters<typeof connectionStringOf>[0]

async function copyBetween(from: Reachable, to: Reachable, log: LaunchContext['log']): Promise<void> {
  await Promise.all([from, to].map(ensureDatabase))
  const state = { table: '', sink: { rowCount: 0 } }
  const tell = (): void => log('Rows are copied', { table: state.table, rows: state.sink.rowCount })
  const timer = setInterval(tell, TELL_EVERY_MS).unref()
  try {
    const copied = await betweenSessions(from, to, (table, sink) => {
      Object.assign(state, { table: table.name, sink })
      if (table.rows !== '0') log('A table is copied', { table: table.name, rows: Number(table.rows) })
    })
    const rows = copied.tables.reduce((sum, table) => sum + Number(table.rows), 0)
    log('Everything is copied and compared', { tables: copied.tables.length, rows })
    if (copied.strangers.length > 0)
      log('Tables that are not of this product stay in the old directory', { tables: copied.strangers })
  } finally {
    clearInterval(timer)
  }
}

async function betweenSessions(
  from: Reachable,
  to: Reachable,
  onTable: Parameters<typeof copyDatabase>[2],
): Promise<CopiedDatabase> {
  const purpose = 'carry-over'
  return withCopySession({ connectionString: connectionStringOf(from), purpose }, (reading) =>
    withCopySession({ connectionString: connectionStringOf(to), purpose }, (writing) =>
      copyDatabase(reading, writing, onTable),
    ),
  )
}
