import type { ServerConfig } from '../config.ts'
import type { CommandLine } from './command-line.ts'
import type { Log } from './log.ts'
import { stopOnSignals } from './until-signalled.ts'

/** Adds `tributary work`. */
export function addWork({ program, run }: CommandLine): void {
  program
    .command('work')
    .description('do the background work in a process of its own, beside servers that leave it to this one')
    .action(() => run(runWorker))
}

async function runWorker(config: ServerConfig, log: Log): Promise<void> {
  const { logger } = log
  const waiting = new AbortController()
  // As for the server: only here.
  const starting = import('../worker.ts').then(({ startWorker }) =>
    startWorker(config, logger, waiting.signal),
  )
  stopOnSignals(starting, config, log, () => waiting.abort())
  try {
    await starting
  } catch (error) {
    if (!waiting.signal.aborted) throw error
    logger.info('stopped')
    return
  }
  logger.info('ready')
  process.stdout.write('Tributary works in the background\n')
}
