import { DAY_MS, EARLIEST_INSTANT, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findAllEventNames } from '../../storage/event-names.ts'
import { aggregateEvents, findNewestEvents, findTimelineEvents } from '../../storage/events.ts'
import type { AggregateQuery, EventRow, TimelineCursor } from '../../storage/events.ts'

/** What to list of one person's timeline. `from` inclusive, `to` exclusive. */
export interface EventList {
  workspaceId: number
  /** The profile's own id and those merged into it. */
  profileIds: readonly number[]
  from: Instant | undefined
  to: Instant | undefined
  name: string | undefined
  cursor: string | undefined
  limit: number
}

/** No event lies further in the future than one day; a little more covers the clock of another process. */
const LATEST_AHEAD_MS = 2 * DAY_MS

/** Widths of the windows that a timeline is read in: most readers want what is recent. */
const WINDOW_DAYS = [61, 730]

/**
 * Events of one person, newest first by (occurredAt, id). Reads the newest two months first and widens only while
 * the page is not full, so that a long history costs nothing to those who look at its end.
 * @throws CDP_QUERY_INVALID the cursor is none of this list's
 */
export async function listEvents(db: Database, list: EventList): Promise<Page<EventRow>> {
  const place = readPlace(list.cursor)
  const after: TimelineCursor | undefined = place && { occurredAt: place.at, eventId: place.id }
  const rows: EventRow[] = []
  for (const window of windowsOf(list, after)) {
    const limit = list.limit + 1 - rows.length
    const { workspaceId, profileIds, name } = list
    const query = { workspaceId, profileIds, name, after, ...window, limit }
    rows.push(...(await guarded(() => findTimelineEvents(db.general, query))))
    if (rows.length > list.limit) break
  }
  return pageOf(
    rows,
    list.limit,
    (row) => ({ at: row.occurredAt, id: row.eventId }),
    (row) => row,
  )
}

/** What to list of a whole workspace. `from` inclusive, `to` exclusive. */
export type NewestList = Pick<EventList, 'workspaceId' | 'from' | 'to' | 'name' | 'limit'>

/**
 * Events of a workspace, newest first by (occurredAt, id). Without a name every name of the dictionary is looked at, which
 * keeps two thousand of them.
 */
export async function listNewestEvents(db: Database, list: NewestList): Promise<EventRow[]> {
  const { workspaceId, name, limit } = list
  return guarded(async () => {
    const names = name === undefined ? await findAllEventNames(db.general, workspaceId) : [name]
    const rows: EventRow[] = []
    for (const window of windowsOf(list, undefined)) {
      const query = { workspaceId, names, ...window, limit: limit - rows.length }
      rows.push(...(await findNewestEvents(db.analysis, query)))
      if (rows.length >= limit) break
    }
    return rows
  })
}

/** The range of the list cut in windows, newest first. */
function windowsOf(
  list: Pick<EventList, 'from' | 'to'>,
  after: TimelineCursor | undefined,
): { from: Instant; to: Instant }[] {
  const from = list.from ?? EARLIEST_INSTANT
  let to = list.to ?? now() + LATEST_AHEAD_MS
  if (after) to = Math.min(to, after.occurredAt + 1)
  const windows: { from: Instant; to: Instant }[] = []
  for (const days of [...WINDOW_DAYS, Number.POSITIVE_INFINITY]) {
    const start = Math.max(from, to - days * DAY_MS)
    if (start < to) windows.push({ from: start, to })
    to = Math.min(to, start)
  }
  return windows
}

/** Computes over all events of one name, exactly; see {@link AggregateQuery}. */
export async function aggregate(
  db: Database,
  query: AggregateQuery,
): Promise<{ count: number; value: string | null }> {
  return guarded(() => aggregateEvents(db.analysis, query))
}
