import { post } from './server-harness.ts'

/** Calls that are under way at the same time. */
const CALLERS = 8

/** Events of one call. */
const EVENTS_PER_CALL = 5

/** People the events are about: few, so that calls meet each other. */
const PEOPLE = 40

/** What became of a call. */
export type CallOutcome = 'stored' | 'refused' | 'lost'

/**
 * Calls that send numbered events, each call with an Idempotency-Key of its own, and what is known of each. A call
 * that got no answer may be stored or not; the same call again must not store it twice.
 */
export class Load {
  readonly outcomes = new Map<number, CallOutcome>()
  /** Answers other than success, by status. */
  readonly refusals = new Map<number, number>()
  #next = 0
  #stopped = false
  #callers: Promise<void>[] = []

  /** Starts calling; `address` is asked before each call, because a restarted server has another port. */
  start(address: () => string): void {
    this.#stopped = false
    this.#callers = Array.from({ length: CALLERS }, () => this.#call(address))
  }

  /** Ends after the calls that are under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#callers)
  }

  /** Sends every call again that is not known to be stored, until it is. */
  async finish(address: string): Promise<void> {
    for (const [number, outcome] of this.outcomes) if (outcome !== 'stored') await this.#send(address, number)
  }

  /** Calls that ended this way. */
  count(outcome: CallOutcome): number {
    return [...this.outcomes.values()].filter((given) => given === outcome).length
  }

  /** Numbers of the events of the calls that were answered with success. */
  get storedEvents(): number[] {
    return [...this.outcomes].flatMap(([number, outcome]) => (outcome === 'stored' ? eventsOf(number) : []))
  }

  async #call(address: () => string): Promise<void> {
    while (!this.#stopped) {
      const number = this.#next++
      await this.#send(address(), number)
    }
  }

  async #send(address: string, number: number): Promise<void> {
    const events = eventsOf(number).map((index) => ({
      userId: `person-${index % PEOPLE}`,
      eventName: 'Load',
      eventData: { index },
    }))
    this.outcomes.set(number, 'lost')
    try {
      const reply = await post(address, 'bulk-events', { events }, { 'idempotency-key': `call-${number}` })
      this.outcomes.set(number, reply.status === 201 ? 'stored' : 'refused')
      if (reply.status !== 201) this.refusals.set(reply.status, (this.refusals.get(reply.status) ?? 0) + 1)
    } catch {
      // The connection was refused or broke: nobody knows. A pause, so that a dead server is not hammered.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function eventsOf(number: number): number[] {
  return Array.from({ length: EVENTS_PER_CALL }, (_, index) => number * EVENTS_PER_CALL + index)
}

/** The numbers of all stored events, sorted; one that is stored twice is in it twice. */
export const STORED_EVENTS_SQL = `select (properties->>'index')::int as index from event where name = 'Load' order by 1`
