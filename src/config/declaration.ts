import { defaultPermissions } from '../core/access/index.ts'
import { pickCommonSettings } from '../core/workspaces/index.ts'
import type { Declaration, DeclaredKey, DeclaredWorkspace } from '../core/workspaces/index.ts'
import { sha256Of, uuidFromHash } from '../lib/ids.ts'
import type { DialectSettings, WorkspaceSettings } from '../model/workspace.ts'
import type { ConfigFile } from './schema.ts'
import { VENDOR_CREDENTIALS, VENDOR_NAMES, VENDOR_SETTINGS } from './vendor-blocks.ts'
import type { VendorName } from './vendor-blocks.ts'

type WorkspaceSection = ConfigFile['workspaces'][number]
type ApiKeySection = WorkspaceSection['apiKeys'][number]

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
  return { scope, secret: key, permissions: permissions ?? defaultPermissions(scope) }
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
  const vendors = VENDOR_NAMES.filter((vendor) => section[vendor])
  const dialects = Object.fromEntries(vendors.map((vendor) => [vendor, vendorSettings(vendor, section)]))
  return { ...pickCommonSettings(section), dialects }
}

function vendorSettings(vendor: VendorName, section: WorkspaceSection): DialectSettings {
  const entries: [string, unknown][] = Object.entries(section[vendor] ?? {})
  const settings = entries.filter(([field]) => Object.hasOwn(VENDOR_SETTINGS[vendor], field))
  return { ...derivedSettings(vendor, section), ...Object.fromEntries(settings) } as DialectSettings
}

/** Pyze's app key is public: where there is an api key as well, it is no credential. */
function derivedSettings(vendor: VendorName, section: WorkspaceSection): DialectSettings {
  return vendor === 'pyze' ? { requiresApiKey: section.pyze?.apiKeys.length !== 0 } : {}
}
