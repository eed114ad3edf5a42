import type { Item } from './items.ts'

/** How items are collected. */
interface Collecting {
  flushAfterMs: number
  batchItemsMax: number
  batchBytesMax: number
  queueItemsMax: number
}

/** Items that wait for what becomes of them, in the order in which they came; one batch is under way at a time. */
export class WaitingItems {
  readonly #settings: Collecting
  readonly #send: (batch: readonly Item[]) => Promise<void>
  readonly #queue: Item[] = []
  /** Who waits until so many items are settled, in the order of their ends. */
  readonly #waiters: { end: number; resolve: () => void }[] = []
  #settled = 0
  #isSending = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param send settles a batch, whatever becomes of it */
  constructor(settings: Collecting, send: (batch: readonly Item[]) => Promise<void>) {
    this.#settings = settings
    this.#send = send
  }

  get length(): number {
    return this.#queue.length
  }

  /** @returns false when too many wait already, and this one was not taken */
  add(item: Item): boolean {
    if (this.#queue.length >= this.#settings.queueItemsMax) return false
    this.#queue.push(item)
    if (this.#queue.length >= this.#settings.batchItemsMax) this.#start()
    else if (!this.#isSending) this.#timer ??= setTimeout(() => this.#start(), this.#settings.flushAfterMs)
    return true
  }

  /** Sends at once. @returns when what waits now is settled: under steady traffic there is always something that waits */
  flush(): Promise<void> {
    const end = this.#settled + this.#queue.length
    if (this.#settled >= end) return Promise.resolve()
    this.#start()
    return new Promise((resolve) => this.#waiters.push({ end, resolve }))
  }

  #start(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#isSending) void this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    try {
      while (this.#queue.length > 0) {
        const batch = this.#queue.slice(0, batchLength(this.#queue, this.#settings))
        await this.#send(batch)
        // They count as waiting until it is known what became of them.
        this.#queue.splice(0, batch.length)
        this.#settled += batch.length
        while ((this.#waiters[0]?.end ?? Infinity) <= this.#settled) this.#waiters.shift()?.resolve()
      }
    } finally {
      // In the same breath as the last look at the queue: what comes after it begins anew.
      this.#isSending = false
    }
  }
}

/** How many of the first items go together: of one kind, so that the order stays what it was. */
function batchLength(
  queue: readonly Item[],
  { batchItemsMax, batchBytesMax }: { batchItemsMax: number; batchBytesMax: number },
): number {
  let bytes = 0
  const end = queue.findIndex((item, index) => {
    bytes += item.bytes
    return index === batchItemsMax || item.kind !== queue[0]?.kind || (index > 0 && bytes > batchBytesMax)
  })
  return end === -1 ? queue.length : end
}
