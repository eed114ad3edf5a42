import { compileCheck } from '../../model/schema-check.ts'
import type { Violation } from '../../model/schema-check.ts'
import { COMMON_SETTINGS, settingsSchema } from '../../model/workspace-settings.ts'
import type { CommonSettings, VendorSettings } from '../../model/workspace-settings.ts'
import type { DialectSettings, WorkspaceSettings } from '../../model/workspace.ts'

/** Settings as people write them: the vendors' blocks stand among the common ones, as in the configuration file. */
export type FlatSettings = Readonly<Record<string, unknown>>

/** Settings of a workspace that says nothing about them. */
export const DEFAULT_SETTINGS: WorkspaceSettings = { ...defaultCommonSettings(), dialects: {} }

function defaultCommonSettings(): CommonSettings {
  const settings: Record<string, unknown> = {}
  compileCheck(settingsSchema({}))(settings)
  return settings as CommonSettings
}

/** The common settings among other keys. */
export function pickCommonSettings(from: CommonSettings): CommonSettings {
  const keys = Object.keys(COMMON_SETTINGS) as (keyof CommonSettings)[]
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as unknown as CommonSettings
}

/** Checks and shows settings; opened once over the vendors' own settings. */
export interface SettingsForm {
  /** All that is wrong with flat settings; fills in the defaults, in place. */
  check(flat: FlatSettings): Violation[]
  /** Checked flat settings as they are stored; what is stored of dialects without settings stays. */
  toStored(flat: FlatSettings, before: WorkspaceSettings): WorkspaceSettings
  /** Stored settings as people write them, with every default. */
  show(stored: WorkspaceSettings): FlatSettings
}

/** Opens the form of the settings over the vendors' settings, which the dialects declare. */
export function openSettingsForm(vendors: VendorSettings): SettingsForm {
  const check = compileCheck(settingsSchema(vendors))
  const names = Object.keys(vendors)
  const toStored = (flat: FlatSettings, before: WorkspaceSettings): WorkspaceSettings => {
    const others = Object.entries(before.dialects).filter(([name]) => !names.includes(name))
    const given = names.flatMap((name) => (flat[name] === undefined ? [] : [[name, flat[name]] as const]))
    const dialects = Object.fromEntries([...others, ...given]) as Record<string, DialectSettings>
    return { ...pickCommonSettings(flat as unknown as CommonSettings), dialects }
  }
  const show = (stored: WorkspaceSettings): FlatSettings => {
    const { dialects, ...common } = structuredClone(stored)
    const blocks = names.flatMap((name) => (dialects[name] ? [[name, dialects[name]] as const] : []))
    const flat = { ...pickCommonSettings(common as unknown as CommonSettings), ...Object.fromEntries(blocks) }
    // Only for the defaults: a block that a starter made holds no more than it must.
    check(flat)
    return flat
  }
  return { check, toStored, show }
}
