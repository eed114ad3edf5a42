import { CdpError } from '../../model/errors.ts'
import type { Answer } from '../../model/command.ts'
import type { PreparedUnit } from './prepared.ts'

/** A unit that waits for its transaction, and who waits for its answer. */
export interface Waiting {
  prepared: PreparedUnit
  enqueuedMs: number
  resolve: (answer: Answer) => void
  reject: (error: CdpError) => void
}

/** Commands that may wait; more are refused with 503, so that memory stays bounded and callers learn of it. */
const QUEUED_COMMANDS_MAX = 20_000

/** Bodies that may wait, bytes: commands alone would not bound memory where each may be megabytes. */
const QUEUED_BYTES_MAX = 256 * 1024 ** 2

/** Commands of one transaction: above this latency grows and throughput does not. */
const FLUSH_COMMANDS_MAX = 1_000

/** From this part of either bound on a large unit has little chance: a thousand commands are a twentieth of them. */
const CROWDED_SHARE = 0.9

/**
 * A transaction of up to this many commands is over soon; while one runs, another begins only once half as many wait.
 * Otherwise whoever is free takes the first few that arrive, and the cost of a transaction is paid for each few.
 */
const SOON_OVER_COMMANDS_MAX = 256

/** How far behind a blocked unit the queue looks for one that may go first. */
const LOOKAHEAD_UNITS_MAX = 4_000

/**
 * The units that wait for a flusher. A flusher takes what waits, whole units until 1,000 commands, without a
 * timer. A unit whose identifiers another flusher works on waits, and whatever shares identifiers with it waits
 * behind it, so that writes about one person stay in order.
 */
export class IngestQueue {
  #waiting: Waiting[] = []
  #commands = 0
  #bytes = 0
  #commandsInFlight = 0
  readonly #inFlight = new Set<string>()
  readonly #wakers: (() => void)[] = []
  #closed = false

  /** Adds a unit. @throws CDP_OVERLOADED too much waits already; CDP_SHUTTING_DOWN */
  add(item: Waiting): void {
    if (this.#closed) throw new CdpError('CDP_SHUTTING_DOWN', { retryAfterSeconds: 5 })
    const commands = weight(item)
    const { bytes } = item.prepared.unit
    const fits = this.#commands + commands <= QUEUED_COMMANDS_MAX && this.#bytes + bytes <= QUEUED_BYTES_MAX
    if (this.#commands > 0 && !fits) {
      throw new CdpError('CDP_OVERLOADED', { retryAfterSeconds: 1 })
    }
    this.#waiting.push(item)
    this.#commands += commands
    this.#bytes += bytes
    this.#wakers.shift()?.()
  }

  /** How many commands wait. */
  get commands(): number {
    return this.#commands
  }

  /** Whether nothing more is taken. */
  get isFull(): boolean {
    return this.#closed || this.#commands >= QUEUED_COMMANDS_MAX || this.#bytes >= QUEUED_BYTES_MAX
  }

  /** Whether nearly nothing more is taken. */
  get isCrowded(): boolean {
    return (
      this.#commands >= QUEUED_COMMANDS_MAX * CROWDED_SHARE || this.#bytes >= QUEUED_BYTES_MAX * CROWDED_SHARE
    )
  }

  /** The units of the next transaction; waits for some. Undefined once the queue is closed and empty. */
  async take(): Promise<Waiting[] | undefined> {
    for (;;) {
      const taken = this.#isWorthwhile ? this.#takeUnblocked() : []
      if (taken.length > 0) return taken
      if (this.#closed && this.#waiting.length === 0) return undefined
      await new Promise<void>((resolve) => this.#wakers.push(resolve))
    }
  }

  /** Gives the identifiers of a finished transaction free for the other flusher. */
  release(items: readonly Waiting[]): void {
    for (const { prepared } of items) for (const key of prepared.keys) this.#inFlight.delete(key)
    for (const item of items) this.#commandsInFlight -= weight(item)
    this.#wakeAll()
  }

  /** Takes out whatever waits and refuses it. */
  refuseWaiting(error: CdpError): void {
    const refused = this.#waiting.splice(0)
    this.#commands = 0
    this.#bytes = 0
    for (const item of refused) item.reject(error)
    this.#wakeAll()
  }

  /** Takes no more units; those that wait are still handed out. */
  close(): void {
    this.#closed = true
    this.#wakeAll()
  }

  get #isWorthwhile(): boolean {
    const running = this.#commandsInFlight
    return running > SOON_OVER_COMMANDS_MAX || this.#commands * 2 >= running || this.#closed
  }

  #wakeAll(): void {
    for (const wake of this.#wakers.splice(0)) wake()
  }

  #takeUnblocked(): Waiting[] {
    const taken: Waiting[] = []
    const left: Waiting[] = []
    const blocked = new Set<string>()
    let commands = 0
    let position = 0
    for (; position < this.#waiting.length && position < LOOKAHEAD_UNITS_MAX; position++) {
      const item = this.#waiting[position]
      if (!item) continue
      if (commands > 0 && commands + weight(item) > FLUSH_COMMANDS_MAX) break
      if (item.prepared.keys.some((key) => this.#inFlight.has(key) || blocked.has(key))) {
        for (const key of item.prepared.keys) blocked.add(key)
        left.push(item)
      } else {
        taken.push(item)
        commands += weight(item)
      }
    }
    if (taken.length === 0) return taken
    this.#waiting = [...left, ...this.#waiting.slice(position)]
    this.#commands -= commands
    this.#commandsInFlight += commands
    for (const { prepared } of taken) this.#bytes -= prepared.unit.bytes
    for (const { prepared } of taken) for (const key of prepared.keys) this.#inFlight.add(key)
    return taken
  }
}

/** What a unit weighs in the queue; one that only drops items still costs a place. */
function weight({ prepared }: Waiting): number {
  return Math.max(1, prepared.commands.length)
}
