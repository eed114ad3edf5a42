import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** What `/metrics` shows. The only file that knows the metrics library. */
export interface Metrics {
  request(labels: { dialect: string; operation: string; status: number }, durationMs: number): void
  /** A request that no known credential stands behind: only counted, never kept. */
  unauthenticated(dialect: string): void
  /** A unit that failed for a reason that is ours. */
  unitFailed(dialect: string): void
  /** Ledger entries that could not be kept. */
  ledgerLost(count: number): void
  /** One part of a flush. */
  flushPart(part: string, elapsedMs: number): void
  /** Reads the depth of the ingest queue at every scrape. */
  watchQueue(queuedCommands: () => number): void
  /** Reads, at every scrape, how many milliseconds the members of segments are behind. */
  watchSegments(lagMs: () => Promise<number>): void
  /** Prometheus text format. */
  render(): Promise<{ contentType: string; text: string }>
}

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Opens the metrics of one process. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'tributary_' })
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ name: `tributary_${name}`, help, labelNames, registers })
  const histogram = (name: string, help: string, labelNames: string[]): Histogram =>
    new Histogram({ name: `tributary_${name}`, help, labelNames, buckets: SECONDS_BUCKETS, registers })
  const requests = histogram('http_request_seconds', 'Duration of requests.', [
    'dialect',
    'operation',
    'status',
  ])
  const parts = histogram('ingest_part_seconds', 'Duration of the parts of a flush.', ['part'])
  const strangers = counter('unauthenticated_total', 'Requests without a known credential.', ['dialect'])
  const failed = counter('ingest_failed_units_total', 'Units that failed for a reason of the server.', [
    'dialect',
  ])
  const lost = counter('ledger_lost_total', 'Refusals that could not be written to the ledger.')
  return {
    request: (labels, durationMs) => requests.observe(labels, durationMs / 1000),
    unauthenticated: (dialect) => strangers.inc({ dialect }),
    unitFailed: (dialect) => failed.inc({ dialect }),
    ledgerLost: (count) => lost.inc(count),
    flushPart: (part, elapsedMs) => parts.observe({ part }, elapsedMs / 1000),
    watchQueue: (queuedCommands) => addQueueGauge(registry, queuedCommands),
    watchSegments: (lagMs) => addLagGauge(registry, lagMs),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  }
}

function addQueueGauge(registry: Registry, queuedCommands: () => number): void {
  const gauge: Gauge = new Gauge({
    name: 'tributary_ingest_queued_commands',
    help: 'Commands that wait for a transaction.',
    registers: [registry],
    collect: () => gauge.set(queuedCommands()),
  })
}

function addLagGauge(registry: Registry, lagMs: () => Promise<number>): void {
  const gauge: Gauge = new Gauge({
    name: 'tributary_segments_lag_seconds',
    help: 'How long ago the members of segments were right.',
    registers: [registry],
    // A database that is away has no lag to tell, and must not keep the other figures back.
    collect: async () =>
      gauge.set(
        await lagMs().then(
          (ms) => ms / 1000,
          () => Number.NaN,
        ),
      ),
  })
}
