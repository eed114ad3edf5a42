/** The services of an application: core behind its doors, opened once over a database. */
import type { FastifyBaseLogger } from 'fastify'
import { VENDOR_SETTINGS } from './config.ts'
import {
  openAccessTokens,
  openApiKeys,
  openAttempts,
  openCallers,
  openCredentials,
  openOperators,
  openSessions,
  openSigningKeys,
  openTokens,
  openWorkspaceSecrets,
} from './core/access/index.ts'
import { openAccounts } from './core/accounts/index.ts'
import { openCompanies } from './core/companies/index.ts'
import { openComputed } from './core/computed/index.ts'
import { openCodes } from './core/codes/index.ts'
import { listAudit } from './core/audit/index.ts'
import { openDevices } from './core/devices/index.ts'
import { openDictionary } from './core/dictionary/index.ts'
import { openEvents } from './core/events/index.ts'
import { checkReadiness } from './core/health/index.ts'
import { isAnswered, openOnce } from './core/idempotency/index.ts'
import type { OnceRequest } from './core/idempotency/index.ts'
import { openImports } from './core/imports/index.ts'
import type { Imports } from './core/imports/index.ts'
import { openIngest } from './core/ingest/index.ts'
import type { Ingest } from './core/ingest/index.ts'
import { openLive } from './core/live/index.ts'
import type { Live } from './core/live/index.ts'
import { openLedger } from './core/ledger/index.ts'
import type { Ledger } from './core/ledger/index.ts'
import { openMessages } from './core/messages/index.ts'
import type { Messages } from './core/messages/index.ts'
import { openNotes } from './core/notes/index.ts'
import { openProfiles } from './core/profiles/index.ts'
import { openSegments } from './core/segments/index.ts'
import { readStatistics } from './core/statistics/index.ts'
import { openTagSweep, openTags } from './core/tags/index.ts'
import { openTransactions } from './core/transactions/index.ts'
import { openInvitations, openLogins, openRoles, openSecondFactors, openUsers } from './core/users/index.ts'
import type { GoogleSignIn } from './core/users/index.ts'
import { openWorkspaces } from './core/workspaces/index.ts'
import { dialects } from './dialects/index.ts'
import { openMetrics } from './http/metrics.ts'
import type { Metrics } from './http/metrics.ts'
import { openRateLimiter } from './http/rate-limit.ts'
import type { HttpOptions } from './http/server.ts'
import type { BodyLimits, Services } from './http/services.ts'
import { startLoop } from './jobs/loop.ts'
import type { Loop } from './jobs/loop.ts'
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
  /** Undefined: nobody signs in by Google. */
  google?: GoogleSignIn | undefined
  limits: BodyLimits
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

/** Opens the services, and with them the loops that serve them. */
export async function openServices(
  options: AppOptions,
): Promise<{ base: Omit<Services, 'replay'>; close: () => Promise<void> }> {
  const { db, logger, secretKey } = options
  const metrics = openMetrics()
  const ledger = await openWatchedLedger(options, metrics)
  const ingest = await openWatchedIngest(options, metrics, ledger)
  const access = openAccess(options)
  const { live, watching } = openWatchedLive(db, logger)
  const sweeping = startTagSweep(options, ingest)
  const { imports, importing } = openRunImports(options, ingest)
  const { messages, stopDelivery } = openDeliveredMessages(options)
  const codes = openCodes({ db, secretKey })
  const reads = openReads(db, secretKey)
  const { publicUrl, allowPrivateUrls } = options
  const { credentials } = access
  const providers = openIdentityProviders({ allowPrivate: allowPrivateUrls })
  const accounts = { db, ingest, codes, messages, providers, secretKey, publicUrl, ...access, ...reads }
  const base = {
    ...access,
    ...reads,
    accounts: openAccounts(accounts),
    invitations: openInvitations({ db, messages, publicUrl }),
    ingest,
    imports,
    ledger,
    live,
    messages,
    codes,
    workspaces: openWorkspaces({
      db,
      secretKey,
      vendors: VENDOR_SETTINGS,
      onChange: () => credentials.forget(),
    }),
    once: openOnce(db, secretKey),
    isAnswered: (request: OnceRequest) => isAnswered(db, request),
    readiness: () => checkReadiness(db, !ingest.isFull),
    limiter: openRateLimiter(options.processes),
    limits: options.limits,
    metrics,
  }
  const close = async (): Promise<void> => {
    await Promise.all([watching.stop(), sweeping.stop(), importing.stop(), stopDelivery()])
    await ingest.close()
    await ledger.close()
  }
  return { base, close }
}

