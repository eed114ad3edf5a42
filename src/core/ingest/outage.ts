/** How long an outage of the database is waited out before callers get 503, milliseconds. */
const PATIENCE_MS = 3_000

/**
 * An outage of the database, as all flushers of a process know it: what one has waited out, callers of another need not
 * wait out again.
 */
export class Outage {
  #sinceMs: number | undefined
  readonly #onLong: (cause: unknown) => void

  /** @param onLong told of each failure once callers have waited for long enough */
  constructor(onLong: (cause: unknown) => void) {
    this.#onLong = onLong
  }

  /** The database did not answer. @returns whether callers have waited for long enough */
  note(cause: unknown): boolean {
    this.#sinceMs ??= performance.now()
    const isLong = performance.now() - this.#sinceMs > PATIENCE_MS
    if (isLong) this.#onLong(cause)
    return isLong
  }

  /** The database answered. */
  end(): void {
    this.#sinceMs = undefined
  }
}
