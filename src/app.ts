/** The composition root: opens core over a database and mounts every dialect. The only file that sees all layers. */
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { VENDOR_SETTINGS } from './config.ts'
import {
  openAttempts,
  openCallers,
  openCredentials,
  openSessions,
  openSigningKeys,
  openTokens,
} from './core/access/index.ts'
import type { Credentials } from './core/access/index.ts'
import { openAccounts } from './core/accounts/index.ts'
import { openCodes } from './core/codes/index.ts'
import { openDictionary } from './core/dictionary/index.ts'
import { openEvents } from './core/events/index.ts'
import { checkReadiness } from './core/health/index.ts'
import { openIngest } from './core/ingest/index.ts'
import type { Ingest } from './core/ingest/index.ts'
import { openLive } from './core/live/index.ts'
import type { Live } from './core/live/index.ts'
import { openLedger } from './core/ledger/index.ts'
import type { Ledger } from './core/ledger/index.ts'
import { openMessages } from './core/messages/index.ts'
import type { Messages } from './core/messages/index.ts'
import { openProfiles } from './core/profiles/index.ts'
import { readStatistics } from './core/statistics/index.ts'
import { openTransactions } from './core/transactions/index.ts'
import { fixturesOf } from './dialects/fixtures.ts'
import { openWorkspaces } from './core/workspaces/index.ts'
import { dialects } from './dialects/index.ts'
import { native } from './dialects/native/index.ts'
import { addAccountPages } from './http/account-pages/routes.ts'
import { addCors } from './http/cors.ts'
import { addDocsPage } from './http/docs-page.ts'
import { asCdpError } from './http/errors.ts'
import { addHealthRoutes } from './http/health.ts'
import { addKeySetRoute } from './http/key-set.ts'
import { openMetrics } from './http/metrics.ts'
import type { Metrics } from './http/metrics.ts'
import { answerError, mountDialect, pathOf, refuseUnrouted } from './http/mount.ts'
import { addOpenApiRoutes } from './http/openapi/routes.ts'
import { openRateLimiter } from './http/rate-limit.ts'
import { createHttpServer } from './http/server.ts'
import type { HttpOptions } from './http/server.ts'
import { openReplays } from './http/replay.ts'
import type { Services } from './http/services.ts'
import { startLoop } from './jobs/loop.ts'
import type { Loop } from './jobs/loop.ts'
import { now } from './lib/time.ts'
import { MESSAGE_CHANNELS } from './model/message.ts'
import { openIdentityProviders } from './outbound/identity-providers.ts'
import { openMail } from './outbound/mail.ts'
import type { MailSettings } from './outbound/mail.ts'
import { openSmsWebhook } from './outbound/sms.ts'
import type { SmsSettings } from './outbound/sms.ts'
import type { Database } from './storage/db.ts'
import { openPartitions } from './storage/partitions.ts'

