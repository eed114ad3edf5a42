import { CdpError } from '../../model/errors.ts'
import { findHorizon, findLiveBatches } from '../../storage/batch-items.ts'
import type { BatchPlace, LiveBatch } from '../../storage/batch-items.ts'
import type { Database } from '../../storage/db.ts'
import { readItems } from './items.ts'
import { PAGE_LENGTH, replay } from './replay.ts'
import { Subscriber } from './subscriber.ts'
import type { Chosen, LiveFilter, SendMessage } from './subscriber.ts'

export type { LiveFilter, LiveMessage } from './subscriber.ts'

/** Watchers of one workspace in one process. */
const SUBSCRIBERS_MAX = 20

/** Whom to tell of what. */
export interface Subscription {
  workspaceId: number
  filter: LiveFilter
  /** The last flush that the subscriber saw, as a number; undefined for one that begins. */
  lastBatch: number | undefined
  /** False: it is told what it missed, and that is all. */
  follows: boolean
  send: SendMessage
  /** Called once the place is known from where on it is told: whatever is committed after that it gets. */
  onJoined: () => void
  /** Called when the server ends the subscription. */
  onEnd: () => void
}

/** The live stream of one process. It reads what was committed by any process, and nothing while nobody watches. */
export interface Live {
  /** Begins to tell. @returns ends it @throws CDP_RATE_LIMITED the workspace has its subscribers already; CDP_SHUTTING_DOWN */
  subscribe(subscription: Subscription): () => void
  /** Reads and tells what is new. One call at a time. @returns whether there is more at once */
  poll(): Promise<boolean>
  /** Ends every subscription. */
  close(): void
}

/** A subscription while it lasts; `joinedAt` is from where on it is told. */
interface Entry extends Pick<Subscription, 'onJoined' | 'onEnd' | 'follows'> {
  joinedAt: BatchPlace | undefined
}

/** Opens the live stream over a database. */
export function openLive(db: Database): Live {
  const entries = new Map<Subscriber, Entry>()
  let position: BatchPlace | undefined
  let isClosed = false
  const subscribe = ({ onJoined, onEnd, follows, ...options }: Subscription): (() => void) => {
    if (isClosed) throw new CdpError('CDP_SHUTTING_DOWN', { retryAfterSeconds: 1 })
    const watching = [...entries.keys()].filter(({ workspaceId }) => workspaceId === options.workspaceId)
    if (watching.length >= SUBSCRIBERS_MAX) throw new CdpError('CDP_RATE_LIMITED', { retryAfterSeconds: 5 })
    const subscriber = new Subscriber(options)
    entries.set(subscriber, { onJoined, onEnd, follows, joinedAt: undefined })
    return () => void entries.delete(subscriber)
  }
  // What lies before the place where a subscriber joined is replayed to it, or none of its business.
  const join = async (horizon: BatchPlace): Promise<void> => {
    for (const [subscriber, entry] of entries) {
      if (entry.joinedAt) continue
      await replay(db.background, subscriber, horizon.xid)
      entry.joinedAt = horizon
      entry.onJoined()
      if (entry.follows) continue
      entries.delete(subscriber)
      entry.onEnd()
    }
  }
  const poll = async (): Promise<boolean> => {
    if (entries.size === 0) {
      position = undefined
      return false
    }
    const horizon = { xid: await findHorizon(db.background), number: 0 }
    await join(horizon)
    const batches = await findLiveBatches(db.background, {
      after: (position ??= horizon),
      beforeXid: horizon.xid,
      workspaceIds: [...new Set([...entries.keys()].map(({ workspaceId }) => workspaceId))],
      since: 0,
      limit: PAGE_LENGTH,
    })
    const watchers = [...entries].map(([subscriber, { joinedAt = horizon }]) => ({ subscriber, joinedAt }))
    for (const own of byWorkspace(watchers)) await tell(db, own, batches)
    const hasMore = batches.length === PAGE_LENGTH
    position = (hasMore && batches.at(-1)) || horizon
    return hasMore
  }
  const close = (): void => {
    isClosed = true
    for (const { onEnd } of entries.values()) onEnd()
    entries.clear()
  }
  return { subscribe, poll, close }
}

/** A subscriber, and from where on it is told. */
interface Watcher {
  subscriber: Subscriber
  joinedAt: BatchPlace
}

function byWorkspace(watchers: readonly Watcher[]): Watcher[][] {
  const groups = new Map<number, Watcher[]>()
  for (const watcher of watchers) {
    const group = groups.get(watcher.subscriber.workspaceId) ?? []
    group.push(watcher)
    groups.set(watcher.subscriber.workspaceId, group)
  }
  return [...groups.values()]
}

/** Gives the watchers of one workspace what they get of these flushes; each row is read once for all of them. */
async function tell(
  db: Database,
  watchers: readonly Watcher[],
  batches: readonly LiveBatch[],
): Promise<void> {
  const nowMs = performance.now()
  const workspaceId = watchers[0]?.subscriber.workspaceId ?? 0
  const own = batches.filter((batch) => batch.workspaceId === workspaceId)
  const chosen = watchers.map(({ subscriber, joinedAt }) => {
    const parts = own
      .filter((batch) => isAfter(batch, joinedAt))
      .flatMap((batch): Chosen[] => subscriber.take(batch, nowMs))
    subscriber.tellSkipped(nowMs)
    return { subscriber, parts }
  })
  const items = new Map(chosen.flatMap(({ parts }) => parts.map(({ item }) => [item.id, item] as const)))
  if (items.size === 0) return
  const found = await readItems(db.background, workspaceId, [...items.values()])
  for (const { subscriber, parts } of chosen) subscriber.deliver(parts, found)
}

/** Whether a flush comes after a place in the order of commits. */
function isAfter(batch: LiveBatch, place: BatchPlace): boolean {
  const difference = BigInt(batch.xid) - BigInt(place.xid)
  return difference > 0n || (difference === 0n && batch.number > place.number)
}
