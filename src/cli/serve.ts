import type { Logger } from 'pino'
import { readConfig } from '../config.ts'
import type { Flags, ServerConfig } from '../config.ts'
import { serve } from '../server.ts'
import type { RunningServer } from '../server.ts'
import { fail } from './command-line.ts'
import type { CommandLine } from './command-line.ts'
import type { Log } from './log.ts'

/** How long the write path and PostgreSQL may take to end after the last connection was cut. */
const STOP_GRACE_MS = 15_000

/** Adds `tributary serve`, which is what the program does without a command. */
export function addServe({ program, run, flags }: CommandLine): void {
  program
    .command('serve', { isDefault: true })
    .description('start the server in the foreground')
    .action(() => run((config, log) => runServer(config, log, flags)))
}

async function runServer(config: ServerConfig, log: Log, flags: () => Flags): Promise<void> {
  const { logger } = log
  const starting = serve({ config, logger, print: (text) => process.stdout.write(`${text}\n`) })
  // From here on a signal means a stop, also while the database starts: it must not be left without its server.
  // Ctrl-C may come twice, from the terminal and from npm: both mean the same stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void stop(starting, config, log))
  process.on('SIGHUP', () => void reload(starting, flags, logger))
  const server = await starting
  logger.info({ address: server.address }, 'ready')
  process.stdout.write(`Tributary listens on ${server.address}\n`)
}

async function stop(
  starting: Promise<RunningServer>,
  config: ServerConfig,
  { logger, flush }: Log,
): Promise<void> {
  const late = setTimeout(() => {
    logger.error('the server did not stop in time')
    void flush().finally(() => process.exit(1))
  }, config.limits.shutdownTimeoutMs + STOP_GRACE_MS)
  late.unref()
  const server = await starting.catch(() => undefined)
  // The start failed: `run` says why and sets the exit code.
  if (!server) return
  try {
    await server.stop()
    logger.info('stopped')
  } catch (error) {
    logger.error({ err: error }, 'the server did not stop cleanly')
    fail(error)
  } finally {
    await flush()
    // What the process still holds (the terminal, timers of libraries) must not keep it.
    process.exit(process.exitCode ?? 0)
  }
}

async function reload(starting: Promise<RunningServer>, flags: () => Flags, logger: Logger): Promise<void> {
  const server = await starting.catch(() => undefined)
  if (!server) return
  try {
    await server.reload(await readConfig(flags()))
    logger.info('configuration applied')
  } catch (error) {
    logger.error({ err: error }, 'the configuration was not applied')
  }
}
