import { deliver } from './delivery.ts'
import type { DeliveryOptions, Outcome } from './delivery.ts'
import type { Problem } from './generated/types.gen.ts'
import { eventItem, profileItem } from './items.ts'
import type { Facts, Item, Kind, TrackOptions, Who } from './items.ts'
import { WaitingItems } from './waiting-items.ts'

/** An item that the server does not take, however often it is sent. */
export interface Refused {
  kind: Kind
  /** What was sent. */
  item: unknown
  /** Why not. */
  problem: Partial<Problem>
}

/** An item that nobody has an answer for: given up, or never sent. */
export interface Lost {
  kind: Kind
  item: unknown
  cause: unknown
}

/** How a tracker works. Only `url` and `key` must be said. */
export interface TrackerOptions extends Partial<Omit<DeliveryOptions, 'url' | 'key'>> {
  url: DeliveryOptions['url']
  key: DeliveryOptions['key']
  /** How long an item waits for others. */
  flushAfterMs?: number
  /** Items and bytes of one request. */
  batchItemsMax?: number
  batchBytesMax?: number
  /** Items that may wait; what comes above that is lost. */
  queueItemsMax?: number
  onRefused?: (refused: Refused) => void
  onLost?: (lost: Lost) => void
}

/** Collects what a server has to say, and sends it in the order in which it was said. */
export interface Tracker {
  /** Says that somebody did something. @throws TypeError what cannot be sent: nobody named, no JSON, a closed tracker */
  track(who: Who, name: string, properties?: Record<string, unknown>, options?: TrackOptions): void
  /** Says what is known of somebody. @throws TypeError as `track` */
  identify(who: Who, facts?: Facts): void
  /** Sends what waits now. @returns once each of it is stored, refused or lost */
  flush(): Promise<void>
  /** Takes nothing more and sends what waits. @param timeoutMs after that the rest is lost */
  close(timeoutMs?: number): Promise<void>
  /** Items without an answer. */
  readonly waiting: number
}

const DEFAULTS = {
  flushAfterMs: 1_000,
  batchItemsMax: 500,
  batchBytesMax: 512 * 1_024,
  queueItemsMax: 10_000,
  attemptsMax: 10,
  timeoutMs: 30_000,
  pauseMs: 250,
  pauseMsMax: 30_000,
}

const CLOSE_TIMEOUT_MS = 30_000

/**
 * Opens a tracker. It holds the process open only while something waits.
 * @example
 * const tracker = openTracker({ url: 'http://127.0.0.1:4100', key: process.env.TRIBUTARY_KEY })
 * tracker.identify({ userId: '42' }, { attributes: { firstName: 'Ana' } })
 * tracker.track({ userId: '42' }, 'Order Completed', { total: 12.5 })
 * await tracker.close()
 */
export function openTracker(options: TrackerOptions): Tracker {
  const settings = { ...DEFAULTS, fetch: globalThis.fetch, ...givenOf(options) }
  const giveUp = new AbortController()
  const items = new WaitingItems(settings, async (batch) =>
    tell(options, batch, await deliver(settings, batch, giveUp.signal)),
  )
  let isClosed = false
  const add = (item: Item): void => {
    if (isClosed) throw new TypeError('the tracker is closed')
    if (!items.add(item)) call(options.onLost, { ...shown(item), cause: new Error('too many items wait') })
  }
  const close = async (timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> => {
    isClosed = true
    const limit = setTimeout(() => giveUp.abort(new Error('the tracker was closed')), timeoutMs)
    await items.flush()
    clearTimeout(limit)
  }
  return {
    track: (who, name, properties = {}, more = {}) => add(eventItem(who, name, properties, more)),
    identify: (who, facts = {}) => add(profileItem(who, facts)),
    flush: () => items.flush(),
    close,
    get waiting() {
      return items.length
    },
  }
}

/** Options that were said: an option that is undefined has its default. */
function givenOf(options: TrackerOptions): TrackerOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as unknown as TrackerOptions
}

function tell(
  { onRefused, onLost }: TrackerOptions,
  batch: readonly Item[],
  outcomes: readonly Outcome[],
): void {
  for (const [index, item] of batch.entries()) {
    const outcome = outcomes[index]
    if (outcome?.state === 'refused') call(onRefused, { ...shown(item), problem: outcome.problem })
    if (outcome?.state === 'lost') call(onLost, { ...shown(item), cause: outcome.cause })
  }
}

/** What a listener throws is nobody's here to catch, and must not keep the other items from being told or sent. */
function call<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

function shown({ kind, text }: Item): { kind: Kind; item: unknown } {
  return { kind, item: JSON.parse(text) as unknown }
}
