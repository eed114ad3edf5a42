import { CdpError } from '../../model/errors.ts'
import { readHolder } from '../../lib/socket-lock.js'
import { checkClusterMajor } from './cluster.ts'
import type { RunAs } from './engine-user.ts'
import { DEFAULT_ENGINE_PACKAGE, locateEngine } from './engine.ts'
import { readInstance, removeInstance, type Instance } from './instance.ts'
import type { LaunchContext } from './launch-context.ts'
import { prepareLayout } from './layout.ts'
import { bringUp, shutDown, watchEngine, type OwnedEngine } from './owned.ts'
import { requireOwnership, tryOwnership, type Ownership } from './ownership.ts'
import { pollUntil } from './polling.ts'
import { findLivePostmaster, isPostmasterOf } from './postmaster-file.ts'
import {
  connectionStringOf,
  countGuests,
  openGuestSession,
  servesDirectory,
  type Address,
} from './session.ts'

/** What a process wants of a data directory; see {@link EmbeddedOptions}. */
export type EmbeddedRole = 'owner' | 'guest' | 'companion'

/** How to open the bundled PostgreSQL of a data directory. */
export interface EmbeddedOptions {
  /** Made (0700) when it is missing. */
  dataDir: string
  /**
   * `owner` (serve) takes the directory for itself or fails. `guest` (every other command) connects to what
   * runs, or runs the engine itself for as long as it, or another guest, needs it. `companion` (work) connects to
   * what runs and never runs the engine itself: a server that starts later must find the directory free.
   */
  role: EmbeddedRole
  /** npm package with the binaries; tests use `pg15`. */
  enginePackage?: string
  /** Only for tests and unusual hosts: as whom root runs the engine; found out by default. */
  runAs?: RunAs
  /** Ends the waiting for a server that has the database ready; a start that is under way goes on. */
  signal?: AbortSignal
  /** Called at the few moments that an operator may want to know; never with a secret. */
  log?: (message: string, fields?: object) => void
}

/** A bundled PostgreSQL that takes connections. */
export interface EmbeddedDatabase {
  /** Holds the password: never log it. */
  connectionString: string
  /** The postmaster's. */
  pid: number
  /** The postmaster outlived an owner that was killed, and is now ours. */
  adopted: boolean
  /** Resolves when the postmaster has ended by itself (about a second later), or `stop` is done. */
  exited: Promise<void>
  /**
   * Ends our use; close your own connections before. Stops PostgreSQL, unless another process needs it.
   * Calling it twice does the same as once.
   * @throws CDP_ENGINE_FAILED PostgreSQL does not end
   */
  stop(): Promise<void>
}

/** An owner that starts cold needs seconds; one that waits for the backends of a killed postmaster, a minute. */
const GUEST_TIMEOUT_MS = 60_000

