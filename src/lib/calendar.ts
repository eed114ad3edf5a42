import { DAY_MS, HOUR_MS, MINUTE_MS, zoneOffset } from './time.ts'
import type { Instant } from './time.ts'

/** What calendars count in, and clocks. */
export type CalendarUnit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

/** The first and the last instant that a date of four digits can say; further away than that nothing is. */
const FIRST_INSTANT: Instant = Date.parse('0001-01-03T00:00:00Z')
const LAST_INSTANT: Instant = Date.parse('9999-12-29T00:00:00Z')

/** What the clocks of a zone show at an instant, as if that were in UTC. */
export function toLocal(instant: Instant, timezone: string): Instant {
  return instant + zoneOffset(clamp(instant), timezone) * MINUTE_MS
}

/**
 * The instant at which the clocks of a zone show a local time. Of a time that they show twice it is the second, and one
 * that they skip has the offset from before: as PostgreSQL reads a local time, so that both sides of a comparison agree.
 */
export function fromLocal(local: Instant, timezone: string): Instant {
  const before = zoneOffset(clamp(local - DAY_MS), timezone)
  const after = zoneOffset(clamp(local + DAY_MS), timezone)
  const isAfter = zoneOffset(clamp(local - after * MINUTE_MS), timezone) === after
  return clamp(local - (isAfter ? after : before) * MINUTE_MS)
}

/**
 * The instant that lies so many units away. Minutes and hours are exact; the others keep the local time, and a month that
 * lacks the day ends in its last one: a month after 31 January is 28 February.
 */
export function addUnits(instant: Instant, amount: number, unit: CalendarUnit, timezone: string): Instant {
  if (unit === 'minute') return clamp(instant + amount * MINUTE_MS)
  if (unit === 'hour') return clamp(instant + amount * HOUR_MS)
  const local = toLocal(instant, timezone)
  if (unit === 'day' || unit === 'week')
    return fromLocal(clamp(local + amount * (unit === 'day' ? 1 : 7) * DAY_MS), timezone)
  return fromLocal(addMonths(local, amount * (unit === 'month' ? 1 : 12)), timezone)
}

/** The beginning of the local day, week (Monday), month or year in which an instant lies. */
export function startOf(
  instant: Instant,
  unit: 'day' | 'week' | 'month' | 'year',
  timezone: string,
): Instant {
  const local = new Date(toLocal(instant, timezone))
  local.setUTCHours(0, 0, 0, 0)
  if (unit === 'week') local.setUTCDate(local.getUTCDate() - ((local.getUTCDay() + 6) % 7))
  if (unit === 'month' || unit === 'year') local.setUTCDate(1)
  if (unit === 'year') local.setUTCMonth(0)
  return fromLocal(local.getTime(), timezone)
}

function addMonths(local: Instant, months: number): Instant {
  const moved = new Date(local)
  const day = moved.getUTCDate()
  moved.setUTCDate(1)
  moved.setUTCMonth(moved.getUTCMonth() + months)
  const lastDay = new Date(moved)
  lastDay.setUTCMonth(moved.getUTCMonth() + 1, 0)
  moved.setUTCDate(Math.min(day, lastDay.getUTCDate()))
  return clamp(moved.getTime())
}

/** Nothing that is stored lies beyond these ends, so an instant there compares like the end itself. */
function clamp(instant: Instant): Instant {
  return Math.min(Math.max(instant, FIRST_INSTANT), LAST_INSTANT)
}
