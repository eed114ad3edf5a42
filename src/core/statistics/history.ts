import { DAY_MS, HOUR_MS, MINUTE_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { BatchCounts, EndedBatch } from '../../storage/batches.ts'
import type { Database } from '../../storage/db.ts'
import { expireHistory, oldestMinute, rollUpHour } from '../../storage/history.ts'
import type { HistoryKind, HistoryRow } from '../../storage/history.ts'

/** Minutes are for looking at what happens now: after three days nobody asks which minute it was. */
const MINUTES_KEPT_MS = 3 * DAY_MS

/** A year and a month: this month can be seen beside the same one of last year. */
const HOURS_KEPT_MS = 400 * DAY_MS

/** A run of the upkeep must end soon: a stop waits for it. What is left is done by the next one, at once. */
const HOURS_PER_RUN = 24

/** Since when minutes are there; all before it may be hours. */
export function minutesSince(): Instant {
  return floorTo(now() - MINUTES_KEPT_MS, HOUR_MS)
}

/** The last multiple of a span that is not after an instant, counted from 1970 in UTC. */
export function floorTo(instant: Instant, spanMs: number): Instant {
  return Math.floor(instant / spanMs) * spanMs
}

/**
 * What flushes add to the history, a row for each minute and key. Counted is what came in: what was deleted is in no
 * minute, and events that a retention takes are none of the past's.
 */
export function historyOf(batches: readonly EndedBatch[]): HistoryRow[] {
  const rows = new Map<string, HistoryRow>()
  for (const { workspaceId, at, counts } of batches) {
    const minute = floorTo(at, MINUTE_MS)
    for (const { kind, dialect = '', name = '', amount } of amountsOf(counts)) {
      if (amount <= 0) continue
      const key = JSON.stringify([workspaceId, minute, kind, dialect, name])
      const row = rows.get(key) ?? { workspaceId, at: minute, kind, dialect, name, amount: 0 }
      row.amount += amount
      rows.set(key, row)
    }
  }
  return [...rows.values()]
}

interface Amount {
  kind: HistoryKind
  dialect?: string
  name?: string
  amount: number
}

// A server of the release before counted neither reasons nor latencies.
function amountsOf({
  byDialect,
  namesByDialect,
  reasonsByDialect = {},
  latency = {},
}: BatchCounts): Amount[] {
  return [
    ...Object.entries(byDialect).flatMap(([dialect, { transactions = 0, profileWrites = 0 }]): Amount[] => [
      { kind: 'transaction', dialect, amount: transactions },
      { kind: 'profile-write', dialect, amount: profileWrites },
    ]),
    ...amountsByName('event', namesByDialect),
    ...amountsByName('rejection', reasonsByDialect),
    ...Object.entries(latency).map(([name, amount]): Amount => ({ kind: 'latency', name, amount })),
  ]
}

function amountsByName(kind: HistoryKind, counts: Record<string, Record<string, number>>): Amount[] {
  return Object.entries(counts).flatMap(([dialect, names]) =>
    Object.entries(names).map(([name, amount]) => ({ kind, dialect, name, amount })),
  )
}

/**
 * Makes hours of old minutes and forgets old hours; for the upkeep. Safe to run by several processes at once.
 * @returns whether there may be more to do
 */
export async function forgetHistory(db: Database): Promise<boolean> {
  await expireHistory(db.background, now() - HOURS_KEPT_MS)
  const before = minutesSince()
  for (let hours = 0; hours < HOURS_PER_RUN; hours++) {
    const oldest = await oldestMinute(db.background, before)
    if (oldest === undefined) return false
    await rollUpHour(db.background, floorTo(oldest, HOUR_MS))
  }
  return true
}