/**
 * Opens the bundled PostgreSQL of a data directory: makes, starts, adopts or joins it, whatever is needed.
 * @throws CDP_DATA_DIR_IN_USE role `owner`, and another process owns the directory
 * @throws CDP_DATA_DIR_VERSION the directory belongs to another major version of PostgreSQL, and cannot be carried over
 * @throws CDP_CARRY_OVER_FAILED it can be, and that failed; it is as it was
 * @throws CDP_ENGINE_FAILED anything else, the signal among it; the engine's last words are the `cause`
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  try {
    const context = {
      layout: await prepareLayout(options.dataDir),
      source: await locateEngine(options.enginePackage ?? DEFAULT_ENGINE_PACKAGE),
      runAs: options.runAs,
      log: options.log ?? (() => undefined),
    }
    await checkClusterMajor(context.layout, context.source.major)
    return options.role === 'owner'
      ? await openAsOwner(context)
      : await openBeside(context, options.role, options.signal)
  } catch (error) {
    throw error instanceof CdpError ? error : unexpectedFailure(error)
  }
}

function unexpectedFailure(cause: unknown): CdpError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new CdpError('CDP_ENGINE_FAILED', {
    detail: `The bundled PostgreSQL could not be started: ${reason}.`,
    cause,
  })
}

async function openAsOwner(context: LaunchContext): Promise<EmbeddedDatabase> {
  const ownership = await requireOwnership(context.layout)
  const engine = await bringUpOrRelease(context, ownership)
  return describeOwned(context, engine, () => shutDown(context.layout, engine, ownership))
}

async function bringUpOrRelease(context: LaunchContext, ownership: Ownership): Promise<OwnedEngine> {
  try {
    return await bringUp(context)
  } catch (error) {
    await ownership.release()
    throw error
  }
}

function describeOwned(
  context: LaunchContext,
  engine: OwnedEngine,
  end: () => Promise<void>,
): EmbeddedDatabase {
  const watch = watchEngine(context.layout, engine.pid, { boundsLog: true })
  return {
    connectionString: connectionStringOf(engine),
    pid: engine.pid,
    adopted: engine.adopted,
    exited: watch.exited,
    stop: once(() => end().finally(() => watch.stop())),
  }
}

function once(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= action())
}

/** Joins the living owner or becomes one; while an owner is still starting, or just ending, it looks again. */
async function openBeside(
  context: LaunchContext,
  role: 'guest' | 'companion',
  signal: AbortSignal | undefined,
): Promise<EmbeddedDatabase> {
  const sayOnce = once(async () => context.log('waiting for a server that has the database ready'))
  const opened = await pollUntil({ timeoutMs: GUEST_TIMEOUT_MS, intervalMs: 50 }, async () => {
    if (signal?.aborted) throw toldToStop(context)
    const ownership = role === 'guest' ? await tryOwnership(context.layout, role) : undefined
    const joined = ownership === undefined ? await joinOwner(context) : await ownAsGuest(context, ownership)
    if (joined === undefined) await sayOnce()
    return joined
  })
  if (opened !== undefined) return opened
  const holder = await readHolder(context.layout.lockFile)
  throw new CdpError('CDP_ENGINE_FAILED', {
    detail: `The Tributary that owns ${context.layout.dataDir} (pid ${holder?.pid ?? 'unknown'}) has no database ready after 60 s.`,
  })
}

function toldToStop({ layout }: LaunchContext): CdpError {
  return new CdpError('CDP_ENGINE_FAILED', {
    detail: `Told to stop while no Tributary had the database of ${layout.dataDir} ready.`,
  })
}

async function ownAsGuest(context: LaunchContext, ownership: Ownership): Promise<EmbeddedDatabase> {
  const engine = await bringUpOrRelease(context, ownership)
  return describeOwned(context, engine, () => leave(context, engine, ownership))
}

/** Other guests may have come meanwhile; then PostgreSQL is left to them, and the last one stops it. */
async function leave(context: LaunchContext, engine: Address & { pid: number }, ownership: Ownership) {
  await removeInstance(context.layout)
  if ((await countGuests(engine)) > 0) await ownership.release()
  else await shutDown(context.layout, engine, ownership)
}

async function joinOwner(context: LaunchContext): Promise<EmbeddedDatabase | undefined> {
  const instance = await readInstance(context.layout)
  if (instance === undefined) return undefined
  const endSession = await connectTo(context, instance)
  if (endSession === undefined) return undefined
  const pid = instance.postmasterPid
  const watch = watchEngine(context.layout, pid, { boundsLog: false })
  const end = () => endSession().then(() => stopIfLast(context, instance))
  return {
    connectionString: connectionStringOf(instance),
    pid,
    adopted: false,
    exited: watch.exited,
    stop: once(() => end().finally(() => watch.stop())),
  }
}

/** The file may stem from a killed owner; only what answers, and is this cluster, counts. */
async function connectTo(
  context: LaunchContext,
  instance: Instance,
): Promise<(() => Promise<void>) | undefined> {
  try {
    const ours = await servesDirectory(instance, context.layout.pgDir)
    return ours ? await openGuestSession(instance) : undefined
  } catch {
    return undefined
  }
}

/** When the owner has gone before us without stopping PostgreSQL, it is ours to stop. */
async function stopIfLast(context: LaunchContext, instance: Instance): Promise<void> {
  const { layout } = context
  if ((await findLivePostmaster(layout.pgDir))?.pid !== instance.postmasterPid) return
  const ownership = await tryOwnership(layout, 'closing')
  if (ownership === undefined) return
  const pid = instance.postmasterPid
  if (await isPostmasterOf(pid, layout.pgDir)) await leave(context, { ...instance, pid }, ownership)
  else await ownership.release()
}
