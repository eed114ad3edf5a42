const HOUR_MS = 3_600_000

/** How far back the overview looks, by the word in its address. */
export const RANGES = {
  '1h': { label: 'The last hour', ms: HOUR_MS, step: '1m' },
  '24h': { label: 'The last 24 hours', ms: 24 * HOUR_MS, step: '5m' },
  '7d': { label: 'The last 7 days', ms: 7 * 24 * HOUR_MS, step: '1h' },
  '30d': { label: 'The last 30 days', ms: 30 * 24 * HOUR_MS, step: '1d' },
  '365d': { label: 'The last year', ms: 365 * 24 * HOUR_MS, step: '1d' },
} as const

/** One of {@link RANGES}. */
export type RangeName = keyof typeof RANGES

/** The range that an address names; a day where it names none. */
export function rangeOf(name: string | undefined): RangeName {
  return name !== undefined && name in RANGES ? (name as RangeName) : '24h'
}

/** `minute`, `5 minutes` … of a step. */
export const STEP_WORDS: Readonly<Record<string, string>> = {
  '1m': 'minute',
  '5m': '5 minutes',
  '1h': 'hour',
  '1d': 'day',
}
