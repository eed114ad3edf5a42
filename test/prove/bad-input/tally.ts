import { note } from '../figures.ts'
import type { WireAnswer, WireRequest } from './wire.ts'

/** What was sent and how it was answered, in figures. */
export interface Tally {
  count: (sent: WireRequest, answer: WireAnswer) => void
  replayed: (requests: number) => void
  note: (run: { logLines: number; atOnce: number; busyMs: number; busyMsMax: number }) => void
}

/** Opens a tally of nothing. */
export function openTally(): Tally {
  const byDialect = new Map<string, number>()
  const byStatus = new Map<string, number>()
  let replayed = 0
  let slowest = { durationMs: 0, operation: '' }
  const sums = (counts: ReadonlyMap<string, number>): string =>
    [...counts.entries()]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `${name}: ${count}`)
      .join(', ')
  return {
    count: ({ dialect, operation }, { status, durationMs }) => {
      byDialect.set(dialect, (byDialect.get(dialect) ?? 0) + 1)
      byStatus.set(String(status), (byStatus.get(String(status)) ?? 0) + 1)
      if (durationMs > slowest.durationMs) slowest = { durationMs, operation: `${dialect} ${operation}` }
    },
    replayed: (requests) => void (replayed += requests),
    note: ({ logLines, atOnce, busyMs, busyMsMax }) => {
      const figure = (what: string, value: number | string, bound?: string, unit?: string): void =>
        note({
          proof: 'bad-input',
          what,
          value,
          ...(bound !== undefined && { bound }),
          ...(unit !== undefined && { unit }),
        })
      figure('requests by dialect', sums(byDialect))
      figure('answers by status', sums(byStatus), 'no 5xx but 503 with Retry-After')
      figure(
        `slowest answer (${slowest.operation}, ${atOnce} requests at once)`,
        Math.round(slowest.durationMs),
        '30 s',
        'ms',
      )
      figure('longest that nobody was served', Math.round(busyMs), `${busyMsMax / 1_000} s`, 'ms')
      figure('refused requests sent again', replayed, 'no table changed')
      figure('lines of the log searched for secrets', logLines, 'none found')
    },
  }
}
