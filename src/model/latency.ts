/*
 * Latencies are counted in buckets whose bounds grow by a factor of √2 from 1 ms on: a percentile is right to a fifth of itself, whatever
 * its size, and a histogram is three dozen numbers at most.
 */

const BUCKETS_PER_DOUBLING = 2

/** Takes all above two minutes (2^17 ms): who waits for a commit has given up by then. */
const LAST_BUCKET = 35

/** Amounts by bucket; see {@link latencyBucket}. */
export type LatencyHistogram = ReadonlyMap<number, number>

/** The bucket of a latency, from 0 for up to 1 ms; a clock that was set back counts as no time. @param ms milliseconds */
export function latencyBucket(ms: number): number {
  return Math.min(LAST_BUCKET, Math.ceil(Math.log2(Math.max(1, ms)) * BUCKETS_PER_DOUBLING))
}

/**
 * The latency below which a share of all lies, evenly spread inside its bucket.
 * @param share above 0, up to 1: 0.95 for the 95th percentile
 * @returns milliseconds, to a tenth; null where nothing was counted
 */
export function latencyAt(histogram: LatencyHistogram, share: number): number | null {
  const buckets = [...histogram].filter(([, amount]) => amount > 0).sort(([a], [b]) => a - b)
  const wanted = share * buckets.reduce((sum, [, amount]) => sum + amount, 0)
  let passed = 0
  for (const [bucket, amount] of buckets) {
    passed += amount
    if (passed < wanted) continue
    const [low, high] = [bucket === 0 ? 0 : upperBound(bucket - 1), upperBound(bucket)]
    return Math.round((high - ((high - low) * (passed - wanted)) / amount) * 10) / 10
  }
  return null
}

function upperBound(bucket: number): number {
  return 2 ** (bucket / BUCKETS_PER_DOUBLING)
}
