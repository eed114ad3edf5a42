#!/usr/bin/env node
/** The command line. */
import { setTimeout as delay } from 'node:timers/promises'
import { Command, CommanderError } from 'commander'
import { pino } from 'pino'
import type { Logger } from 'pino'
import { runImport } from './cli/import.ts'
import type { ImportOptions } from './cli/import.ts'
import { EXIT_STATUSES, exitCodeOf, readConfig } from './config.ts'
import type { Flags, ServerConfig } from './config.ts'
import { openInstallation } from './installation.ts'
import { CdpError } from './model/errors.ts'
import { serve } from './server.ts'
import type { RunningServer } from './server.ts'

/** Log lines are written in blocks of this size or after this time; a stop writes what is left. */
const LOG_BUFFER_BYTES = 4_096
const LOG_FLUSH_EVERY_MS = 200
const LOG_FLUSH_TIMEOUT_MS = 1_000

/** How long the write path and PostgreSQL may take to end after the last connection was cut. */
const STOP_GRACE_MS = 15_000

// Nothing logs these on purpose; plain paths, because wildcards cost every line of every request.
const REDACTED = [
  'authorization',
  'password',
  'secret',
  'token',
  'connectionString',
  'headers',
  'req.headers',
  'body',
]

const program = new Command('tributary')
  .description('A self-hosted customer data platform that speaks the public APIs of five engagement vendors.')
  .option('--config <file>', 'JSON configuration file (TRIBUTARY_CONFIG)')
  .option('--data-dir <folder>', 'data directory (TRIBUTARY_DATA_DIR)')
  .option('--host <address>', 'address to listen on (HOST)')
  .option('--port <number>', 'port to listen on (PORT)')
  .showHelpAfterError('Commands and options: --help')

program
  .command('serve', { isDefault: true })
  .description('start the server in the foreground')
  .action(() => run(runServer))

program
  .command('migrate')
  .description("bring the database to this version's schema; a running server stays up")
  .action(() => run(runMigrate))

program
  .command('import <file>')
  .description(
    'store the rows of a CSV or JSON lines file, or of stdin (-); may be repeated, stores nothing twice',
  )
  .requiredOption('--workspace <name>', 'name or guid of the workspace')
  .requiredOption('--type <type>', 'what the rows are: profiles, events or transactions')
  .option('--map <target=column>', 'where a column goes; may be given many times', collect, [])
  .option('--set <target=value>', 'a value for every row; may be given many times', collect, [])
  .option('--format <format>', 'csv or jsonl; told by the name of the file when left out')
  .option('--delimiter <character>', 'what separates the cells of a CSV file', ',')
  .option('--dry-run', 'check the rows and store nothing')
  .option('--rejected <file>', 'where refused rows go, with line and reason')
  .action((file: string, options: ImportOptions) =>
    run(async (config, { logger }) => {
      const refused = await runImport(file, options, config, logger)
      if (refused > 0) process.exitCode = EXIT_STATUSES.refused.code
    }),
  )

// A reader of our output that goes away (`| head`) must not take the server with it.
process.stdout.on('error', () => undefined)

await parse()

function collect(value: string, previous: string[]): string[] {
  return [...previous, value]
}

/** Wrong usage has an exit code of its own; commander would end the process with 1. */
async function parse(): Promise<void> {
  for (const command of [program, ...program.commands]) command.exitOverride()
  try {
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? EXIT_STATUSES.ok.code : EXIT_STATUSES.usage.code
  }
}

type Run = (config: ServerConfig, log: Log) => Promise<void>

/** The logger, and how to write what it holds back before the process ends. */
interface Log {
  logger: Logger
  flush: () => Promise<void>
}

/** Reads the configuration and runs a command; a failure is one sentence on stderr and a documented exit code. */
async function run(command: Run): Promise<void> {
  try {
    const config = await readConfig(program.opts<Flags>())
    const log = openLog(config)
    try {
      await command(config, log)
    } finally {
      await log.flush()
    }
  } catch (error) {
    fail(error)
  }
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = EXIT_STATUSES.usage.code
    return
  }
  const known = error instanceof CdpError
  process.stderr.write(known ? `${error.code}: ${error.message}\n` : `${String(error)}\n`)
  if (!known && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
  process.exitCode = exitCodeOf(error)
}

function openLog(config: ServerConfig): Log {
  const destination = pino.destination({ dest: 1, sync: false, minLength: LOG_BUFFER_BYTES })
  const flush = setInterval(() => destination.flush(), LOG_FLUSH_EVERY_MS)
  flush.unref()
  const redact = { paths: REDACTED, censor: '[redacted]' }
  const serializers = { err: describeError }
  const logger = pino({ level: config.logLevel, redact, serializers, base: null }, destination)
  return { logger, flush: () => flushWithin(destination) }
}

/**
 * Writes what the log holds back. Not `flushSync`: that one tries again for ever when the reader of a pipe is gone,
 * and the stop would never end.
 */
async function flushWithin(destination: ReturnType<typeof pino.destination>): Promise<void> {
  const written = new Promise<void>((resolve) => destination.flush(() => resolve()))
  await Promise.race([written, delay(LOG_FLUSH_TIMEOUT_MS, undefined, { ref: false })])
}

/** What a log line holds of an error: not the objects that drivers hang on it, which know statements and values. */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) }
  const code: unknown = Reflect.get(error, 'code')
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) }
  return { type: error.name, code, message: error.message, stack: error.stack, ...cause }
}

async function runServer(config: ServerConfig, log: Log): Promise<void> {
  const { logger } = log
  const starting = serve({ config, logger, print: (text) => process.stdout.write(`${text}\n`) })
  // From here on a signal means a stop, also while the database starts: it must not be left without its server.
  // Ctrl-C may come twice, from the terminal and from npm: both mean the same stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => void stop(starting, config, log))
  process.on('SIGHUP', () => void reload(starting, logger))
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

async function reload(starting: Promise<RunningServer>, logger: Logger): Promise<void> {
  const server = await starting.catch(() => undefined)
  if (!server) return
  try {
    await server.reload(await readConfig(program.opts<Flags>()))
    logger.info('configuration applied')
  } catch (error) {
    logger.error({ err: error }, 'the configuration was not applied')
  }
}

async function runMigrate(config: ServerConfig, { logger }: Log): Promise<void> {
  const installation = await openInstallation(config, 'guest', logger)
  await installation.close()
  const { applied } = installation
  process.stdout.write(applied.length === 0 ? 'Nothing to do.\n' : `Applied: ${applied.join(', ')}.\n`)
}
