import type { ServerConfig } from '../config.ts'
import { fail } from './command-line.ts'
import type { Log } from './log.ts'

/** How long the write path and PostgreSQL may take to end after the last connection was cut. */
const STOP_GRACE_MS = 15_000

/** Something that runs until it is stopped. */
interface Stoppable {
  stop(): Promise<void>
}

/**
 * Stops a process on SIGINT and SIGTERM, also while it starts: the database must not be left without its server.
 * Ctrl-C may come twice, from the terminal and from npm: both mean the same stop.
 * @param onSignal called first; for a start that waits for something else
 */
export function stopOnSignals(
  starting: Promise<Stoppable>,
  config: ServerConfig,
  log: Log,
  onSignal: () => void = () => undefined,
): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      onSignal()
      void stop(starting, config, log)
    })
}

async function stop(
  starting: Promise<Stoppable>,
  config: ServerConfig,
  { logger, flush }: Log,
): Promise<void> {
  const late = setTimeout(() => {
    logger.error('the process did not stop in time')
    void flush().finally(() => process.exit(1))
  }, config.limits.shutdownTimeoutMs + STOP_GRACE_MS)
  late.unref()
  const running = await starting.catch(() => undefined)
  // The start failed: `run` says why and sets the exit code.
  if (!running) return
  try {
    await running.stop()
    logger.info('stopped')
  } catch (error) {
    logger.error({ err: error }, 'the process did not stop cleanly')
    fail(error)
  } finally {
    await flush()
    // What the process still holds (the terminal, timers of libraries) must not keep it.
    process.exit(process.exitCode ?? 0)
  }
}
