import { setTimeout as delay } from 'node:timers/promises'
import { now, toRfc3339 } from '../../../src/lib/time.ts'
import { callOf } from './calls.ts'
import type { CallContext, LoadCall } from './calls.ts'

/** What became of a call. `lost`: no answer came, so it may be stored or not. */
export type CallOutcome = 'stored' | 'refused' | 'lost'

/** How many call at the same time, and how long each rests after a call. */
export interface Pace {
  callers?: number
  pauseMs?: number
}

/** A connection that was refused is tried again after a moment, so that a dead server is not hammered. */
const PAUSE_AFTER_LOSS_MS = 100

/** How many calls are sent again at the same time. */
const FINISHERS = 16

/** No call may take longer: it is given up as lost and counted as hung. */
const HUNG_AFTER_MS = 60_000

/**
 * Callers that send calls of every dialect in turn, each call once, and what is known of each. The same call again
 * must not store it twice: `finish` sends what is not known to be stored until it is.
 */
export class MixedLoad {
  readonly outcomes = new Map<number, CallOutcome>()
  /** Answers other than success, by status. */
  readonly refusals = new Map<number, number>()
  /** Answers that no promise allows: a status of 500, a 503 or 429 without Retry-After, a call that hung. */
  readonly offences: string[] = []
  /** How long the calls took that were answered with success, milliseconds. */
  latenciesMs: number[] = []
  readonly context: CallContext
  #next = 0
  #stopped = false
  #callers: Promise<void>[] = []

  constructor(yotpoToken: string) {
    this.context = { yotpoToken, at: toRfc3339(now()) }
  }

  /** Starts calling; `address` is asked before each call, because a restarted server has another port. */
  start(address: () => string, { callers = 8, pauseMs = 0 }: Pace = {}): void {
    this.#stopped = false
    this.#callers = Array.from({ length: callers }, () => this.#keepCalling(address, pauseMs))
  }

  /** Ends after the calls that are under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#callers)
  }

  /** Sends every call again that is not known to be stored, until it is. @throws Error when one never is */
  async finish(address: string): Promise<void> {
    for (let tries = 0; this.count('stored') < this.outcomes.size; tries++) {
      if (tries === 50) throw new Error(`calls are refused for ever: ${JSON.stringify([...this.refusals])}`)
      const waiting = this.numbersOf((outcome) => outcome !== 'stored').values()
      const work = async (): Promise<void> => {
        for (const number of waiting) await this.#send(address, number)
      }
      await Promise.all(Array.from({ length: FINISHERS }, work))
    }
  }

  /** Calls that ended this way. */
  count(outcome: CallOutcome): number {
    return this.numbersOf((given) => given === outcome).length
  }

  /** Numbers of the calls whose outcome is like this. */
  numbersOf(isWanted: (outcome: CallOutcome) => boolean): number[] {
    return [...this.outcomes].flatMap(([number, outcome]) => (isWanted(outcome) ? [number] : []))
  }

  /** The call of a number, as it was sent. */
  call(number: number): LoadCall {
    return callOf(number, this.context)
  }

  async #keepCalling(address: () => string, pauseMs: number): Promise<void> {
    while (!this.#stopped) {
      const number = this.#next++
      await this.#send(address(), number)
      if (pauseMs > 0) await delay(pauseMs)
    }
  }

  async #send(address: string, number: number): Promise<void> {
    const call = this.call(number)
    const startedMs = performance.now()
    this.outcomes.set(number, 'lost')
    try {
      const response = await fetch(address + call.path, {
        method: call.method,
        headers: call.headers,
        body: JSON.stringify(call.body),
        signal: AbortSignal.timeout(HUNG_AFTER_MS),
      })
      const text = await response.text()
      this.#judge(number, call, response, text)
      if (response.ok) this.latenciesMs.push(performance.now() - startedMs)
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') this.offences.push(`${call.kind} hung`)
      await delay(PAUSE_AFTER_LOSS_MS)
    }
  }

  #judge(number: number, call: LoadCall, response: Response, text: string): void {
    const { status, headers } = response
    const isStored = response.ok && !/"(refused|failed)"(?!:0)/.test(text)
    this.outcomes.set(number, isStored ? 'stored' : 'refused')
    if (isStored) return
    this.refusals.set(status, (this.refusals.get(status) ?? 0) + 1)
    const isTransient = status === 503 || status === 429
    if (isTransient && Number(headers.get('retry-after')) > 0) return
    // The same call twice at a time, after its first sender was given up.
    if (status === 409 && call.headers['idempotency-key'] !== undefined) return
    this.offences.push(`${call.kind} answered ${status}: ${text.slice(0, 300)}`)
  }
}
