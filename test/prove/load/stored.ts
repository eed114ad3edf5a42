import { expect } from 'vitest'
import { pollUntil } from '../../../src/storage/embedded/polling.ts'
import { findBroken } from '../../setup/invariants.ts'
import type { Query } from '../../setup/invariants.ts'
import type { MixedLoad } from './mixed-load.ts'

/** The rows in which an item of the load can be, by its text. */
const MARKERS_SQL = `
  select 'event' as place, coalesce(properties->>'proof', properties->>'value') as marker, count(*)::int as count
    from event where properties ?| array['proof', 'value'] group by 2
  union all
  select 'profile', attributes->>'proof', count(*)::int from profile where attributes ? 'proof' group by 2
  union all
  select 'transaction', order_id, count(*)::int from transaction group by 2`

/** How often each item is stored, by place and text. */
async function readMarkers(query: Query): Promise<Map<string, number>> {
  const rows = await query<{ place: string; marker: string; count: number }>(MARKERS_SQL)
  return new Map(rows.map(({ place, marker, count }) => [`${place} ${marker}`, count]))
}

/** How the database keeps to what was answered. */
export interface StoredItems {
  /** Items of acknowledged calls that are not there. */
  lost: string[]
  /** Items that are there more than once. */
  doubled: string[]
  /** Calls of which some items are there and others are not, though their contract stores all or none. */
  halves: string[]
  /** Items of acknowledged calls that were looked for. */
  acknowledged: number
}

/** Compares what is stored with what was answered. */
export async function compareStored(query: Query, load: MixedLoad): Promise<StoredItems> {
  const found = await readMarkers(query)
  const items: StoredItems = { lost: [], doubled: [], halves: [], acknowledged: 0 }
  for (const [number, outcome] of load.outcomes) {
    const { kind, stores, markers, atomic } = load.call(number)
    const counts = markers.map((marker) => found.get(`${stores} ${marker}`) ?? 0)
    if (outcome === 'stored') {
      items.acknowledged += markers.length
      items.lost.push(...markers.filter((_, index) => counts[index] === 0))
    }
    items.doubled.push(...markers.filter((_, index) => (counts[index] ?? 0) > 1))
    const there = counts.filter((count) => count > 0).length
    if (atomic === 'all' && there > 0 && there < markers.length) items.halves.push(`${kind} ${number}`)
  }
  return items
}

/** How long counters may lag behind the events after a crash: the follower's loop and a restart. */
const COUNTERS_TIMEOUT_MS = 60_000

const COUNTED_SQL = `
  select (select count(*)::int from event) as events, (select count(*)::int from profile) as profiles,
         (select coalesce(sum(value), 0)::int from counter where name = 'events') as "countedEvents",
         (select coalesce(sum(value), 0)::int from counter where name = 'profiles') as "countedProfiles"`

/** Waits until the counters, which followers keep, come to what the tables hold; never more, never less in the end. */
export async function expectTrueCounters(query: Query): Promise<void> {
  const read = async (): Promise<Record<string, number>> =>
    (await query<Record<string, number>>(COUNTED_SQL))[0] ?? {}
  await pollUntil({ timeoutMs: COUNTERS_TIMEOUT_MS, intervalMs: 200 }, async () => {
    const { events, profiles, countedEvents, countedProfiles } = await read()
    return events === countedEvents && profiles === countedProfiles ? true : undefined
  })
  const { events, profiles, countedEvents, countedProfiles } = await read()
  expect({ countedEvents, countedProfiles }).toEqual({ countedEvents: events, countedProfiles: profiles })
}

/** All that must hold when the load rests: nothing acknowledged is lost, nothing is there twice or by half. */
export async function expectKept(query: Query, load: MixedLoad): Promise<StoredItems> {
  const items = await compareStored(query, load)
  const { lost, doubled, halves } = items
  expect({ lost, doubled, halves, offences: load.offences }).toEqual({
    lost: [],
    doubled: [],
    halves: [],
    offences: [],
  })
  expect(await findBroken(query)).toEqual([])
  return items
}
