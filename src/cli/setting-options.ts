import { isJsonObject } from '../lib/json.ts'
import { usage } from './command-line.ts'

/** The part of a JSON Schema that decides how a text is read. */
interface Schema {
  type?: string | readonly string[]
  enum?: readonly unknown[]
  properties?: Readonly<Record<string, Schema>>
}

/**
 * `--set key=value` and `--unset key` as a merge patch of settings. A dot leads into a block:
 * `webengage.requestsPerMinute=100`. Where the schema wants a text, the value is that text; anything else is JSON.
 * @throws CommanderError an option without a key
 */
export function parseSettingOptions(
  schema: object,
  { set, unset }: { set: readonly string[]; unset: readonly string[] },
): Record<string, unknown> {
  const patch: Record<string, unknown> = {}
  for (const option of set) {
    const at = option.indexOf('=')
    if (at <= 0) throw usage(`"${option}" must have the form key=value`)
    const path = option.slice(0, at).split('.')
    assign(patch, path, parseValue(schemaAt(schema, path), option.slice(at + 1)))
  }
  for (const key of unset) assign(patch, key.split('.'), null)
  return patch
}

function assign(
  patch: Record<string, unknown>,
  [key = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) {
    patch[key] = value
    return
  }
  const inner = patch[key]
  const block: Record<string, unknown> = isJsonObject(inner) ? { ...inner } : {}
  assign(block, rest, value)
  patch[key] = block
}

function schemaAt(schema: Schema, path: readonly string[]): Schema | undefined {
  return path.reduce<Schema | undefined>((at, key) => at?.properties?.[key], schema)
}

function parseValue(schema: Schema | undefined, text: string): unknown {
  const types = [schema?.type ?? []].flat()
  const isText = types.includes('string') || schema?.enum !== undefined
  if (isText && !(text === 'null' && types.includes('null'))) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
