import type { Json } from '../../../lib/json.ts'
import { parseIsoInstant, withZoneOffset } from '../../../lib/time.ts'
import type { Instant } from '../../../lib/time.ts'
import type { EventWrite, Notice } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'

/** The vendor's own examples write a time as `T15:00:000+01:00`. @source reference 0.12 */
const ODD_MILLISECONDS = /(T\d{2}:\d{2}:\d{2})(\d)(?=Z|[+-]|$)/

/** A time of the vendor; without offset it is in UTC. Undefined when it is none. */
export function readTime(text: string): Instant | undefined {
  return parseIsoInstant(text.replace(ODD_MILLISECONDS, '$1.$2'))
}

/**
 * The values with the offset of the workspace's zone behind every local date and time, at any depth: what was written
 * stays readable, and from now on it is one instant, whatever the zone is set to later. Attributes and params alike.
 * @assumed local times are completed when they are written: the vendor only says in which zone they are read
 * @source reference 0.7, 0.12
 */
export function withOffsets<Values extends Record<string, Json>>(values: Values, timezone: string): Values {
  return withOffset(values, timezone) as Values
}

function withOffset(value: Json, timezone: string): Json {
  if (typeof value === 'string') return withZoneOffset(value, timezone) ?? value
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => withOffset(item, timezone))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withOffset(member, timezone)]),
  )
}

/** When an event happened, and the part of its identity that hangs on that. */
export type Timed = Pick<
  EventWrite,
  'occurredAt' | 'originalTime' | 'messageId' | 'messageScope' | 'onDuplicate'
>

/** What an event says about its time and identity. */
export interface TimedItem {
  time: string | null | undefined
  eventSalt: string | null | undefined
  action: string
  /** JSON pointer of the time. */
  pointer: string
  receivedAt: Instant
}

/**
 * Absent: the time of receipt. A future time is discarded for it, and the text as sent is kept in any case. A salt
 * makes an event with the same salt, time, profile and action take this one's place; with a discarded time it has no
 * effect.
 * @assumed salted events without a time count as one
 * @source reference 0.12
 * @throws CDP_BODY_INVALID a time that is none
 */
export function mapTime(item: TimedItem, notices: Notice[]): Timed {
  const { time, eventSalt, action, pointer, receivedAt } = item
  const sent = time ? readTime(time) : undefined
  if (time && sent === undefined) {
    throw new CdpError('CDP_BODY_INVALID', { pointer, detail: 'must be a date and time of ISO 8601' })
  }
  const isFuture = sent !== undefined && sent > receivedAt
  if (isFuture) notices.push({ reason: 'time_in_future', pointer })
  const times = {
    occurredAt: sent === undefined || isFuture ? receivedAt : sent,
    ...(time && { originalTime: time }),
  }
  if (!eventSalt || isFuture) return times
  const messageScope = JSON.stringify([action, sent ?? null])
  return { ...times, messageId: eventSalt, messageScope, onDuplicate: 'replace' }
}