async function openWatchedLedger({ db, logger }: AppOptions, metrics: Metrics): Promise<Ledger> {
  const partitions = await openPartitions(db.background)
  return openLedger({
    db,
    ensurePartitions: partitions.ensureLogs,
    onLost: (count, error) => {
      metrics.ledgerLost(count)
      logger.warn({ count, err: error }, 'refusals could not be written to the ledger')
    },
  })
}

type Access =
  | 'credentials'
  | 'sessions'
  | 'signingKeys'
  | 'secrets'
  | 'tokens'
  | 'accessTokens'
  | 'attempts'
  | 'operators'
  | 'callers'
  | 'logins'
  | 'secondFactors'
  | 'users'
  | 'roles'
  | 'apiKeys'
  | 'audit'

/** Who may do what: credentials of all kinds, and the users with what they manage. */
function openAccess({ db, secretKey, google }: AppOptions): Pick<Services, Access> {
  const credentials = openCredentials(db)
  const sessions = openSessions(db)
  const signingKeys = openSigningKeys(db, secretKey)
  const tokens = openTokens(signingKeys, credentials, sessions)
  const attempts = openAttempts(db)
  const operators = openOperators(db)
  return {
    credentials,
    sessions,
    signingKeys,
    secrets: openWorkspaceSecrets(db, secretKey),
    tokens,
    accessTokens: openAccessTokens(db, credentials),
    attempts,
    operators,
    callers: openCallers(tokens, credentials, operators),
    logins: openLogins({ db, sessions, attempts, operators, google }),
    secondFactors: openSecondFactors(db, attempts, secretKey),
    users: openUsers(db),
    roles: openRoles(db),
    apiKeys: openApiKeys(db),
    audit: (list) => listAudit(db, list),
  }
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

/** A removed tag is out of sight at once: taking it off can wait a little. */
const SWEEP_EVERY_MS = 1_000

/** The loop that takes removed tags off profiles; it writes, so it ends before the write path does. */
function startTagSweep({ db, logger }: AppOptions, ingest: Ingest): Loop {
  return startLoop({
    run: openTagSweep(db, ingest),
    pauseMs: SWEEP_EVERY_MS,
    onError: (error) => logger.warn({ err: error }, 'a removed tag could not be taken off its profiles'),
  })
}

/** Rows begin to be stored soon after they were accepted. */
const IMPORT_EVERY_MS = 250

/** Imports, and the loop that stores their rows; it writes, so it ends before the write path does. */
function openRunImports(
  { db, logger, secretKey }: AppOptions,
  ingest: Ingest,
): { imports: Imports; importing: Loop } {
  const imports = openImports({
    db,
    ingest,
    secretKey,
    mappers: dialects.flatMap((dialect) => dialect.imports ?? []),
    onError: (error, { importId, workspaceId, attempts }) =>
      logger.warn({ err: error, importId, workspaceId, attempts }, 'rows of an import could not be stored'),
  })
  const importing = startLoop({
    run: () => imports.run(),
    pauseMs: IMPORT_EVERY_MS,
    onError: (error) => logger.error({ err: error }, 'imports could not be worked on'),
  })
  return { imports, importing }
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
): Pick<
  Services,
  | 'profiles'
  | 'companies'
  | 'notes'
  | 'tags'
  | 'segments'
  | 'computed'
  | 'devices'
  | 'events'
  | 'transactions'
  | 'dictionary'
  | 'statistics'
> {
  const profiles = openProfiles(db, secretKey)
  return {
    profiles,
    companies: openCompanies(db, secretKey, profiles),
    notes: openNotes(db, secretKey),
    tags: openTags(db, secretKey),
    segments: openSegments(db, secretKey),
    computed: openComputed(db, secretKey),
    devices: openDevices(db),
    events: openEvents(db),
    transactions: openTransactions(db),
    dictionary: openDictionary(db),
    statistics: (workspaceId) => readStatistics(db, workspaceId, DIALECT_NAMES),
  }
}

const DIALECT_NAMES = dialects.map(({ name }) => name)
