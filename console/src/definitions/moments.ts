import { isPart, partOf } from './part.ts'
import type { Part } from './part.ts'

/** How a moment is said: relative to now, a day, a local time, or by a text such as one with an offset. */
export type MomentKind = 'relative' | 'day' | 'time' | 'text'

/** Kinds and what they are called. */
export const MOMENT_KINDS: Readonly<Record<MomentKind, string>> = {
  relative: 'Relative to now',
  day: 'A day',
  time: 'A day and time',
  text: 'ISO 8601',
}

/** What relative moments count in. */
export const MOMENT_UNITS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const

/** What a moment can be taken to the beginning of. */
export const MOMENT_STARTS = ['day', 'week', 'month', 'year'] as const

/** Whether a value looks like a moment. */
export function isMoment(value: unknown): boolean {
  if (typeof value === 'string') return /^\d{4}-\d{2}-\d{2}/.test(value)
  return isPart(value) && typeof value['offset'] === 'number' && typeof value['unit'] === 'string'
}

/** The kind of a moment. */
export function momentKindOf(moment: unknown): MomentKind {
  if (typeof moment !== 'string') return 'relative'
  if (/^\d{4}-\d{2}-\d{2}$/.test(moment)) return 'day'
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(moment) ? 'time' : 'text'
}

/** The moment as one of another kind. A relative one has no day of its own: `today` stands in, as `YYYY-MM-DD`. */
export function asMomentKind(moment: unknown, kind: MomentKind, today: string): unknown {
  if (momentKindOf(moment) === kind) return moment
  if (kind === 'relative') return { offset: -30, unit: 'day' }
  const text = typeof moment === 'string' && isMoment(moment) ? moment : today
  const day = text.slice(0, 10)
  const time = withSeconds(/T\d{2}:\d{2}(:\d{2})?/.exec(text)?.[0] ?? 'T00:00')
  if (kind === 'day') return day
  return kind === 'time' ? day + time : `${day}${time}Z`
}

/** Inputs of browsers leave out seconds that are 0; the API wants them. */
export function withSeconds(moment: string): string {
  return /T\d{2}:\d{2}$/.test(moment) ? `${moment}:00` : moment
}

/** Which events count: all, those since a while, or those between one or two moments. */
export type WindowKind = 'any' | 'last' | 'since' | 'until' | 'between'

/** Kinds and what they are called. */
export const WINDOW_KINDS: Readonly<Record<WindowKind, string>> = {
  any: 'At any time',
  last: 'In the last …',
  since: 'Since …',
  until: 'Before …',
  between: 'Between …',
}

/** The kind of a window. */
export function windowKindOf(window: unknown): WindowKind {
  const { from, to } = partOf(window)
  if (from === undefined) return to === undefined ? 'any' : 'until'
  if (to !== undefined) return 'between'
  return isPlainPast(from) ? 'last' : 'since'
}

/** Whether a moment is so many units ago and nothing else. */
function isPlainPast(moment: unknown): boolean {
  return (
    isPart(moment) &&
    Object.keys(moment).every((key) => key === 'offset' || key === 'unit') &&
    Number(moment['offset']) < 0
  )
}

/** The window as one of another kind; undefined when all events count. */
export function asWindowKind(window: unknown, kind: WindowKind): Part | undefined {
  if (kind === windowKindOf(window)) return isPart(window) ? window : undefined
  const { from, to } = partOf(window)
  const past = isPlainPast(from) ? from : { offset: -30, unit: 'day' }
  switch (kind) {
    case 'any':
      return undefined
    case 'last':
      return { from: past }
    case 'since':
      return { from: isPlainPast(from) ? { ...partOf(from), startOf: 'day' } : (from ?? MIDNIGHT) }
    case 'until':
      return { to: to ?? { offset: 0, unit: 'day', startOf: 'day' } }
    case 'between':
      return { from: from ?? past, to: to ?? { offset: 0, unit: 'day', startOf: 'day' } }
  }
}

const MIDNIGHT = { offset: -30, unit: 'day', startOf: 'day' }
