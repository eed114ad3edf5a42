/** The worker process: what goes on in the background, beside servers that leave it to this one. */
import type { FastifyBaseLogger } from 'fastify'
import { openServices } from './app-services.ts'
import type { ServerConfig } from './config.ts'
import { openInstallation } from './installation.ts'
import type { Installation } from './installation.ts'
import { readProcessOptions } from './process-options.ts'
import { startUpkeep } from './upkeep.ts'

/** Any time will do: nothing happens then. */
const KEEP_ALIVE_MS = 60_000

/** A worker that works. */
export interface RunningWorker {
  /** Ends what is under way, so that another process takes it up at once. Calling it twice does the same as once. */
  stop(): Promise<void>
}

/**
 * Starts a worker. With the bundled PostgreSQL it joins the one of a server, and follows when that one starts it again.
 * @param signal ends the waiting for that server
 * @throws CdpError of kind `startup`
 */
export async function startWorker(
  config: ServerConfig,
  logger: FastifyBaseLogger,
  signal: AbortSignal,
): Promise<RunningWorker> {
  const installation = await openInstallation(config, 'companion', logger, signal)
  try {
    return await workOn(installation, config, logger)
  } catch (error) {
    await installation.close()
    throw error
  }
}

async function workOn(
  { db, close }: Installation,
  config: ServerConfig,
  logger: FastifyBaseLogger,
): Promise<RunningWorker> {
  const options = { ...(await readProcessOptions(config, db, logger)), backgroundWork: true }
  const services = await openServices(options)
  const onError = (error: unknown): void => logger.error({ err: error }, 'background work failed')
  const upkeep = startUpkeep({ db, exportFolder: options.exportFolder, onError })
  // Loops keep no process alive, and connections do so only while there is a database.
  const alive = setInterval(() => undefined, KEEP_ALIVE_MS)
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await services.close()
    await upkeep.stop()
    await close()
    clearInterval(alive)
  }
  return { stop: () => (stopped ??= stop()) }
}
