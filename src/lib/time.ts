/**
 * The one clock of the product. Storage never asks the database for the time, so that every row of one
 * request carries the same instant and tests can hold the clock.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number

let source: () => Instant = () => Date.now()

/** The present instant, milliseconds since the epoch. */
export function now(): Instant {
  return source()
}

/** Replaces the clock, for tests only; returns a function that puts the real one back. */
export function useClock(clock: () => Instant): () => void {
  source = clock
  return () => {
    source = () => Date.now()
  }
}

/** RFC 3339 in UTC with milliseconds: `2026-01-31T09:00:00.000Z`. */
export function toRfc3339(instant: Instant): string {
  const place = instant & (WRITTEN_MAX - 1)
  const known = written[place]
  if (known?.instant === instant) return known.text
  const text = new Date(instant).toISOString()
  written[place] = { instant, text }
  return text
}

/** Instants written lately, by their last bits: the rows of a transaction carry the same few again and again. */
const WRITTEN_MAX = 256
const written: ({ instant: Instant; text: string } | undefined)[] = Array.from({ length: WRITTEN_MAX })

/** One day in milliseconds. */
export const DAY_MS = 86_400_000

/** One hour in milliseconds. */
export const HOUR_MS = 3_600_000

/** One minute in milliseconds. */
export const MINUTE_MS = 60_000

/** Earliest instant that any dialect may write: 1900-01-01T00:00:00Z. */
export const EARLIEST_INSTANT: Instant = Date.UTC(1900, 0, 1)

const FIRST_INSTANT: Instant = Date.parse('0001-01-01T00:00:00Z')
const LAST_INSTANT: Instant = Date.parse('9999-12-31T23:59:59.999Z')

const ISO_PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d{2}):?(\d{2}))$/

/** An ISO 8601 date-time with an offset, taken apart. */
export interface OffsetDateTime {
  instant: Instant
  /** The calendar date as the sender wrote it: `YYYY-MM-DD`. */
  localDate: string
}

/**
 * Reads `yyyy-MM-ddTHH:mm:ss[.fraction](Z|±hh:mm|±hhmm)`; fractions below a millisecond are cut.
 * Calendar errors (30 February, hour 24) are refused, which `Date.parse` does not do.
 * @returns undefined when the text is not of that form
 */
export function parseOffsetDateTime(text: string): OffsetDateTime | undefined {
  const match = ISO_PATTERN.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, , sign, offsetHour, offsetMinute] = match
  const local = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  // A day that its month does not have, or a year below 100, ends up somewhere else.
  const date = new Date(local)
  if (date.getUTCDate() !== Number(day) || date.getUTCFullYear() !== Number(year)) return undefined
  const offsetMinutes = sign ? Number(offsetHour) * 60 + Number(offsetMinute) : 0
  if (Number(offsetHour ?? 0) > 18 || Number(offsetMinute ?? 0) > 59) return undefined
  const millis = fraction ? Math.trunc(Number(`0.${fraction}`) * 1000) : 0
  const instant = local + millis - (sign === '-' ? -offsetMinutes : offsetMinutes) * 60_000
  // An offset may carry a time over the ends of what a date of four digits can say.
  return instant < FIRST_INSTANT || instant > LAST_INSTANT
    ? undefined
    : { instant, localDate: text.slice(0, 10) }
}

/**
 * Reads an ISO 8601 date-time with or without an offset, or a plain date; what names no offset is in UTC.
 * @returns undefined when the text is of none of these forms
 */
export function parseIsoInstant(text: string): Instant | undefined {
  const withOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes('T')
  return parseInstant(withOffset ? text : `${text}Z`)
}

/** Reads an RFC 3339 instant or a plain date (midnight UTC); undefined when it is neither. */
export function parseInstant(text: string): Instant | undefined {
  const padded = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  return parseOffsetDateTime(padded)?.instant
}

const LOCAL_PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?$/

/**
 * A local date and time with the offset that a zone has then: `2023-10-09T12:00:00` → `2023-10-09T12:00:00+02:00`. A time
 * that the clock shows twice is the first of the two; one that it skips has the offset from before.
 * @param timezone a name of the IANA database
 * @returns undefined when the text is no local date and time
 */
export function withZoneOffset(text: string, timezone: string): string | undefined {
  if (!LOCAL_PATTERN.test(text)) return undefined
  const local = parseIsoInstant(text)
  return local === undefined ? undefined : text + offsetText(offsetOfLocal(local, timezone))
}

/** The offset in minutes at a local time, given as if it were in UTC. */
function offsetOfLocal(local: Instant, timezone: string): number {
  const before = zoneOffset(local - DAY_MS, timezone)
  const after = zoneOffset(local + DAY_MS, timezone)
  if (zoneOffset(local - before * MINUTE_MS, timezone) === before) return before
  return zoneOffset(local - after * MINUTE_MS, timezone) === after ? after : before
}

const zoneClocks = new Map<string, Intl.DateTimeFormat>()

/** Offsets of whole hours, by zone and hour; undefined of one in which clocks are set. A calendar is slow to ask. */
const hourOffsets = new Map<string, number | undefined>()

const HOURS_KEPT = 50_000

/** How far the clocks of a zone are ahead of UTC at an instant, in whole minutes. */
export function zoneOffset(instant: Instant, timezone: string): number {
  const hour = Math.floor(instant / HOUR_MS)
  const key = `${timezone} ${hour}`
  if (!hourOffsets.has(key)) {
    if (hourOffsets.size >= HOURS_KEPT) hourOffsets.clear()
    const [begin, end] = [readOffset(hour * HOUR_MS, timezone), readOffset((hour + 1) * HOUR_MS, timezone)]
    hourOffsets.set(key, begin === end ? begin : undefined)
  }
  return hourOffsets.get(key) ?? readOffset(instant, timezone)
}

function readOffset(instant: Instant, timezone: string): number {
  const clock = zoneClocks.get(timezone) ?? openZoneClock(timezone)
  const parts = Object.fromEntries(
    clock.formatToParts(instant).map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
  const shown = Date.UTC(year, month - 1, day, hour, minute, second)
  return Math.trunc((shown - Math.floor(instant / 1_000) * 1_000) / MINUTE_MS)
}

function openZoneClock(timezone: string): Intl.DateTimeFormat {
  const clock = new Intl.DateTimeFormat('en-u-ca-iso8601-hc-h23', {
    timeZone: timezone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  zoneClocks.set(timezone, clock)
  return clock
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const text = [hours, rest].map((part) => String(part).padStart(2, '0')).join(':')
  return `${minutes < 0 ? '-' : '+'}${text}`
}

/** When something ends, as it stands in a sentence: `in 15 minutes`, `in 24 hours`, `in 7 days`. */
export function fromNow(seconds: number): string {
  const hours = Math.round(seconds / 3_600)
  if (hours < 1) return `in ${Math.round(seconds / 60)} minutes`
  if (hours > 48) return `in ${Math.round(hours / 24)} days`
  return hours === 1 ? 'in 1 hour' : `in ${hours} hours`
}
