import { carryOver } from './carry-over.ts'
import { chooseEngineUser } from './engine-user.ts'
import { installEngine } from './engine.ts'
import { ensureCluster, readPassword } from './cluster.ts'
import { engineFailure } from './failure.ts'
import { removeInstance, writeInstance } from './instance.ts'
import type { LaunchContext } from './launch-context.ts'
import type { Layout } from './layout.ts'
import type { Ownership } from './ownership.ts'
import { pollUntil } from './polling.ts'
import { isPostmasterOf } from './postmaster-file.ts'
import { findOrphan, startPostmaster, stopPostmaster, type Postmaster } from './postmaster.ts'
import { boundLog } from './server-log.ts'
import { ensureDatabase, servesDirectory, type Address } from './session.ts'

/** A running engine under our lock. */
export interface OwnedEngine extends Address {
  pid: number
  adopted: boolean
}

const ANSWER_TIMEOUT_MS = 60_000
const WATCH_INTERVAL_MS = 1_000

/**
 * Brings the engine up, with the data of an older major version carried over first: one that outlived its owner is adopted, otherwise one is started, with all that has
 * to be there before (binaries, cluster). Ends with instance.json written. The caller holds the lock.
 * @throws CDP_ENGINE_FAILED CDP_CARRY_OVER_FAILED CDP_DATA_DIR_VERSION
 */
export async function bringUp(context: LaunchContext): Promise<OwnedEngine> {
  await carryOver(context)
  const engine = (await adopt(context)) ?? (await start(context))
  try {
    await publish(context.layout, engine)
  } catch (error) {
    if (!engine.adopted) await stopPostmaster(context.layout.pgDir, engine.pid)
    throw error
  }
  return engine
}

async function publish(layout: Layout, engine: OwnedEngine): Promise<void> {
  await ensureDatabase(engine)
  await writeInstance(layout, {
    ownerPid: process.pid,
    postmasterPid: engine.pid,
    port: engine.port,
    password: engine.password,
  })
}

async function adopt(context: LaunchContext): Promise<OwnedEngine | undefined> {
  const orphan = await findOrphan(context.layout.pgDir, context.log)
  if (orphan === undefined) return undefined
  const password = await readPassword(context.layout)
  const engine = { ...orphan, password, adopted: true }
  if (!(await answers(context, engine))) return undefined
  context.log('Adopted the PostgreSQL that outlived its server', { pid: engine.pid, port: engine.port })
  return engine
}

/**
 * All sessions may be taken for a while, by those of the killed server.
 * @returns false when the postmaster ended meanwhile
 */
async function answers(context: LaunchContext, engine: OwnedEngine): Promise<boolean> {
  let reason: unknown
  const outcome = await pollUntil({ timeoutMs: ANSWER_TIMEOUT_MS, intervalMs: 100 }, async () => {
    try {
      if (await servesDirectory(engine, context.layout.pgDir)) return true
    } catch (error) {
      reason = error
    }
    return (await isPostmasterOf(engine.pid, context.layout.pgDir)) ? undefined : false
  })
  if (outcome !== undefined) return outcome
  const detail = `A PostgreSQL (pid ${engine.pid}) runs on ${context.layout.pgDir}, but does not answer to its password`
  throw engineFailure(detail, String(reason))
}

async function start(context: LaunchContext): Promise<OwnedEngine> {
  const { layout, source, log } = context
  const user = await chooseEngineUser(layout, context.runAs)
  const binDir = await installEngine(layout, source, user)
  const password = await ensureCluster({ layout, binDir, user, major: source.major })
  const postmaster = await startPostmaster({ layout, binDir, user, log })
  log('PostgreSQL is ready', { pid: postmaster.pid, port: postmaster.port, engine: source.version })
  return { ...postmaster, password, adopted: false }
}

/**
 * Stops the engine and gives the data directory back. instance.json goes first, so that nobody comes in;
 * the lock last, so that nobody starts beside a PostgreSQL that is still writing.
 */
export async function shutDown(layout: Layout, engine: Postmaster, ownership: Ownership): Promise<void> {
  await removeInstance(layout)
  try {
    await stopPostmaster(layout.pgDir, engine.pid)
  } finally {
    await ownership.release()
  }
}

/** Watches a running engine; never keeps the process alive. */
export interface EngineWatch {
  /** Resolves when the postmaster has ended, or the watch. */
  exited: Promise<void>
  stop(): void
}

/**
 * Looks once a second whether the postmaster lives: it may not be our child, so nobody tells us.
 * @param options.boundsLog keep its log in bounds as well; for the owner
 */
export function watchEngine(layout: Layout, pid: number, options: { boundsLog: boolean }): EngineWatch {
  let stop = () => {}
  const exited = new Promise<void>((done) => {
    const look = async () => {
      if (!(await isPostmasterOf(pid, layout.pgDir))) stop()
      else if (options.boundsLog) await boundLog(layout.logFile)
    }
    const timer = setInterval(() => void look().catch(() => undefined), WATCH_INTERVAL_MS).unref()
    stop = () => {
      clearInterval(timer)
      done()
    }
  })
  return { exited, stop: () => stop() }
}
