import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { findBatchPlace, findLiveBatches } from '../../storage/batch-items.ts'
import type { BatchPlace } from '../../storage/batch-items.ts'
import type { Queryable } from '../../storage/db.ts'
import { readItems } from './items.ts'
import { marked } from './subscriber.ts'
import type { Chosen, Subscriber } from './subscriber.ts'

/** How far back a subscriber that comes back is told what it missed. */
const REPLAYED_MS = 600_000

const REPLAYED_ITEMS_MAX = 1_000

/** Rows that are in memory at a time. */
const READ_ITEMS_MAX = 100

/** Flushes that are read at a time; one holds up to a thousand items. */
export const PAGE_LENGTH = 50

const BEGINNING: BatchPlace = { xid: '0', number: 0 }

/**
 * Gives a subscriber what it missed since the flush that it saw last, up to the transaction `beforeXid`. Where that is too
 * long ago, or too many, it is told of the gap and gets the newest part; where it is too long, it is told how many were left out.
 */
export async function replay(db: Queryable, subscriber: Subscriber, beforeXid: string): Promise<void> {
  const { workspaceId, lastBatch } = subscriber
  if (lastBatch === undefined) return
  const since = now() - REPLAYED_MS
  const place = Number.isSafeInteger(lastBatch) ? await findBatchPlace(db, workspaceId, lastBatch) : undefined
  const isKnown = place !== undefined && place.at >= since
  const after = isKnown ? place : BEGINNING
  const { chosen, isCut } = await collect(db, subscriber, { after, beforeXid, since })
  const isGap = !isKnown || isCut
  if (isGap && chosen.length === 0) subscriber.tellGap(now())
  for (let start = 0; start < chosen.length; start += READ_ITEMS_MAX) {
    const part = chosen.slice(start, start + READ_ITEMS_MAX)
    const items = subscriber.hasRoomForMissed ? part.map(({ item }) => item) : []
    const found = await readItems(db, workspaceId, items)
    if (isGap && start === 0) subscriber.tellGap(oldestOf(part, found) ?? now())
    subscriber.deliverMissed(part, found)
  }
  subscriber.tellSkipped(performance.now())
}

async function collect(
  db: Queryable,
  subscriber: Subscriber,
  { after, beforeXid, since }: { after: BatchPlace; beforeXid: string; since: Instant },
): Promise<{ chosen: Chosen[]; isCut: boolean }> {
  let chosen: Chosen[] = []
  let isCut = false
  let place = after
  for (;;) {
    const page = await findLiveBatches(db, {
      after: place,
      beforeXid,
      workspaceIds: [subscriber.workspaceId],
      since,
      limit: PAGE_LENGTH,
    })
    for (const batch of page) chosen.push(...marked(subscriber.wanted(batch), batch.number))
    if (chosen.length > REPLAYED_ITEMS_MAX) {
      chosen = chosen.slice(-REPLAYED_ITEMS_MAX)
      isCut = true
    }
    const last = page.at(-1)
    if (page.length < PAGE_LENGTH || !last) return { chosen, isCut }
    place = last
  }
}

function oldestOf(
  chosen: readonly Chosen[],
  found: Awaited<ReturnType<typeof readItems>>,
): Instant | undefined {
  const instants = chosen.flatMap(({ item }) => {
    const row = found.get(item.id)
    if (row?.kind === 'event') return [row.event.receivedAt]
    if (row?.kind === 'change') return [row.change.at]
    return row ? [row.rejection.at] : []
  })
  return instants.length === 0 ? undefined : Math.min(...instants)
}
