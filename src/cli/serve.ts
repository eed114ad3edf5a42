import type { Logger } from 'pino'
import { readConfig } from '../config.ts'
import type { Flags, ServerConfig } from '../config.ts'
import type { RunningServer } from '../server.ts'
import type { CommandLine } from './command-line.ts'
import type { Log } from './log.ts'
import { stopOnSignals } from './until-signalled.ts'

/** Adds `tributary serve`, which is what the program does without a command. */
export function addServe({ program, run, flags }: CommandLine): void {
  program
    .command('serve', { isDefault: true })
    .description('start the server in the foreground')
    .action(() => run((config, log) => runServer(config, log, flags)))
}

async function runServer(config: ServerConfig, log: Log, flags: () => Flags): Promise<void> {
  const { logger } = log
  const print = (text: string): boolean => process.stdout.write(`${text}\n`)
  // Imported only here: the other commands do without a fifth of what there is to load.
  const starting = import('../server.ts').then(({ serve }) => serve({ config, logger, print }))
  stopOnSignals(starting, config, log)
  process.on('SIGHUP', () => void reload(starting, flags, logger))
  const server = await starting
  logger.info({ address: server.address }, 'ready')
  process.stdout.write(`Tributary listens on ${server.address}\n`)
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
