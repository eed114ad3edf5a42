import type { IdentifierKind } from './identity.ts'

/**
 * What one vendor's dialect may be told per workspace; each dialect reads its own block and no other.
 * Credentials are not in here: they are api keys.
 */
export type DialectSettings = Readonly<Record<string, string | number | boolean>>

/** The settings of a workspace. Declared once; the configuration file, the API and the console share them. */
export interface WorkspaceSettings {
  /** IANA zone in which a local time without offset is read. */
  timezone: string
  /** ISO 3166-1 alpha-2: the country of a phone number without one. */
  defaultCountry: string | null
  /** `unique`: one e-mail is one person. `contact`: e-mail never identifies. */
  emailIdentity: 'unique' | 'contact'
  /** Web origins that a browser may call from. */
  corsOrigins: readonly string[]
  /** Values that identify nobody, beside the built-in ones, per kind. */
  junkIdentifiers: Readonly<Partial<Record<IdentifierKind, readonly string[]>>>
  /** How long the rejections ledger is kept, days. */
  ledgerDays: number
  /** How long the change log is kept, days; 0 keeps it for ever. */
  changeLogDays: number
  /** How long event ids are remembered, days; 0 remembers them for ever. */
  dedupeDays: number
  /** How long a token lives that an api key buys, seconds. */
  tokenLifeSeconds: number
  /** Settings of the dialects, by dialect name. */
  dialects: Readonly<Record<string, DialectSettings>>
}

/** A workspace: the wall around one body of customer data. */
export interface Workspace {
  id: number
  guid: string
  name: string
  settings: WorkspaceSettings
}

/** Scopes of an api key: what it opens. The vendors' own keys have their dialect's name as scope. */
export type KeyScope =
  'workspace' | 'profile' | 'tracker' | 'ai' | 'native' | 'webengage' | 'xtremepush' | 'pyze' | 'yotpo'

/** Who is calling, once a credential was checked. `label` names the credential in logs without its secret. */
export interface Caller {
  workspace: Workspace
  scope: KeyScope
  permissions: readonly string[]
  /** The id of the api key in its workspace. */
  keyId: number
  label: string
}
