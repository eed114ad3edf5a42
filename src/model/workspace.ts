import type { CommonSettings } from './workspace-settings.ts'

/**
 * What one vendor's dialect may be told per workspace; each dialect reads its own block and no other.
 * Credentials are not in here: they are api keys.
 */
export type DialectSettings = Readonly<Record<string, string | number | boolean>>

/** The common settings with lists that nobody changes. */
type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Item[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Frozen<Value[Key]> }
    : Value

/**
 * The settings of a workspace as stored: the common ones and, apart from them, those of the dialects. What each means
 * and which values it takes stands once, in `COMMON_SETTINGS` and in the dialects' own settings.
 */
export interface WorkspaceSettings extends Frozen<CommonSettings> {
  /** Settings of the dialects, by dialect name. */
  readonly dialects: Readonly<Record<string, DialectSettings>>
}

/** A workspace: the wall around one body of customer data. */
export interface Workspace {
  id: number
  guid: string
  name: string
  settings: WorkspaceSettings
}

/** Scopes of an api key: what it opens. The vendors' own keys have their dialect's name as scope. */
export const KEY_SCOPES = [
  'workspace',
  'profile',
  'tracker',
  'ai',
  'native',
  'webengage',
  'xtremepush',
  'pyze',
  'yotpo',
] as const

/** One of {@link KEY_SCOPES}. */
export type KeyScope = (typeof KEY_SCOPES)[number]

/**
 * Who made an object: the configuration file, the very first start, or somebody at run time by the API or the command
 * line. What the file made is read-only for all others.
 */
export type ManagedBy = 'config' | 'start' | 'api'

/** A person behind a token. The ids are those of the workspace that the token is for. */
export type Person =
  | { kind: 'user'; userId: number; email: string; sessionId: string }
  | { kind: 'profile'; profileId: number; accountId: string; sessionId: string; deviceId?: string }
  | { kind: 'anonymous'; profileId: number; sessionId: string; deviceId?: string }

/** Who is calling, once a credential was checked. `label` names the credential in logs without its secret. */
export interface Caller {
  workspace: Workspace
  /** The scope of the api key; `user` for a person who operates the installation. */
  scope: KeyScope | 'user'
  /** Of the api key; of a user, those of the role, as `GROUP:act`. */
  permissions: readonly string[]
  /** The id of the api key in its workspace; a user has none. */
  keyId: number | undefined
  label: string
  /** Undefined when an api key itself is calling. */
  person?: Person
}
