import { Ajv } from 'ajv'
import type { ErrorObject, ValidateFunction } from 'ajv'
import type { TSchema } from 'typebox'
import { escapePointer } from '../lib/json.ts'
import { FORMATS } from './formats.ts'

/** Where a value stands: names of keys and places in lists. */
export type Path = readonly (string | number)[]

/** One place that breaks a schema. The message never holds a value: it may be a secret. */
export interface Violation {
  path: Path
  message: string
}

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: true, allowUnionTypes: true })
for (const [name, { accepts }] of Object.entries(FORMATS)) {
  ajv.addFormat(name, { type: 'string', validate: accepts })
}

/**
 * Makes the check of a schema. The check fills the schema's defaults into the value, in place, and gives all that is
 * wrong with it. The configuration file and the API go through the same one, so that both accept the same.
 */
export function compileCheck(schema: TSchema): (value: unknown) => Violation[] {
  // Compiled when first asked: every command loads these schemas, and most commands ask only one of them.
  let check: ValidateFunction | undefined
  return (value) => {
    check ??= ajv.compile(schema)
    if (check(value)) return []
    return (check.errors ?? []).map((error) => ({ path: pathOf(error), message: explain(error) }))
  }
}

/** A path as a JSON pointer (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${escapePointer(String(step))}`).join('')
}

/** No schema here knows a key that is made of digits, so digits are always a place in a list. */
function pathOf({ instancePath, params }: ErrorObject): Path {
  const steps = instancePath.split('/').slice(1)
  const path = steps.map((step) => (/^\d+$/.test(step) ? Number(step) : unescapePointer(step)))
  const name: unknown = Reflect.get(params, 'missingProperty') ?? Reflect.get(params, 'additionalProperty')
  return typeof name === 'string' ? [...path, name] : path
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'an object',
  boolean: 'true or false',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  null: 'null',
}

function explain({ keyword, params, message }: ErrorObject): string {
  const limit = Number(Reflect.get(params, 'limit'))
  switch (keyword) {
    case 'required':
      return 'is required'
    case 'additionalProperties':
      return 'unknown key'
    case 'type':
      return `must be ${explainTypes(Reflect.get(params, 'type'))}`
    case 'enum':
      return `must be one of ${(Reflect.get(params, 'allowedValues') as unknown[]).join(', ')}`
    case 'format':
      return FORMATS[Reflect.get(params, 'format') as keyof typeof FORMATS].rule
    case 'minimum':
      return `must be at least ${limit}`
    case 'maximum':
      return `must be at most ${limit}`
    case 'minLength':
      return `must have at least ${countText(limit, 'character')}`
    case 'maxLength':
      return `must have at most ${countText(limit, 'character')}`
    case 'minItems':
      return `must have at least ${countText(limit, 'item')}`
    default:
      return message ?? 'is invalid'
  }
}

/** So many of something, as it stands in a sentence: `1 item`, `2 items`. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function explainTypes(types: unknown): string {
  const names = Array.isArray(types) ? types.map(String) : [String(types)]
  return names.map((name) => TYPES[name] ?? name).join(' or ')
}
