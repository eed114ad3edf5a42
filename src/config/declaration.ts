import { DEFAULT_SETTINGS } from '../core/workspaces/index.ts'
import type { Declaration, DeclaredKey, DeclaredWorkspace } from '../core/workspaces/index.ts'
import { sha256Of, uuidFromHash } from '../lib/ids.ts'
import type { DialectSettings, WorkspaceSettings } from '../model/workspace.ts'
import type { ConfigFile } from './schema.ts'
import { VENDOR_CREDENTIALS, VENDOR_NAMES } from './vendor-blocks.ts'
import type { VendorName } from './vendor-blocks.ts'

type WorkspaceSection = ConfigFile['workspaces'][number]
type ApiKeySection = WorkspaceSection['apiKeys'][number]

/** Keys for servers may do all unless told otherwise; keys that end up in browsers and apps may do nothing. */
const DEFAULT_PERMISSIONS: Readonly<Record<ApiKeySection['scope'], readonly string[]>> = {
  workspace: ['*'],
  native: ['*'],
  profile: [],
  tracker: [],
  ai: [],
}

/** The file's workspaces and users in core's words; the vendors' blocks become credentials and dialect settings. */
export function toDeclaration(file: ConfigFile): Declaration {
  return { workspaces: file.workspaces.map(toWorkspace), users: file.users }
}

function toWorkspace(section: WorkspaceSection): DeclaredWorkspace {
  const { name, guid, apiKeys } = section
  const keys = [...apiKeys.map(toKey), ...VENDOR_NAMES.flatMap((vendor) => vendorKeys(vendor, section))]
  return { name, guid: guid?.toLowerCase() ?? guidOf(name), settings: toSettings(section), keys }
}

/** Never changes: an installation that leaves guids out finds its workspaces by it. */
function guidOf(name: string): string {
  return uuidFromHash(sha256Of('tributary/workspace', name))
}

function toKey({ scope, key, permissions }: ApiKeySection): DeclaredKey {
  return { scope, secret: key, permissions: permissions ?? DEFAULT_PERMISSIONS[scope] }
}

function vendorKeys(vendor: VendorName, section: WorkspaceSection): DeclaredKey[] {
  return Object.entries(section[vendor] ?? {}).flatMap(([field, value]) => {
    const permissions = VENDOR_CREDENTIALS[vendor][field]
    if (permissions === undefined) return []
    const secrets = Array.isArray(value) ? value : [value]
    return secrets.map((secret) => ({ scope: vendor, secret: String(secret), permissions }))
  })
}

function toSettings(section: WorkspaceSection): WorkspaceSettings {
  const { timezone, defaultCountry, emailIdentity, corsOrigins } = section
  const { junkIdentifiers, ledgerDays, changeLogDays, dedupeDays, tokenLifeSeconds } = section
  const retention = { ledgerDays, changeLogDays, dedupeDays }
  const dialects = Object.fromEntries(
    VENDOR_NAMES.filter((vendor) => section[vendor]).map((vendor) => [
      vendor,
      vendorSettings(vendor, section),
    ]),
  )
  return {
    ...DEFAULT_SETTINGS,
    ...retention,
    tokenLifeSeconds,
    timezone,
    defaultCountry,
    emailIdentity,
    corsOrigins,
    junkIdentifiers,
    dialects,
  }
}

function vendorSettings(vendor: VendorName, section: WorkspaceSection): DialectSettings {
  const entries: [string, unknown][] = Object.entries(section[vendor] ?? {})
  const settings = entries.filter(([field]) => VENDOR_CREDENTIALS[vendor][field] === undefined)
  return { ...Object.fromEntries(settings), ...derivedSettings(vendor, section) } as DialectSettings
}

/** Pyze's app key is public: where there is an api key as well, it is no credential. */
function derivedSettings(vendor: VendorName, section: WorkspaceSection): DialectSettings {
  return vendor === 'pyze' ? { requiresApiKey: section.pyze?.apiKeys.length !== 0 } : {}
}
