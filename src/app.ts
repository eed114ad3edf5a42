/** The composition root: opens core over a database and mounts every dialect. The only file that sees all layers. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { VENDOR_SETTINGS } from './config.ts'
import { openCredentials, openSigningKeys, openTokens } from './core/access/index.ts'
import type { Credentials } from './core/access/index.ts'
import { openDictionary } from './core/dictionary/index.ts'
import { openEvents } from './core/events/index.ts'
import { checkReadiness } from './core/health/index.ts'
import { openIngest } from './core/ingest/index.ts'
import { openLedger } from './core/ledger/index.ts'
import { openProfiles } from './core/profiles/index.ts'
import { readStatistics } from './core/statistics/index.ts'
import { openTransactions } from './core/transactions/index.ts'
import { openWorkspaces } from './core/workspaces/index.ts'
import { dialects } from './dialects/index.ts'
import { native } from './dialects/native/index.ts'
import { addCors } from './http/cors.ts'
import { asCdpError } from './http/errors.ts'
import { addHealthRoutes } from './http/health.ts'
import { addKeySetRoute } from './http/key-set.ts'
import { openMetrics } from './http/metrics.ts'
import { answerError, mountDialect, pathOf, refuseUnrouted } from './http/mount.ts'
import { openRateLimiter } from './http/rate-limit.ts'
import { createHttpServer } from './http/server.ts'
import type { HttpOptions } from './http/server.ts'
import type { Services } from './http/services.ts'
import { now } from './lib/time.ts'
import type { Database } from './storage/db.ts'
import { openPartitions } from './storage/partitions.ts'

/** What the application needs from its process. Times in milliseconds. */
export interface AppOptions {
  db: Database
  logger: FastifyBaseLogger
  processes: number
  /** 32 bytes: seals secrets that must be read back. */
  secretKey: Buffer
  http: Pick<
    HttpOptions,
    | 'bodyBytesMax'
    | 'jsonDepthMax'
    | 'requestTimeoutMs'
    | 'headersTimeoutMs'
    | 'keepAliveTimeoutMs'
    | 'trustProxy'
    | 'tls'
  >
}

/** A mounted application. */
export interface App {
  http: FastifyInstance
  credentials: Credentials
  /** Answers what was accepted, then closes: HTTP first, then the write path. The database stays open. */
  close(): Promise<void>
}

/** Opens the application; the database must be migrated. */
export async function openApp(options: AppOptions): Promise<App> {
  const { services, close } = await openServices(options)
  const http = createHttpServer({
    ...options.http,
    logger: options.logger,
    metrics: services.metrics,
    onUnroutable: (url, error, traceId) =>
      ownerOf(url).errorAnswer(asCdpError(error), { traceId, path: pathOf(url), at: now(), body: undefined }),
  })
  await addCors(http, services)
  addHealthRoutes(http, services)
  addKeySetRoute(http, services)
  for (const dialect of dialects) await mountDialect(http, dialect, services)
  http.setErrorHandler((error, request, reply) =>
    answerError(ownerOf(request.url), services, error, request, reply),
  )
  http.setNotFoundHandler((request) => refuseUnrouted(ownerOf(request.url), request))
  return {
    http,
    credentials: services.credentials,
    close: async () => {
      await http.close()
      await close()
    },
  }
}

/** The dialect that owns a path: the longest prefix wins; anything else is native. */
function ownerOf(url: string): (typeof dialects)[number] {
  const owners = dialects.flatMap((dialect) => dialect.prefixes.map((prefix) => ({ dialect, prefix })))
  const matching = owners.filter(({ prefix }) => url === prefix || url.startsWith(`${prefix}/`))
  const [longest] = matching.sort((a, b) => b.prefix.length - a.prefix.length)
  return longest?.dialect ?? native
}

async function openServices(
  options: AppOptions,
): Promise<{ services: Services; close: () => Promise<void> }> {
  const { db, logger } = options
  const partitions = await openPartitions(db.background)
  const metrics = openMetrics()
  const ledger = openLedger({
    db,
    ensurePartitions: partitions.ensureLogs,
    onLost: (count, error) => {
      metrics.ledgerLost(count)
      logger.warn({ count, err: error }, 'refusals could not be written to the ledger')
    },
  })
  const ingest = await openIngest({
    db,
    refusals: ledger,
    requestTimeoutMs: options.http.requestTimeoutMs,
    onUnitFailed: (error, unit) => {
      metrics.unitFailed(unit.dialect)
      logger.error({ err: error, traceId: unit.traceId, operation: unit.operation }, 'a unit failed')
    },
    observe: (part, elapsedMs) => metrics.flushPart(part, elapsedMs),
  })
  metrics.watchQueue(() => ingest.queuedCommands)
  const credentials = openCredentials(db)
  const signingKeys = openSigningKeys(db, options.secretKey)
  const services: Services = {
    credentials,
    tokens: openTokens(signingKeys, credentials),
    signingKeys,
    ingest,
    ledger,
    ...openReads(db),
    workspaces: openWorkspaces({
      db,
      secretKey: options.secretKey,
      vendors: VENDOR_SETTINGS,
      onChange: () => credentials.forget(),
    }),
    readiness: () => checkReadiness(db, !ingest.isFull),
    limiter: openRateLimiter(options.processes),
    metrics,
  }
  const close = async (): Promise<void> => {
    await ingest.close()
    await ledger.close()
  }
  return { services, close }
}

/** What only reads, or has no state of its own. */
function openReads(
  db: Database,
): Pick<Services, 'profiles' | 'events' | 'transactions' | 'dictionary' | 'statistics'> {
  return {
    profiles: openProfiles(db),
    events: openEvents(db),
    transactions: openTransactions(db),
    dictionary: openDictionary(db),
    statistics: (workspaceId) => readStatistics(db, workspaceId, DIALECT_NAMES),
  }
}

const DIALECT_NAMES = dialects.map(({ name }) => name)
