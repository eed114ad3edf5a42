import type { ServerConfig } from '../config.ts'
import type { CommandLine } from './command-line.ts'
import type { Log } from './log.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** What such a command does; it gives up what it has begun once the signal is aborted. */
export type EndableRun = (config: ServerConfig, log: Log, signal: AbortSignal) => Promise<void>

/**
 * Runs a command that a signal ends: what it had begun goes first, and then the process ends as the signal would have
 * ended it, so that whoever started it knows. Its log goes to stderr.
 */
export async function runUntilSignal(run: CommandLine['run'], command: EndableRun): Promise<void> {
  const ending = new AbortController()
  let ended: NodeJS.Signals | undefined
  const end = (signal: NodeJS.Signals): void => {
    ended = signal
    ending.abort(new Error(`ended by ${signal}`))
  }
  for (const signal of SIGNALS) process.on(signal, end)
  await run(async (config, log) => {
    try {
      await command(config, log, ending.signal)
    } catch (error) {
      if (ended === undefined) throw error
    }
  }, 'stderr')
  for (const signal of SIGNALS) process.off(signal, end)
  if (ended !== undefined) process.kill(process.pid, ended)
}
