/** The serving process: opens the database, applies the configuration, listens, and closes in the reverse order. */
import type { FastifyBaseLogger } from 'fastify'
import { openApp } from './app.ts'
import type { App } from './app.ts'
import type { ServerConfig } from './config.ts'
import { applyDeclaration } from './core/workspaces/index.ts'
import { firstStart } from './first-start.ts'
import { openInstallation } from './installation.ts'
import type { Installation } from './installation.ts'
import { CdpError } from './model/errors.ts'
import { addressOf, readProcessOptions } from './process-options.ts'
import { startUpkeep } from './upkeep.ts'

/** Short against what people wait for; a stop takes at most this much longer. */
const CLOSE_IDLE_EVERY_MS = 50

/** A server that answers. */
export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:4100`. */
  address: string
  /** Applies a configuration that was read again. */
  reload(config: ServerConfig): Promise<void>
  /** Stops accepting, answers what was accepted, stops the database. Calling it twice does the same as once. */
  stop(): Promise<void>
}

/** How a server is started. */
export interface ServeOptions {
  config: ServerConfig
  logger: FastifyBaseLogger
  /** Prints for the operator what must be seen once: never into the log. */
  print: (text: string) => void
}

/** Starts a server. @throws CdpError of kind `startup` with a sentence that says what to do */
export async function serve({ config, logger, print }: ServeOptions): Promise<RunningServer> {
  const installation = await openInstallation(config, 'owner', logger)
  try {
    return await serveInstallation(installation, { config, logger, print })
  } catch (error) {
    await installation.close()
    throw error
  }
}

async function serveInstallation(
  installation: Installation,
  { config, logger, print }: ServeOptions,
): Promise<RunningServer> {
  const { db } = installation
  if (config.declaration) await applyDeclaration(db, config.declaration, 'config')
  const options = await readProcessOptions(config, db, logger)
  const app = await openApp(options)
  const onError = (error: unknown): void => logger.error({ err: error }, 'background work failed')
  const { backgroundWork, exportFolder } = options
  const upkeep = backgroundWork ? startUpkeep({ db, exportFolder, onError }) : undefined
  const address = await listen(app, config)
  if (!config.declaration) await firstStart(db, address, print)
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    await closeHttp(app, config.limits.shutdownTimeoutMs)
    await upkeep?.stop()
    await installation.close()
  }
  return {
    address,
    reload: async (next) => {
      if (next.declaration) await applyDeclaration(db, next.declaration, 'config')
      app.credentials.forget()
    },
    stop: () => (stopped ??= stop()),
  }
}

/**
 * Closes the application. A connection that was busy when the close began is idle after its answer, and its client
 * would keep the server open; one whose client never ends its request is cut after the time that a stop may wait.
 */
async function closeHttp({ http, close }: App, shutdownTimeoutMs: number): Promise<void> {
  const idle = setInterval(() => http.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
  const late = setTimeout(() => http.server.closeAllConnections(), shutdownTimeoutMs)
  try {
    await close()
  } finally {
    clearInterval(idle)
    clearTimeout(late)
  }
}

async function listen(app: App, config: ServerConfig): Promise<string> {
  const { host, port } = config
  try {
    await app.http.listen({ host, port })
  } catch (error) {
    await app.close()
    if (error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE') {
      const detail = `Port ${port} of ${host} is taken: stop what listens there or set PORT.`
      throw new CdpError('CDP_PORT_IN_USE', { detail, cause: error })
    }
    throw error
  }
  const listening = app.http.server.address()
  const actualPort = typeof listening === 'object' && listening ? listening.port : port
  return addressOf(config, actualPort)
}
