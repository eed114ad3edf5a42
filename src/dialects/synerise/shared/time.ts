import { parseIsoInstant } from '../../../lib/time.ts'
import type { Instant } from '../../../lib/time.ts'
import type { EventWrite, Notice } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'

/** The vendor's own examples write a time as `T15:00:000+01:00`. @source reference 0.12 */
const ODD_MILLISECONDS = /(T\d{2}:\d{2}:\d{2})(\d)(?=Z|[+-]|$)/

/** A time of the vendor; without offset it is in UTC. Undefined when it is none. */
export function readTime(text: string): Instant | undefined {
  return parseIsoInstant(text.replace(ODD_MILLISECONDS, '$1.$2'))
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
