import type { Instant } from '../../lib/time.ts'
import type { BatchItem, LiveBatch } from '../../storage/batch-items.ts'
import type { LiveItem } from './items.ts'

/** What a subscriber wants; what is left out does not matter. */
export interface LiveFilter {
  dialect?: string | undefined
  /** Name of the event, reason of the rejection. */
  name?: string | undefined
  outcome?: 'accepted' | 'rejected' | undefined
}

/**
 * What a subscriber is told. `batch` stands on the last message of a flush only, so that whoever comes back with it
 * missed nothing: a flush that was cut in the middle is given again from its start.
 */
export type LiveMessage =
  | { type: 'item'; item: LiveItem; batch: number | undefined }
  /** So many were left out: more than a subscriber gets, too long to be shown, or gone by now. */
  | { type: 'skipped'; count: number; batch: number | undefined }
  /** What came before this instant cannot be given again. */
  | { type: 'gap'; from: Instant }

/** Gives a subscriber a message, and returns at once. @returns how long it was, bytes; 0 when nobody is there any more */
export type SendMessage = (message: LiveMessage) => number

/** Items that one subscriber gets in a second. */
const ITEMS_PER_SECOND = 50

/** After so many bytes nothing more is given in the same second. */
const BYTES_PER_SECOND = 1024 ** 2

/** The same of what it missed, all together. */
const MISSED_BYTES_MAX = 4 * 1024 ** 2

const SECOND_MS = 1_000

/** An item that a subscriber gets, and the flush that it ends. */
export interface Chosen {
  item: BatchItem
  batch: number | undefined
}

/** One who watches a workspace: filters, and bounds what it gets. */
export class Subscriber {
  readonly workspaceId: number
  /** The last flush that it has seen, as it says itself; `NaN` for something that is no number. */
  readonly lastBatch: number | undefined
  readonly #filter: LiveFilter
  readonly #send: SendMessage
  #windowEndsMs = 0
  #sent = 0
  #bytes = 0
  #skipped = 0
  /** The flush that is behind it once what was taken is delivered. */
  #endedBatch: number | undefined

  constructor(options: {
    workspaceId: number
    filter: LiveFilter
    lastBatch: number | undefined
    send: SendMessage
  }) {
    this.workspaceId = options.workspaceId
    this.lastBatch = options.lastBatch
    this.#filter = options.filter
    this.#send = options.send
  }

  /** What it wants of a flush. */
  wanted({ items }: LiveBatch): BatchItem[] {
    const { dialect, name, outcome } = this.#filter
    return items.filter(
      (item) =>
        (dialect === undefined || item.dialect === dialect) &&
        (name === undefined || item.name === name) &&
        (outcome === undefined || (item.kind === 'rejection') === (outcome === 'rejected')),
    )
  }

  /** What it gets of a flush; the rest is counted. @param nowMs of a clock that only goes forward */
  take(batch: LiveBatch, nowMs: number): Chosen[] {
    this.tellSkipped(nowMs)
    const wanted = this.wanted(batch)
    const taken = wanted.slice(0, Math.max(0, ITEMS_PER_SECOND - this.#sent))
    this.#sent += taken.length
    this.#skipped += wanted.length - taken.length
    this.#endedBatch = batch.number
    return marked(taken, batch.number)
  }

  /** Tells, once a second is over, how many were left out in it. What was taken before is delivered. */
  tellSkipped(nowMs: number): void {
    if (nowMs < this.#windowEndsMs) return
    if (this.#skipped > 0) this.#send({ type: 'skipped', count: this.#skipped, batch: this.#endedBatch })
    this.#windowEndsMs = nowMs + SECOND_MS
    this.#sent = 0
    this.#bytes = 0
    this.#skipped = 0
  }

  /** Gives what was taken, in its order, as far as the second's bytes reach; what is left out, or not found, is counted. */
  deliver(chosen: readonly Chosen[], found: ReadonlyMap<string, LiveItem>): void {
    this.#give(chosen, found, BYTES_PER_SECOND)
  }

  /** Whether more of what it missed fits. */
  get hasRoomForMissed(): boolean {
    return this.#bytes < MISSED_BYTES_MAX
  }

  /** Gives what it missed, as {@link deliver}. */
  deliverMissed(chosen: readonly Chosen[], found: ReadonlyMap<string, LiveItem>): void {
    this.#give(chosen, found, MISSED_BYTES_MAX)
    this.#endedBatch = chosen.at(-1)?.batch ?? this.#endedBatch
  }

  #give(chosen: readonly Chosen[], found: ReadonlyMap<string, LiveItem>, bytesMax: number): void {
    for (const { item, batch } of chosen) {
      const row = this.#bytes < bytesMax ? found.get(item.id) : undefined
      if (row) this.#bytes += this.#send({ type: 'item', item: row, batch })
      else this.#skipped++
    }
  }

  /** Tells that older flushes cannot be given again. */
  tellGap(from: Instant): void {
    this.#send({ type: 'gap', from })
  }
}

/** The last item of a flush carries its number. */
export function marked(items: readonly BatchItem[], batch: number): Chosen[] {
  return items.map((item, index) => ({ item, batch: index === items.length - 1 ? batch : undefined }))
}
