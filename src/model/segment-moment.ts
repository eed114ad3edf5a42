import { addUnits, fromLocal, startOf } from '../lib/calendar.ts'
import { parseIsoInstant, parseOffsetDateTime } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { Moment } from './segment-tests.ts'

/** Against what relative moments are read. `timezone` is a name of the IANA database. */
export interface Clock {
  now: Instant
  timezone: string
}

/** The instant that a moment of a checked definition is. @throws RangeError a text that is no moment: nobody checked */
export function resolveMoment(moment: Moment, { now, timezone }: Clock): Instant {
  if (typeof moment !== 'string') {
    const there = addUnits(now, moment.offset, moment.unit, timezone)
    return moment.startOf ? startOf(there, moment.startOf, timezone) : there
  }
  const exact = parseOffsetDateTime(moment)?.instant
  if (exact !== undefined) return exact
  const local = parseIsoInstant(moment)
  if (local === undefined) throw new RangeError('a moment that is none')
  return fromLocal(local, timezone)
}
