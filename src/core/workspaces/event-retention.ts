import { DAY_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { WorkspaceSettings } from '../../model/workspace.ts'
import { insertBatch } from '../../storage/batches.ts'
import type { BatchCounts } from '../../storage/batches.ts'
import { inTransaction } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findAllEventNames } from '../../storage/event-names.ts'
import { expireEvents } from '../../storage/retention.ts'
import type { EventCut, ExpiredEvents } from '../../storage/retention.ts'

/** What settings say about the age of events. */
export type EventRetention = Pick<WorkspaceSettings, 'eventDays' | 'eventDaysByName'>

/** Some 100 ms of work in one transaction; its followers get a row with as many profiles. */
const EVENTS_PER_STEP = 2_000

/** A run of the upkeep must end soon: a stop waits for it. What is left is done by the next one, at once. */
const STEPS_PER_RUN = 20

/**
 * Forgets events of a workspace whose days are over, oldest first, in steps of which each is a transaction that also tells the
 * followers. Ids of events stay known, so that a late retry brings none back.
 * @returns whether there may be more to forget
 */
export async function forgetEvents(
  db: Database,
  workspaceId: number,
  settings: EventRetention,
): Promise<boolean> {
  let steps = 0
  for (const cut of await eventCuts(db, workspaceId, settings, now())) {
    for (;;) {
      if (steps++ >= STEPS_PER_RUN) return true
      if ((await forgetSome(db, workspaceId, cut)) < EVENTS_PER_STEP) break
    }
  }
  return false
}

/** Which events are to go, by name: names with days of their own, and every other name that was seen. */
export async function eventCuts(
  db: Database,
  workspaceId: number,
  { eventDays, eventDaysByName }: EventRetention,
  at: Instant,
): Promise<EventCut[]> {
  const own = new Map(eventDaysByName.map(({ name, days }) => [name, days]))
  const others = eventDays === 0 ? [] : await findAllEventNames(db.background, workspaceId)
  const names = [...new Set([...own.keys(), ...others])]
  return names.flatMap((name) => {
    const days = own.get(name) ?? eventDays
    return days === 0 ? [] : [{ name, before: at - days * DAY_MS }]
  })
}

async function forgetSome(db: Database, workspaceId: number, cut: EventCut): Promise<number> {
  return inTransaction(db.background, async (tx) => {
    const { bySource, profileIds } = await expireEvents(tx, workspaceId, cut, EVENTS_PER_STEP)
    const sum = bySource.reduce((total, { count }) => total + count, 0)
    if (sum === 0) return 0
    const counts = { profiles: 0, byDialect: lessOf(bySource), namesByDialect: {}, reshaped: profileIds }
    await insertBatch(tx, [{ workspaceId, at: now(), profiles: [], counts, items: [] }])
    return sum
  })
}

function lessOf(bySource: ExpiredEvents['bySource']): BatchCounts['byDialect'] {
  return Object.fromEntries(bySource.map(({ source, count }) => [source, { events: -count }]))
}
