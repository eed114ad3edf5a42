import { addUnits, startOf } from '../../lib/calendar.ts'
import { HOUR_MS } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { resolveMoment } from '../../model/segment-moment.ts'
import type { Clock } from '../../model/segment-moment.ts'
import type { RelativeMoment } from '../../model/segment-tests.ts'

/** Where a calendar gives no exact answer it is asked again so much later. */
const LOOK_AGAIN_MS = 6 * HOUR_MS

/**
 * The instant after which a moment that moves with time lies behind a stored one, so that a comparison of the two may turn
 * out otherwise. It may be too early by some days where months differ in length: whoever looks then is told a later one.
 * A window in days or longer units may be off by an hour while clocks are set back, and only then.
 * @param stored not before the moment as of now
 */
export function passesAt(moment: RelativeMoment, stored: Instant, { now, timezone }: Clock): Instant {
  const { offset, unit, startOf: period } = moment
  const beyond = period ? addUnits(startOf(stored, period, timezone), 1, period, timezone) : stored + 1
  const guess = addUnits(beyond, -offset, unit, timezone)
  if (!period && (unit === 'minute' || unit === 'hour')) return Math.max(guess, now + 1)
  const candidates = [guess - HOUR_MS, guess, guess + HOUR_MS]
  const exact = candidates.find((at) => at > now && resolveMoment(moment, { now: at, timezone }) >= beyond)
  return exact ?? Math.max(guess, now) + LOOK_AGAIN_MS
}
