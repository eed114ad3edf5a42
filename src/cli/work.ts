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
  // As for the server: only here.
  const starting = import('../worker.ts').then(({ startWorker }) => startWorker(config, log.logger))
  stopOnSignals(starting, config, log)
  await starting
  log.logger.info('ready')
  process.stdout.write('Tributary works in the background\n')
}
