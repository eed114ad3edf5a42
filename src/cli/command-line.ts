import { Command, CommanderError } from 'commander'
import { EXIT_STATUSES, exitCodeOf, readConfig } from '../config.ts'
import type { Flags, ServerConfig } from '../config.ts'
import { CdpError } from '../model/errors.ts'
import { openLog } from './log.ts'
import type { Log, LogTarget } from './log.ts'
import { readProductVersion } from './product-version.ts'

/** What a command does, once the configuration is read. */
export type Run = (config: ServerConfig, log: Log) => Promise<void>

/** The command line that commands are added to. */
export interface CommandLine {
  program: Command
  /** The options that stand before the command. */
  flags(): Flags
  /** Reads the configuration and runs a command; a failure is one sentence on stderr and a documented exit code. */
  run(command: Run, target?: LogTarget): Promise<void>
}

/** Opens the command line with the options that every command has. */
export function openCommandLine(): CommandLine {
  const program = new Command('tributary')
    .description(
      'A self-hosted customer data platform that speaks the public APIs of five engagement vendors.',
    )
    .version(readProductVersion(), '--version', 'print the version of this release')
    .option('--config <file>', 'JSON configuration file (TRIBUTARY_CONFIG)')
    .option('--data-dir <folder>', 'data directory (TRIBUTARY_DATA_DIR)')
    .option('--host <address>', 'address to listen on (HOST)')
    .option('--port <number>', 'port to listen on (PORT)')
    .showHelpAfterError('Commands and options: --help')
    // Wrong usage has an exit code of its own; commander would end the process with 1. Commands inherit this.
    .exitOverride()
  const flags = (): Flags => program.opts<Flags>()
  const run = async (command: Run, target: LogTarget = 'stdout'): Promise<void> => {
    try {
      const config = await readConfig(flags())
      const log = openLog(config, target)
      try {
        await command(config, log)
      } finally {
        await log.flush()
      }
    } catch (error) {
      fail(error)
    }
  }
  return { program, flags, run }
}

/** What loads a command: gives the function that adds it. */
export type LoadCommand = () => Promise<(commandLine: CommandLine) => void>

/**
 * Runs what the arguments of the process say.
 * @param commands by name, in the order of the help; only the one that is called is loaded
 */
export async function parse(
  commandLine: CommandLine,
  commands: ReadonlyMap<string, LoadCommand>,
): Promise<void> {
  const { program } = commandLine
  try {
    const [name = ''] = program.parseOptions(process.argv.slice(2)).operands
    const called = commands.get(name)
    // commander would take it for an argument of the default command.
    if (!called && !['', 'help'].includes(name)) program.error(`error: unknown command '${name}'`)
    // Help must show all of them.
    for (const load of called ? [called] : commands.values()) (await load())(commandLine)
    await program.parseAsync()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    process.exitCode = error.exitCode === 0 ? EXIT_STATUSES.ok.code : EXIT_STATUSES.usage.code
  }
}

/** Says why a command failed, and sets the exit code. */
export function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = EXIT_STATUSES.usage.code
    return
  }
  const known = error instanceof CdpError
  process.stderr.write(known ? `${error.code}: ${error.message}\n` : `${String(error)}\n`)
  if (!known && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
  process.exitCode = exitCodeOf(error)
}

/** Wrong usage that commander cannot see: says so, and is to be thrown. */
export function usage(message: string): CommanderError {
  process.stderr.write(`error: ${message}\n`)
  return new CommanderError(1, 'tributary.usage', message)
}

/** Gathers the values of an option that may be given many times. */
export function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value]
}
