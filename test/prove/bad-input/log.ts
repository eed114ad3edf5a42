import { pino } from 'pino'
import type { Logger } from 'pino'
import type { Reached } from './judge.ts'

/** A log in memory, searched line by line as it comes. */
export interface SearchedLog {
  logger: Logger
  lines: () => number
  /** The operation that the request with this trace id reached; undefined until its line is there. */
  reachedBy: (traceId: string) => Reached | undefined
  /** Lines that hold a secret or tell of a failure inside, shortened. */
  complaints: string[]
  /** Forgets what requests reached, not what was found. */
  forget: () => void
}

const ERROR = 50

/** Opens the log. @param secrets no line may hold them; asked for at each line, because they are made after the log */
export function openSearchedLog(secrets: () => readonly string[]): SearchedLog {
  const reached = new Map<string, Reached>()
  const complaints: string[] = []
  let lines = 0
  const write = (line: string): void => {
    lines++
    const entry = JSON.parse(line) as Reached & { traceId?: string; level: number; msg?: string }
    if (entry.msg === 'request' && entry.traceId !== undefined) reached.set(entry.traceId, entry)
    if (entry.level >= ERROR || secrets().some((secret) => line.includes(secret)))
      complaints.push(line.slice(0, 2_000))
  }
  return {
    logger: pino({ level: 'debug' }, { write }),
    lines: () => lines,
    reachedBy: (traceId) => reached.get(traceId),
    complaints,
    forget: () => reached.clear(),
  }
}