/** What the application needs from its process. Times in milliseconds. */
export interface AppOptions {
  db: Database
  logger: FastifyBaseLogger
  processes: number
  /** Where people reach the server, without a slash at the end: links in mails lead there. */
  publicUrl: string
  /** Whether URLs that workspaces give may lead to addresses that are not public. */
  allowPrivateUrls: boolean
  /** 32 bytes: seals secrets that must be read back. */
  secretKey: Buffer
  /** Undefined: mail is kept in the outbox. */
  mail?: MailSettings | undefined
  /** Undefined: text messages are kept in the outbox. */
  sms?: SmsSettings | undefined
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
  const { base, close } = await openServices(options)
  const http = createHttpServer({
    ...options.http,
    logger: options.logger,
    metrics: base.metrics,
    onUnroutable: (url, error, traceId) =>
      ownerOf(url).errorAnswer(asCdpError(error), { traceId, path: pathOf(url), at: now(), body: undefined }),
  })
  const services: Services = { ...base, replay: openReplays(http, dialects, base.ledger) }
  // Streams never end by themselves: a close would wait for them.
  http.addHook('preClose', async () => base.live.close())
  await addCors(http, services)
  addHealthRoutes(http, services)
  addKeySetRoute(http, services)
  addOpenApiRoutes(http, { dialects, examplesOf: fixturesOf, own: native.name, services })
  const ownFirst = [native, ...dialects.filter((dialect) => dialect !== native)]
  addDocsPage(
    http,
    ownFirst.map(({ name, title }) => ({ name: title, url: `openapi/${name}.json` })),
  )
  await addAccountPages(http, services, options.publicUrl)
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
): Promise<{ base: Omit<Services, 'replay'>; close: () => Promise<void> }> {
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
  const ingest = await openWatchedIngest(options, metrics, ledger)
  const credentials = openCredentials(db)
  const sessions = openSessions(db)
  const signingKeys = openSigningKeys(db, options.secretKey)
  const tokens = openTokens(signingKeys, credentials, sessions)
  const { live, watching } = openWatchedLive(db, logger)
  const { messages, stopDelivery } = openDeliveredMessages(options)
  const codes = openCodes({ db, secretKey: options.secretKey })
  const reads = openReads(db, options.secretKey)
  const { profiles } = reads
  const attempts = openAttempts(db)
  const { publicUrl } = options
  const base = {
    accounts: openAccounts({
      db,
      ingest,
      profiles,
      sessions,
      attempts,
      codes,
      messages,
      publicUrl,
      providers: openIdentityProviders({ allowPrivate: options.allowPrivateUrls }),
      secretKey: options.secretKey,
    }),
    credentials,
    sessions,
    tokens,
    callers: openCallers(tokens, credentials),
    signingKeys,
    ingest,
    ledger,
    live,
    messages,
    codes,
    ...reads,
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
    await Promise.all([watching.stop(), stopDelivery()])
    await ingest.close()
    await ledger.close()
  }
  return { base, close }
}

/** What is committed is seen within a second: the pause is well below it. */
const LIVE_EVERY_MS = 250

/** The write path, with what it tells of itself. */
async function openWatchedIngest(
  { db, logger, http }: AppOptions,
  metrics: Metrics,
  refusals: Ledger,
): Promise<Ingest> {
  const ingest = await openIngest({
    db,
    refusals,
    requestTimeoutMs: http.requestTimeoutMs,
    onUnitFailed: (error, unit) => {
      metrics.unitFailed(unit.dialect)
      logger.error({ err: error, traceId: unit.traceId, operation: unit.operation }, 'a unit failed')
    },
    observe: (part, elapsedMs) => metrics.flushPart(part, elapsedMs),
  })
  metrics.watchQueue(() => ingest.queuedCommands)
  return ingest
}

/** The live stream, and the loop that reads for its subscribers. */
function openWatchedLive(db: Database, logger: FastifyBaseLogger): { live: Live; watching: Loop } {
  const live = openLive(db)
  const watching = startLoop({
    run: () => live.poll(),
    pauseMs: LIVE_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'the live stream could not be read'),
  })
  return { live, watching }
}

/** What is committed goes out within a second: people wait for their code. */
const DELIVER_EVERY_MS = 500

/** Messages, and a loop for each channel that delivers them: a mail server that hangs holds up mail alone. */
function openDeliveredMessages({ db, logger, secretKey, mail, sms }: AppOptions): {
  messages: Messages
  stopDelivery: () => Promise<void>
} {
  const messages = openMessages({
    db,
    secretKey,
    mail: mail && openMail(mail),
    sms: sms && openSmsWebhook(sms),
    onError: (error, { messageId, template, attempts }) =>
      logger.warn({ err: error, messageId, template, attempts }, 'a message could not be sent'),
  })
  const loops = MESSAGE_CHANNELS.map((channel) =>
    startLoop({
      run: () => messages.deliver(channel),
      pauseMs: DELIVER_EVERY_MS,
      onError: (error) => logger.error({ err: error, channel }, 'messages could not be delivered'),
    }),
  )
  return {
    messages,
    stopDelivery: async () => {
      messages.close()
      await Promise.all(loops.map((loop) => loop.stop()))
    },
  }
}

/** What only reads, or has no state of its own. */
function openReads(
  db: Database,
  secretKey: Buffer,
): Pick<Services, 'profiles' | 'events' | 'transactions' | 'dictionary' | 'statistics'> {
  return {
    profiles: openProfiles(db, secretKey),
    events: openEvents(db),
    transactions: openTransactions(db),
    dictionary: openDictionary(db),
    statistics: (workspaceId) => readStatistics(db, workspaceId, DIALECT_NAMES),
  }
}

const DIALECT_NAMES = dialects.map(({ name }) => name)
