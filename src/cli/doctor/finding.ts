/** `warning`: works, and will not for ever. `fault`: something does not work, or is not safe. */
export type Level = 'ok' | 'warning' | 'fault'

/** What one check found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  check: string
  level: Level
  message: string
  /** What to do; there for whatever is not `ok`. */
  fix?: string
}

/** Nothing to do. */
export function ok(check: string, message: string): Finding {
  return { check, level: 'ok', message }
}

/** Works, and will not for ever. */
export function warning(check: string, message: string, fix: string): Finding {
  return { check, level: 'warning', message, fix }
}

/** Does not work, or is not safe. */
export function fault(check: string, message: string, fix: string): Finding {
  return { check, level: 'fault', message, fix }
}

/** The sentence of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
