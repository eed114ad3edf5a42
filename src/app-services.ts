/** The services of an application: core behind its doors, opened once over a database. */
import {
  openDeliveredMessages,
  openRunExports,
  openRunImports,
  openRunPrivacy,
  openWatchedLive,
  startKeeper,
  startKeyUses,
  startTagSweep,
} from './app-loops.ts'
import type { AppOptions } from './app-options.ts'
import { VENDOR_SETTINGS } from './config.ts'
import {
  openAccessTokens,
  openApiKeys,
  openAttempts,
  openCallers,
  openCredentials,
  openKeyUses,
  openOperators,
  openSessions,
  openSigningKeys,
  openTokens,
  openWorkspaceSecrets,
} from './core/access/index.ts'
import type { KeyUses } from './core/access/index.ts'
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
import { openIngest } from './core/ingest/index.ts'
import type { Ingest } from './core/ingest/index.ts'
import { openLedger } from './core/ledger/index.ts'
import type { Ledger } from './core/ledger/index.ts'
import { openNotes } from './core/notes/index.ts'
import { openProfiles } from './core/profiles/index.ts'
import { openPopulations, openSegments } from './core/segments/index.ts'
import { readHistory, readStatistics, readStorageUse } from './core/statistics/index.ts'
import { openTags } from './core/tags/index.ts'
import { openTransactions } from './core/transactions/index.ts'
import { openInvitations, openLogins, openRoles, openSecondFactors, openUsers } from './core/users/index.ts'
import { openWorkspaces, previewRetention } from './core/workspaces/index.ts'
import { dialects } from './dialects/index.ts'
import { openMetrics } from './http/metrics.ts'
import type { Metrics } from './http/metrics.ts'
import { openRateLimiter } from './http/rate-limit.ts'
import type { Services } from './http/services.ts'
import { openIdentityProviders } from './outbound/identity-providers.ts'
import { openPartitions } from './storage/partitions.ts'

/** Opens the services, and with them the loops that serve them. */
export async function openServices(
  options: AppOptions,
): Promise<{ base: Omit<Services, 'replay'>; close: () => Promise<void> }> {
  const { db, secretKey, publicUrl, allowPrivateUrls } = options
  const metrics = openMetrics()
  const ledger = await openWatchedLedger(options, metrics)
  const ingest = await openWatchedIngest(options, metrics, ledger)
  const uses = openKeyUses(db)
  const savingUses = startKeyUses(options, uses)
  const access = openAccess(options, uses)
  const { stopLoops, ...looped } = openLooped(options, ingest)
  const { messages } = looped
  const codes = openCodes({ db, secretKey })
  const reads = openReads(options)
  metrics.watchSegments(() => reads.segments.lagMs())
  const providers = openIdentityProviders({ allowPrivate: allowPrivateUrls })
  const accounts = { db, ingest, codes, messages, providers, secretKey, publicUrl, ...access, ...reads }
  const base = {
    ...access,
    ...reads,
    ...looped,
    accounts: openAccounts(accounts),
    invitations: openInvitations({ db, messages, publicUrl }),
    ingest,
    ledger,
    codes,
    workspaces: openWorkspaces({
      db,
      secretKey,
      vendors: VENDOR_SETTINGS,
      onChange: access.credentials.forget,
    }),
    once: openOnce(db, secretKey),
    isAnswered: (request: OnceRequest) => isAnswered(db, request),
    readiness: () => checkReadiness(db, !ingest.isFull),
    limiter: openRateLimiter(options.processes),
    limits: options.limits,
    metrics,
  }
  const close = async (): Promise<void> => {
    await Promise.all([stopLoops(), savingUses.stop()])
    await ingest.close()
    await ledger.close()
  }
  return { base, close }
}

/** What works by itself, and how all of it is stopped. */
function openLooped(
  options: AppOptions,
  ingest: Ingest,
): Pick<Services, 'live' | 'imports' | 'exports' | 'privacy' | 'messages'> & {
  stopLoops: () => Promise<void>
} {
  const { live, watching } = openWatchedLive(options.db, options.logger)
  const { imports, importing } = openRunImports(options, ingest)
  const { exports, stopExporting } = openRunExports(options)
  const { privacy, erasing } = openRunPrivacy(options)
  const { messages, stopDelivery } = openDeliveredMessages(options)
  const loops = [watching, importing, erasing, startTagSweep(options, ingest), startKeeper(options, ingest)]
  const stopLoops = async (): Promise<void> => {
    await Promise.all([...loops.map((loop) => loop.stop()), stopExporting(), stopDelivery()])
  }
  return { live, imports, exports, privacy, messages, stopLoops }
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
function openAccess({ db, secretKey, google }: AppOptions, uses: KeyUses): Pick<Services, Access> {
  const credentials = openCredentials(db, uses)
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
    apiKeys: openApiKeys(db, uses),
    audit: (list) => listAudit(db, list),
  }
}

/** The write path, with what it tells of itself. */
async function openWatchedIngest(
  { db, logger, http, secretKey }: AppOptions,
  metrics: Metrics,
  refusals: Ledger,
): Promise<Ingest> {
  const ingest = await openIngest({
    db,
    refusals,
    secretKey,
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

/** What only reads, or has no state of its own. */
function openReads({
  db,
  secretKey,
  exportFolder,
}: AppOptions): Pick<
  Services,
  | 'profiles'
  | 'companies'
  | 'notes'
  | 'tags'
  | 'segments'
  | 'populations'
  | 'computed'
  | 'devices'
  | 'events'
  | 'transactions'
  | 'dictionary'
  | 'statistics'
  | 'history'
  | 'storageUse'
  | 'retention'
> {
  const profiles = openProfiles(db, secretKey)
  return {
    profiles,
    companies: openCompanies(db, secretKey, profiles),
    notes: openNotes(db, secretKey),
    tags: openTags(db, secretKey),
    segments: openSegments({ db, secretKey, profiles }),
    populations: openPopulations(db, secretKey),
    computed: openComputed(db, secretKey),
    devices: openDevices(db),
    events: openEvents(db),
    transactions: openTransactions(db),
    dictionary: openDictionary(db),
    retention: (workspace, other) => previewRetention(db, workspace, other),
    statistics: (workspaceId) => readStatistics(db, workspaceId, DIALECT_NAMES),
    history: (workspaceId, range) => readHistory(db, workspaceId, range),
    storageUse: () => readStorageUse(db, exportFolder),
  }
}

const DIALECT_NAMES = dialects.map(({ name }) => name)
