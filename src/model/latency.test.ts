import { expect, it } from 'vitest'
import { latencyAt, latencyBucket } from './latency.ts'

const histogramOf = (latencies: readonly number[]): Map<number, number> => {
  const histogram = new Map<number, number>()
  for (const ms of latencies) {
    const bucket = latencyBucket(ms)
    histogram.set(bucket, (histogram.get(bucket) ?? 0) + 1)
  }
  return histogram
}

it('a bucket ends at its bound, and what lies beyond all bounds is in the last one', () => {
  expect([-5, 0, 1, 1.1, 2, 2.1, 4, 1_024].map(latencyBucket)).toEqual([0, 0, 0, 1, 2, 3, 4, 20])
  expect(latencyBucket(10 ** 9)).toBe(latencyBucket(10 ** 12))
})

it('a percentile is right to a fifth of itself, over four orders of magnitude', () => {
  const latencies = Array.from({ length: 10_000 }, (_, place) => place + 1)
  const histogram = histogramOf(latencies)
  for (const share of [0.01, 0.1, 0.5, 0.95, 0.99, 1]) {
    const exact = share * latencies.length
    const shown = latencyAt(histogram, share) ?? 0
    expect(Math.abs(shown - exact) / exact).toBeLessThan(0.2)
  }
})

it('percentiles never cross', () => {
  const histogram = histogramOf([3, 3, 3, 700, 20])
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => latencyAt(histogram, share) ?? 0)
  expect(p50).toBeLessThanOrEqual(p95 ?? 0)
  expect(p95).toBeLessThanOrEqual(p99 ?? 0)
})

it('of nothing there is no percentile', () => {
  expect(latencyAt(new Map(), 0.5)).toBeNull()
  expect(latencyAt(new Map([[3, 0]]), 0.5)).toBeNull()
})
