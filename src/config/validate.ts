import { Ajv } from 'ajv'
import type { ErrorObject } from 'ajv'
import { FORMATS } from './formats.ts'
import { keyOf } from './problems.ts'
import type { Path, Problem } from './problems.ts'
import { CONFIG_SCHEMA } from './schema.ts'
import type { ConfigFile } from './schema.ts'

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: true, allowUnionTypes: true })
for (const [name, { accepts }] of Object.entries(FORMATS)) {
  ajv.addFormat(name, { type: 'string', validate: accepts })
}
const check = ajv.compile<ConfigFile>(CONFIG_SCHEMA)

/**
 * Holds a file against the schema and fills in its defaults, in place.
 * @returns all that is wrong; the file is a {@link ConfigFile} when that is nothing
 */
export function validateFile(file: unknown): Problem[] {
  if (check(file)) return []
  return (check.errors ?? []).map((error) => ({
    key: keyOf(pathOf(error)) || 'the file',
    message: explain(error),
  }))
}

/** The file that leaves everything out. */
export function emptyFile(): ConfigFile {
  const file = {}
  check(file)
  return file as ConfigFile
}

/** The schema knows no key that is made of digits, so digits are always a place in a list. */
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
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  null: 'null',
}

function explain({ keyword, params, message }: ErrorObject): string {
  const limit = String(Reflect.get(params, 'limit'))
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
      return `must have at least ${limit} characters`
    case 'maxLength':
      return `must have at most ${limit} characters`
    case 'minItems':
      return `must have at least ${limit} item`
    default:
      return message ?? 'is invalid'
  }
}

function explainTypes(types: unknown): string {
  const names = Array.isArray(types) ? types.map(String) : [String(types)]
  return names.map((name) => TYPES[name] ?? name).join(' or ')
}
