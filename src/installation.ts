/** The database of an installation, wherever it is: bundled in the data directory, or the operator's own. */
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { ServerConfig } from './config.ts'
import { CdpError } from './model/errors.ts'
import { openDatabase } from './storage/db.ts'
import type { Database } from './storage/db.ts'
import { openEmbedded } from './storage/embedded/index.ts'
import type { EmbeddedDatabase, EmbeddedRole } from './storage/embedded/index.ts'
import { migrate } from './storage/migrate.ts'
import { checkRequirements, countOtherSessions } from './storage/requirements.ts'

const RELAUNCH_EVERY_MS = 1_000

/** An open, migrated database. */
export interface Installation {
  db: Database
  /** Versions of the migrations that were applied now. */
  applied: readonly number[]
  /** Closes the connections, then stops the bundled PostgreSQL if it is ours. */
  close(): Promise<void>
}

/** An open database of which nothing is known yet. */
export type Connection = Pick<Installation, 'db' | 'close'>

/**
 * Opens and migrates the database. `owner` (serve) takes the data directory for itself; `guest` (every other
 * command) shares it with a running server; `companion` (work) needs one.
 * @param signal ends the waiting for a server, of a guest or a companion
 * @throws CdpError of kind `startup`
 */
export async function openInstallation(
  config: ServerConfig,
  role: EmbeddedRole,
  logger: FastifyBaseLogger,
  signal?: AbortSignal,
): Promise<Installation> {
  return prepare(await openConnection(config, role, logger, signal))
}

/** Opens the database only to look at it: whatever it is, it stays as it is. @throws CdpError of kind `startup` */
export async function openForInspection(
  config: ServerConfig,
  logger: FastifyBaseLogger,
  signal?: AbortSignal,
): Promise<Connection> {
  return openConnection(config, 'guest', logger, signal)
}

/**
 * Opens the database for a command that must have it alone, and migrates nothing.
 * @throws CdpError of kind `startup`: CDP_DATA_DIR_IN_USE a server works on it
 */
export async function openAlone(config: ServerConfig, logger: FastifyBaseLogger): Promise<Connection> {
  const connection = await openConnection(config, 'owner', logger)
  try {
    // First, while this process has no other connection that could be taken for somebody else's.
    const others = await countOtherSessions(connection.db)
    if (others > 0) {
      const detail = `A server works on this database (${others} connections): stop it first.`
      throw new CdpError('CDP_DATA_DIR_IN_USE', { detail })
    }
    await checkRequirements(connection.db)
    return connection
  } catch (error) {
    await connection.close()
    throw error
  }
}

async function openConnection(
  config: ServerConfig,
  role: EmbeddedRole,
  logger: FastifyBaseLogger,
  signal?: AbortSignal,
): Promise<Connection> {
  const { databaseUrl } = config
  if (databaseUrl === undefined) return openBundled(config, role, logger, signal)
  const closing = new AbortController()
  const db = open(databaseUrl, closing.signal, logger)
  const close = async (): Promise<void> => {
    closing.abort()
    await db.close()
  }
  return { db, close }
}

async function openBundled(
  config: ServerConfig,
  role: EmbeddedRole,
  logger: FastifyBaseLogger,
  signal?: AbortSignal,
): Promise<Connection> {
  const { dataDir } = config
  const closing = new AbortController()
  const told = AbortSignal.any([closing.signal, ...(signal ? [signal] : [])])
  const log = (message: string, fields: object = {}): void => logger.info(fields, message)
  const launch = (): Promise<EmbeddedDatabase> => openEmbedded({ dataDir, role, signal: told, log })
  let engine = await launch()
  const db = open(engine.connectionString, closing.signal, logger)
  const watch = async (): Promise<void> => {
    await engine.exited
    while (!closing.signal.aborted) {
      logger.error('the bundled PostgreSQL ended by itself: opening it again')
      await engine.stop()
      engine = await launchAgain(launch, closing.signal, logger)
      db.redirect(engine.connectionString)
      // A stop that came meanwhile waits for this loop and then stops the new one.
      if (!closing.signal.aborted) await engine.exited
    }
  }
  // A guest has ended before the database is back; a companion follows it to where the owner starts it again.
  const watched = role === 'guest' ? undefined : watch()
  const close = async (): Promise<void> => {
    closing.abort()
    await db.close()
    await engine.stop()
    await watched?.catch(() => undefined)
    await engine.stop()
  }
  return { db, close }
}

/**
 * Tries until it works: callers get 503 meanwhile, and an operator sees why in the log.
 * @throws whatever hinders the start, once the installation is closing
 */
async function launchAgain(
  launch: () => Promise<EmbeddedDatabase>,
  closing: AbortSignal,
  logger: FastifyBaseLogger,
): Promise<EmbeddedDatabase> {
  for (;;) {
    try {
      return await launch()
    } catch (error) {
      if (closing.aborted) throw error
      logger.error({ err: error }, 'the bundled PostgreSQL does not start')
      // Its end by the signal is no other than the end of the time: the next turn sees why.
      await delay(RELAUNCH_EVERY_MS, undefined, { signal: closing }).catch(() => undefined)
    }
  }
}

function open(connectionString: string, closing: AbortSignal, logger: FastifyBaseLogger): Database {
  return openDatabase({
    connectionString,
    onIdleError: (error) => {
      // A stop ends the connections and then PostgreSQL; which of the two a connection sees first says nothing.
      if (!closing.aborted) logger.warn({ err: error }, 'an idle database connection was lost')
    },
  })
}

async function prepare({ db, close }: Connection): Promise<Installation> {
  try {
    await checkRequirements(db)
    return { db, applied: await migrate(db), close }
  } catch (error) {
    await close()
    throw error
  }
}
