import { ProblemError } from '../../api/problem.ts'
import type { PolicyField, PolicyGroup, Value } from './policy-types.ts'

/** Settings as the server has them. */
export type Settings = Readonly<Record<string, unknown>>

/** What a form holds, by the paths of its fields. */
export type Values = Readonly<Record<string, Value>>

interface Patch {
  [name: string]: unknown
}

/** The value at a path; undefined where there is none. */
export function settingAt(settings: Settings, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), settings)
}

/** A value as the text of a field. */
export function textOf(value: Value | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** Whether what a group is about is on. */
export function isGroupOn({ block }: Pick<PolicyGroup, 'block'>, settings: Settings): boolean {
  return block === undefined || isObject(settingAt(settings, block))
}

/** What a form of these fields shows. */
export function valuesOf(fields: readonly PolicyField[], settings: Settings): Values {
  return Object.fromEntries(
    fields.map((field) => {
      const value = settingAt(settings, field.path)
      return [field.path, value === undefined || value === null ? blankOf(field) : (value as Value)]
    }),
  )
}

/**
 * What changes of the settings, as a merge patch (RFC 7396); empty when nothing does.
 * @param values what the form holds
 * @param isOn whether what the group is about is to be on
 */
export function patchOf(group: PolicyGroup, settings: Settings, values: Values, isOn: boolean): Patch {
  const { block, fields, parts = [] } = group
  const wasOn = isGroupOn(group, settings)
  const patch: Patch = {}
  if (block !== undefined && !isOn) {
    if (wasOn) put(patch, block, null)
    return patch
  }
  if (block !== undefined && !wasOn) put(patch, block, {})
  const before = valuesOf(fields, settings)
  for (const field of fields) {
    const value = values[field.path]
    if (value === undefined || (wasOn && isSame(value, before[field.path]))) continue
    put(patch, field.path, toSetting(field, value))
  }
  for (const part of parts) clear(part, { patch, settings, fields, values })
  return patch
}

/** Takes a part away when all of its fields are empty. */
function clear(
  part: string,
  given: { patch: Patch; settings: Settings; fields: readonly PolicyField[]; values: Values },
): void {
  const { patch, settings, fields, values } = given
  const own = fields.filter(({ path }) => path.startsWith(`${part}.`))
  const isEmpty = own.every((field) => toSetting(field, values[field.path] ?? '') === null)
  const isThere = settingAt(settings, part) !== undefined
  if (isEmpty && (isThere || settingAt(patch, part) !== undefined)) put(patch, part, null)
}

function toSetting({ input }: PolicyField, value: Value): unknown {
  const text = typeof value === 'string' ? value.trim() : value
  const isEmpty = text === '' || (Array.isArray(text) && text.length === 0)
  const isOptional = input.kind === 'country' || ('isOptional' in input && input.isOptional)
  return isEmpty && isOptional ? null : text
}

function blankOf({ input, initial }: PolicyField): Value {
  if (initial !== undefined) return initial
  switch (input.kind) {
    case 'number':
      return input.min
    case 'switch':
      return false
    case 'texts':
    case 'checks':
    case 'eventDays':
      return []
    default:
      return ''
  }
}

function put(target: Patch, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let at = target
  for (const name of names) {
    const next = at[name]
    const inner: Patch = isObject(next) ? next : {}
    at[name] = inner
    at = inner
  }
  at[last] = value
}

function isObject(value: unknown): value is Patch {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** The complaint about a setting, or about something inside it. */
export function complaintOf(error: unknown, path: string): string | undefined {
  if (!(error instanceof ProblemError)) return undefined
  const pointer = `/settings/${path.replaceAll('.', '/')}`
  const found = error.problem.errors?.find((one) => `${one.pointer}/`.startsWith(`${pointer}/`))
  // The place stands before the complaint, for who has no form around it.
  return found?.detail.replace(/^settings\.\S*: /, '')
}
