import type { Accounts } from '../core/accounts/index.ts'
import type { Companies } from '../core/companies/index.ts'
import type { ComputedValues } from '../core/computed/index.ts'
import type { Codes } from '../core/codes/index.ts'
import type {
  AccessTokens,
  ApiKeys,
  Attempts,
  Callers,
  Credentials,
  Operators,
  Sessions,
  SigningKeys,
  Tokens,
  WorkspaceSecrets,
} from '../core/access/index.ts'
import type { AuditList, AuditRow } from '../core/audit/index.ts'
import type { Devices } from '../core/devices/index.ts'
import type { Dictionary } from '../core/dictionary/index.ts'
import type { Events } from '../core/events/index.ts'
import type { Exports } from '../core/exports/index.ts'
import type { Readiness } from '../core/health/index.ts'
import type { OnceRequest, RunOnce } from '../core/idempotency/index.ts'
import type { Imports } from '../core/imports/index.ts'
import type { Ingest } from '../core/ingest/index.ts'
import type { Live } from '../core/live/index.ts'
import type { Ledger } from '../core/ledger/index.ts'
import type { Messages } from '../core/messages/index.ts'
import type { Notes } from '../core/notes/index.ts'
import type { Privacy } from '../core/privacy/index.ts'
import type { Profiles } from '../core/profiles/index.ts'
import type { History, HistoryRange, Statistics, StorageUse } from '../core/statistics/index.ts'
import type { Populations, Segments } from '../core/segments/index.ts'
import type { Tags } from '../core/tags/index.ts'
import type { Transactions } from '../core/transactions/index.ts'
import type { Invitations, Logins, Roles, SecondFactors, Users } from '../core/users/index.ts'
import type { RetentionItem, RetentionSettings, Workspaces } from '../core/workspaces/index.ts'
import type { Page } from '../model/page.ts'
import type { Workspace } from '../model/workspace.ts'
import type { Metrics } from './metrics.ts'
import type { RateLimiter } from './rate-limit.ts'
import type { Replays } from './replay.ts'

/** Bounds of bodies that are longer than others may be: bytes, milliseconds. */
export interface BodyLimits {
  /** Of a call that brings rows in JSON. */
  importBytesMax: number
  /** Of a file that is read as it comes. */
  uploadBytesMax: number
  /** How long such a file may take to come. */
  uploadTimeoutMs: number
}

/** What routes may call: core behind its doors, opened once by the composition root. */
export interface Services {
  credentials: Credentials
  accounts: Accounts
  tokens: Tokens
  accessTokens: AccessTokens
  callers: Callers
  sessions: Sessions
  attempts: Attempts
  operators: Operators
  logins: Logins
  secondFactors: SecondFactors
  users: Users
  invitations: Invitations
  roles: Roles
  apiKeys: ApiKeys
  /** Lists administrative acts. */
  audit: (list: AuditList) => Promise<Page<AuditRow>>
  signingKeys: SigningKeys
  secrets: WorkspaceSecrets
  ingest: Ingest
  imports: Imports
  ledger: Ledger
  live: Live
  messages: Messages
  codes: Codes
  profiles: Profiles
  privacy: Privacy
  notes: Notes
  tags: Tags
  segments: Segments
  populations: Populations
  computed: ComputedValues
  devices: Devices
  companies: Companies
  events: Events
  exports: Exports
  transactions: Transactions
  dictionary: Dictionary
  workspaces: Workspaces
  /** See {@link previewRetention}. */
  retention: (workspace: Workspace, other: Partial<RetentionSettings>) => Promise<RetentionItem[]>
  /** Totals of a workspace; every mounted dialect is in them. */
  statistics: (workspaceId: number) => Promise<Statistics>
  /** See {@link readHistory}. */
  history: (workspaceId: number, range: HistoryRange) => Promise<History>
  /** See {@link readStorageUse}. Of the whole installation: not for whoever is in one workspace only. */
  storageUse: () => Promise<StorageUse>
  readiness: () => Promise<Readiness>
  /** Runs a write that is not on the ingest path once for its Idempotency-Key. */
  once: (request: OnceRequest | undefined) => RunOnce
  /** Whether a request was answered before under its Idempotency-Key. */
  isAnswered: (request: OnceRequest) => Promise<boolean>
  /** Sends an entry of the ledger again. */
  replay: Replays
  limiter: RateLimiter
  limits: BodyLimits
  metrics: Metrics
}
