// What stored JSON values are to a comparison. A customer's data may hold anything, and a cast that fails would fail the
// whole segment; so every cast stands in a branch of CASE that is taken only for texts that it takes.

/** Longer than any number that a sender wrote; `numeric` fails on texts of 131,072 digits. */
const NUMBER_LENGTH_MAX = 400

const NUMBER = String.raw`'^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$'`

/**
 * The value as `numeric`, null when it is none. Text that is written as a number counts, because a number that no double
 * holds is stored as its text; not one that is longer than any of those, which `numeric` may refuse. (`\d` would also
 * take digits of other scripts, which the cast does not.)
 */
export function numberOf(value: string): string {
  const text = `(${value} #>> '{}')`
  return `case jsonb_typeof(${value})
    when 'number' then ${value}::numeric
    when 'string' then case when length(${text}) <= ${NUMBER_LENGTH_MAX} and ${text} ~ ${NUMBER}
      then ${text}::numeric end end`
}

// A date that is in the calendar: PostgreSQL fails on 30 February, on the year 0, on hour 24 with minutes and on second 61.
const YEAR = '(?!0000)[0-9]{4}'
const LEAP_YEAR = '([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)'
const DATE = `((${YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])))|(${LEAP_YEAR}-02-29))`
const TIME = String.raw`T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?`
const OFFSET = '(Z|[+-](0[0-9]|1[0-5]):?[0-5][0-9])'

/**
 * The value as `timestamptz`, null when it is none: an ISO 8601 date (its midnight) or date and time; without an offset
 * it is in the zone.
 */
export function momentOf(value: string, timezone: string): string {
  const text = `(${value} #>> '{}')`
  return `case when jsonb_typeof(${value}) = 'string' then
      case when ${text} ~ '^${DATE}(${TIME})?$' then ${text}::timestamp at time zone ${timezone}
           when ${text} ~ '^${DATE}${TIME}${OFFSET}$' then ${text}::timestamptz end end`
}
