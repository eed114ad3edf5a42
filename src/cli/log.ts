import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { ServerConfig } from '../config.ts'

/** Log lines are written in blocks of this size or after this time; a stop writes what is left. */
const LOG_BUFFER_BYTES = 4_096
const LOG_FLUSH_EVERY_MS = 200
const LOG_FLUSH_TIMEOUT_MS = 1_000

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

/** The logger, and how to write what it holds back before the process ends. */
export interface Log {
  logger: Logger
  flush: () => Promise<void>
}

/** Where a log goes; `stderr` for commands whose output is read by people and programs, and then only what is wrong. */
export type LogTarget = 'stdout' | 'stderr'

/** Opens the log of a process. */
export function openLog(config: Pick<ServerConfig, 'logLevel'>, target: LogTarget): Log {
  const dest = target === 'stdout' ? 1 : 2
  const destination = pino.destination({ dest, sync: false, minLength: LOG_BUFFER_BYTES })
  const flush = setInterval(() => destination.flush(), LOG_FLUSH_EVERY_MS)
  flush.unref()
  const redact = { paths: REDACTED, censor: '[redacted]' }
  const serializers = { err: describeError }
  const level = target === 'stdout' ? config.logLevel : 'warn'
  const logger = pino({ level, redact, serializers, base: null }, destination)
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
