import { isJsonObject } from '../lib/json.ts'
import { isStorableText } from '../lib/text.ts'
import { compileCheck, countText } from './schema-check.ts'
import type { Path, Violation } from './schema-check.ts'

/** What is read of a JSON Schema. */
interface Schema {
  $ref?: string
  anyOf?: readonly Schema[]
  type?: string
  enum?: readonly unknown[]
  const?: unknown
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  items?: Schema
  minItems?: number
  maxItems?: number
}

/** A schema whose parts refer to each other, and how deep they may. */
export interface RecursiveSchema {
  /** By the name that `$ref: '#/$defs/<name>'` has. */
  defs: Readonly<Record<string, Schema>>
  depthMax: number
}

/**
 * The first place at which a value breaks a schema, where a validator of JSON Schema would say that it matches none of
 * forty alternatives: of alternatives that differ in a fixed member (`type`, `operator`) the one is taken that the value
 * names. Reads of a schema what definitions are made of; texts, numbers and the like go through {@link compileCheck}.
 * @param depth how many `$ref`s led here
 */
export function findProblem(
  whole: RecursiveSchema,
  schema: Schema,
  value: unknown,
  path: Path = [],
  depth = 0,
): Violation | undefined {
  const into = (part: Schema, member: unknown, ...steps: Path): Violation | undefined =>
    findProblem(whole, part, member, [...path, ...steps], depth)
  if (schema.$ref !== undefined) {
    if (depth === whole.depthMax) return { path, message: `must not be nested deeper than ${depth}` }
    const target = whole.defs[schema.$ref.replace('#/$defs/', '')]
    return target && findProblem(whole, target, value, path, depth + 1)
  }
  if (schema.anyOf) {
    const chosen = choose(schema.anyOf, value)
    return 'message' in chosen ? { ...chosen, path: [...path, ...chosen.path] } : into(chosen, value)
  }
  if (schema.type === 'object') return inObject(schema, value, path, into)
  if (schema.type === 'array') return inArray(schema, value, path, into)
  return inLeaf(schema, value, path)
}

type Into = (part: Schema, member: unknown, ...steps: Path) => Violation | undefined

function inObject(schema: Schema, value: unknown, path: Path, into: Into): Violation | undefined {
  if (!isJsonObject(value)) return { path, message: 'must be an object' }
  const { properties = {}, required = [] } = schema
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(properties, key))
  if (unknown !== undefined) return { path: [...path, unknown], message: 'unknown key' }
  const missing = required.find((key) => !Object.hasOwn(value, key))
  if (missing !== undefined) return { path: [...path, missing], message: 'is required' }
  for (const [key, part] of Object.entries(properties)) {
    const problem = Object.hasOwn(value, key) ? into(part, value[key], key) : undefined
    if (problem) return problem
  }
  return undefined
}

function inArray(schema: Schema, value: unknown, path: Path, into: Into): Violation | undefined {
  if (!Array.isArray(value)) return { path, message: 'must be a list' }
  const { items = {}, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  if (value.length < minItems) return { path, message: `must have at least ${countText(minItems, 'item')}` }
  if (value.length > maxItems) return { path, message: `must have at most ${countText(maxItems, 'item')}` }
  for (const [index, member] of value.entries()) {
    const problem = into(items, member, index)
    if (problem) return problem
  }
  return undefined
}

const checks = new WeakMap<Schema, ReturnType<typeof compileCheck>>()

function inLeaf(schema: Schema, value: unknown, path: Path): Violation | undefined {
  if (schema.type === undefined && schema.enum === undefined)
    return isStorable(value, VALUE_DEPTH_MAX)
      ? undefined
      : { path, message: 'cannot be compared with what is stored' }
  const check = checks.get(schema) ?? compileCheck(schema)
  checks.set(schema, check)
  const message = check(value)[0]?.message
  return message === undefined ? undefined : { path, message }
}

/** As deep as values are that are stored. */
const VALUE_DEPTH_MAX = 20

/** Whether PostgreSQL takes the value as JSON. */
function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value === 'boolean') return true
  if (typeof value !== 'object' || depth === 0) return false
  return Object.entries(value).every(([key, member]) => isStorableText(key) && isStorable(member, depth - 1))
}

/** The alternative that a value means, or what keeps it from meaning one. */
function choose(choices: readonly Schema[], value: unknown): Schema | Violation {
  let left = choices.filter((choice) => choice.type === typeOf(value))
  if (left.length === 0) {
    const types = [...new Set(choices.map((choice) => TYPE_NAMES[String(choice.type)]))]
    return { path: [], message: `must be ${types.join(' or ')}` }
  }
  while (left.length > 1 && isJsonObject(value)) {
    const next = narrow(left, value)
    if (!Array.isArray(next)) return next
    left = next
  }
  return left[0] ?? { path: [], message: 'is invalid' }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  null: 'null',
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}

/** The alternatives that are left by the first member that tells some of them apart. */
function narrow(choices: readonly Schema[], value: Readonly<Record<string, unknown>>): Schema[] | Violation {
  const [first] = choices
  for (const key of Object.keys(first?.properties ?? {})) {
    const allowed = choices.map((choice) => allowedOf(choice, key))
    if (allowed.some((values) => values === undefined) || new Set(allowed.map(String)).size === 1) continue
    if (!Object.hasOwn(value, key)) return { path: [key], message: 'is required' }
    const left = choices.filter((_, index) => allowed[index]?.includes(value[key]))
    const names = [...new Set(allowed.flat())].join(', ')
    return left.length > 0 ? left : { path: [key], message: `must be one of ${names}` }
  }
  return { path: [], message: 'is invalid' }
}

function allowedOf(choice: Schema, key: string): readonly unknown[] | undefined {
  const part = choice.properties?.[key]
  if (part?.enum) return part.enum
  return part && 'const' in part ? [part.const] : undefined
}
