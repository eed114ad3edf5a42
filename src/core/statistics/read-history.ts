import { DAY_MS, HOUR_MS, MINUTE_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { latencyAt } from '../../model/latency.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findHistory, findNameHistory } from '../../storage/history.ts'
import type { HistoryKind, HistoryPoint } from '../../storage/history.ts'
import { floorTo, minutesSince } from './history.ts'

/** Steps of a history by name, the shortest first: milliseconds. Days are those of UTC. */
export const HISTORY_STEPS = { '1m': MINUTE_MS, '5m': 5 * MINUTE_MS, '1h': HOUR_MS, '1d': DAY_MS } as const

/** One of {@link HISTORY_STEPS}. */
export type HistoryStep = keyof typeof HISTORY_STEPS

/** Points when nobody says which step: about as many as a plot has room for. */
const POINTS_WANTED = 500

/** Points of one answer: a day in minutes, two months in hours. */
const POINTS_MAX = 1_500

/** Names of events that have a series of their own. */
const NAMES_MAX = 10

/** How far back it goes when nobody says: a day. */
const RANGE_DEFAULT_MS = DAY_MS

/** Which part of a history. */
export interface HistoryRange {
  /** Inclusive; a day before `to` when left out. */
  from: Instant | undefined
  /** Exclusive; the present when left out. */
  to: Instant | undefined
  /** The shortest one that gives at most some 500 points, when left out. */
  step: HistoryStep | undefined
}

/** One line of a plot: a value for each step, and their sum. `key` says of what. */
export interface HistorySeries {
  key: string
  total: number
  values: number[]
}

/** What came in over time. Every list of values has one for each step, in the order of time. */
export interface History {
  /** When the first step begins, and the last one ends. */
  from: Instant
  to: Instant
  step: HistoryStep
  /** When each step begins. */
  times: Instant[]
  /** New events by dialect; the largest first, as all lists of series. */
  events: HistorySeries[]
  /** New events by name: the most frequent ones of the range. */
  names: HistorySeries[]
  /** New events with any other name. */
  otherNames: HistorySeries
  /** By dialect. */
  transactions: HistorySeries[]
  /** By dialect. */
  profileWrites: HistorySeries[]
  /** Entries of the ledger by reason. */
  rejections: HistorySeries[]
  /** From the receipt of items to their commit: milliseconds, null in a step without any. */
  latency: Record<'p50' | 'p95' | 'p99', (number | null)[]>
}

/**
 * Reads what came in, from sums that are at most a second old. The range is widened to whole steps.
 * @throws CDP_QUERY_INVALID with a pointer: it ends before it begins, has too many points, or the step is shorter than what is kept
 */
export async function readHistory(db: Database, workspaceId: number, range: HistoryRange): Promise<History> {
  const { from, to, step } = planOf(range)
  const stepMs = HISTORY_STEPS[step]
  const query = { workspaceId, from, to, stepMs }
  const [points, names] = await guarded(() =>
    Promise.all([findHistory(db.analysis, query), findNameHistory(db.analysis, query, NAMES_MAX)]),
  )
  const times = Array.from({ length: (to - from) / stepMs }, (_, place) => from + place * stepMs)
  const series = (kind: HistoryKind): HistorySeries[] => seriesOf(points, kind, times.length)
  const byName = seriesOf(names, 'event', times.length)
  return {
    from,
    to,
    step,
    times,
    events: series('event'),
    names: byName.filter(({ key }) => key !== ''),
    otherNames: byName.find(({ key }) => key === '') ?? emptySeries('', times.length),
    transactions: series('transaction'),
    profileWrites: series('profile-write'),
    rejections: series('rejection'),
    latency: latencyOf(points, times.length),
  }
}

/** The range as whole steps. @throws as {@link readHistory} */
function planOf(range: HistoryRange): { from: Instant; to: Instant; step: HistoryStep } {
  const to = range.to ?? now()
  const from = range.from ?? to - RANGE_DEFAULT_MS
  if (from >= to) throw invalid('to', 'must be after the beginning of the range')
  const step = range.step ?? stepFor(from, to)
  const stepMs = HISTORY_STEPS[step]
  if (isTooShort(stepMs, from)) throw invalid('step', 'minutes are kept for three days; ask for 1h or 1d')
  const whole = { from: floorTo(from, stepMs), to: -floorTo(-to, stepMs), step }
  if ((whole.to - whole.from) / stepMs > POINTS_MAX)
    throw invalid(range.step === undefined ? 'from' : 'step', `gives more than ${POINTS_MAX} points`)
  return whole
}

function stepFor(from: Instant, to: Instant): HistoryStep {
  const steps = Object.entries(HISTORY_STEPS) as [HistoryStep, number][]
  const fitting = steps.find(([, ms]) => (to - from) / ms <= POINTS_WANTED && !isTooShort(ms, from))
  return fitting?.[0] ?? '1d'
}

function isTooShort(stepMs: number, from: Instant): boolean {
  return stepMs < HOUR_MS && from < minutesSince()
}

function invalid(name: string, rule: string): CdpError {
  return new CdpError('CDP_QUERY_INVALID', { pointer: `/${name}`, detail: `${name}: ${rule}` })
}

function seriesOf(points: readonly HistoryPoint[], kind: HistoryKind, length: number): HistorySeries[] {
  const series = new Map<string, HistorySeries>()
  for (const point of points) {
    if (point.kind !== kind) continue
    const one = series.get(point.key) ?? emptySeries(point.key, length)
    one.values[point.place] = point.amount
    one.total += point.amount
    series.set(point.key, one)
  }
  return [...series.values()].sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1))
}

function emptySeries(key: string, length: number): HistorySeries {
  return { key, total: 0, values: Array.from({ length }, () => 0) }
}

function latencyOf(points: readonly HistoryPoint[], length: number): History['latency'] {
  const histograms = Array.from({ length }, () => new Map<number, number>())
  for (const { kind, key, place, amount } of points)
    if (kind === 'latency') histograms[place]?.set(Number(key), amount)
  const at = (share: number) => histograms.map((histogram) => latencyAt(histogram, share))
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
