import type { Instant } from '../../../src/lib/time.ts'
import type { Moment } from '../../../src/model/segment-tests.ts'

/** What relative moments are relative to. */
export interface Reading {
  now: Instant
  timezone: string
}

/** An exact decimal number: how many times 10^-1500 it is. */
export type Decimal = bigint

const PLACES = 1_500

/** One. */
export const ONE: Decimal = 10n ** BigInt(PLACES)

/** The number that a text is, if it is one. */
export function decimalOf(text: string): Decimal | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const zeros = PLACES - fraction.length + Number(exponent)
  return BigInt(`${sign}${whole}${fraction}`) * 10n ** BigInt(zeros)
}

/** How a number is written without an exponent. */
export function spellDecimal(number: Decimal): string {
  const digits = (number < 0n ? -number : number).toString().padStart(PLACES + 1, '0')
  const fraction = digits.slice(-PLACES).replace(/0+$/, '')
  return `${number < 0n ? '-' : ''}${digits.slice(0, -PLACES)}${fraction === '' ? '' : `.${fraction}`}`
}

/** A quotient of whole numbers, rounded half away from zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const abs = (number: bigint): bigint => (number < 0n ? -number : number)
  const quotient = (2n * abs(dividend) + abs(divisor)) / (2n * abs(divisor))
  return dividend < 0n === divisor < 0n ? quotient : -quotient
}

/** A number that is so many times `scale` to so many digits behind the point, half away from zero. */
export function roundTo(number: bigint, digits: number, scale: bigint = ONE): Decimal {
  const unit = 10n ** BigInt(digits)
  return divideRounded(number * unit, scale) * (ONE / unit)
}

/** Order of two numbers. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** The instant that a text of a customer is, if it is one. */
export function instantOf(text: string, timezone: string): Instant | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)?)?$/.exec(text)
  if (!match) return undefined
  const [, date = '', time = '00:00:00', offset] = match
  const local = Date.parse(`${date}T${time.slice(0, 12)}Z`)
  // What no calendar has comes out as another date, or as none.
  const isReal =
    !Number.isNaN(local) && new Date(local).toISOString().startsWith(`${date}T${time.slice(0, 8)}`)
  if (!isReal || date.startsWith('0000')) return undefined
  if (offset === undefined) return fromClocks(local, timezone)
  if (offset === 'Z') return local
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(-2))]
  if (hours > 15 || minutes > 59) return undefined
  return local - Number(`${offset.slice(0, 1)}1`) * (hours * 60 + minutes) * 60_000
}

/** The instant that a moment of a definition is. */
export function momentOf(moment: Moment, { now, timezone }: Reading): Instant {
  if (typeof moment === 'string') return instantOf(moment, timezone)!
  const { offset, unit, startOf } = moment
  const there = new Date(clocksAt(now, timezone))
  const [year, month, day] = [there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate()]
  const time = there.getTime() % 86_400_000
  const lastOf = (months: number): number => new Date(Date.UTC(year, month + months + 1, 0)).getUTCDate()
  const inMonths = (months: number): number =>
    Date.UTC(year, month + months, Math.min(day, lastOf(months))) + time
  const moved = {
    minute: () => now + offset * 60_000,
    hour: () => now + offset * 3_600_000,
    day: () => fromClocks(Date.UTC(year, month, day + offset) + time, timezone),
    week: () => fromClocks(Date.UTC(year, month, day + 7 * offset) + time, timezone),
    month: () => fromClocks(inMonths(offset), timezone),
    year: () => fromClocks(inMonths(12 * offset), timezone),
  }[unit]()
  if (!startOf) return moved
  const local = new Date(clocksAt(moved, timezone))
  const [atYear, atMonth, atDay] = [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()]
  const monday = atDay - [6, 0, 1, 2, 3, 4, 5][local.getUTCDay()]!
  const starts = {
    day: Date.UTC(atYear, atMonth, atDay),
    week: Date.UTC(atYear, atMonth, monday),
    month: Date.UTC(atYear, atMonth, 1),
    year: Date.UTC(atYear, 0, 1),
  }
  return fromClocks(starts[startOf], timezone)
}

/** What clocks show, as if it were UTC. */
export function clocksAt(instant: Instant, timezone: string): Instant {
  // A year of five digits is one to Date only with a sign and six.
  const shown = clockOf(timezone)
    .format(instant)
    .replace(/^(?=\d{5}-)/, '+0')
  return Date.parse(`${shown.replace(' ', 'T')}Z`) + (((instant % 1_000) + 1_000) % 1_000)
}

const clocks = new Map<string, Intl.DateTimeFormat>()

function clockOf(timezone: string): Intl.DateTimeFormat {
  const options = { dateStyle: 'short', timeStyle: 'medium', timeZone: timezone } as const
  const clock = clocks.get(timezone) ?? new Intl.DateTimeFormat('sv-SE', options)
  clocks.set(timezone, clock)
  return clock
}

/** The last instant at which clocks show it; where they skip it, by how they went the day before. */
function fromClocks(local: Instant, timezone: string): Instant {
  const quarters = Array.from({ length: 113 }, (_, index) => (index - 56) * 900_000)
  const fitting = quarters.map((ahead) => local - ahead).filter((one) => clocksAt(one, timezone) === local)
  if (fitting.length > 0) return Math.max(...fitting)
  const dayBefore = local - 86_400_000
  return local - (clocksAt(dayBefore, timezone) - dayBefore)
}
