import type { CdpError } from '../../model/errors.ts'
import { invalid } from './cells.ts'
import type { ListBody } from './schemas.ts'

/** What must hold of a field. `value` as sent. */
export interface Condition {
  field: string
  operator: Operator
  value: string | number | boolean
  /** Where it stands, for errors. */
  pointer: string
}

const OPERATORS = ['=', '>', '<', '>=', '<='] as const

type Operator = (typeof OPERATORS)[number]

/** Bounds of a value, both inclusive. */
export interface Bounds {
  min?: number | undefined
  max?: number | undefined
}

/**
 * The conditions of a list. @throws CDP_BODY_INVALID
 * @source reference 3.3, SRC[28]: triples of field, operator and value, shown with `=` and `>`
 * @assumed all of them must hold; `<`, `>=` and `<=` beside what is shown
 */
export function conditionsOf({ condition = [] }: ListBody): Condition[] {
  return condition.map(([field, operator, value], index) => {
    const pointer = `/condition/${index}`
    if (typeof field !== 'string') throw invalid(pointer, 'must begin with the name of a field')
    const known = OPERATORS.find((candidate) => candidate === operator)
    if (!known) throw invalid(pointer, `must have one of ${OPERATORS.join(' ')} in its middle`)
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw invalid(pointer, 'must end in a text, a number or a boolean')
    return { field, operator: known, value, pointer }
  })
}

/** Bounds that whole numbers of a field keep. @throws CDP_BODY_INVALID the value is no whole number */
export function boundsOf(conditions: readonly Condition[], field: string): Bounds {
  const bounds = { min: -Infinity, max: Infinity }
  for (const { operator, value, pointer } of conditions.filter((condition) => condition.field === field)) {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw invalid(pointer, 'must end in a whole number')
    const { min = -Infinity, max = Infinity } = WHOLE[operator](number)
    bounds.min = Math.max(bounds.min, min)
    bounds.max = Math.min(bounds.max, max)
  }
  return {
    min: Number.isFinite(bounds.min) ? bounds.min : undefined,
    max: Number.isFinite(bounds.max) ? bounds.max : undefined,
  }
}

const WHOLE: Readonly<Record<Operator, (number: number) => Bounds>> = {
  '=': (number) => ({ min: number, max: number }),
  '>': (number) => ({ min: number + 1 }),
  '<': (number) => ({ max: number - 1 }),
  '>=': (number) => ({ min: number }),
  '<=': (number) => ({ max: number }),
}

/** The first second of the year 10000: no stored time lies behind it. */
const SECONDS_MAX = 253_402_300_799

/** Bounds in Unix seconds as bounds of instants: an instant belongs to the second in which it lies. */
export function toInstants({ min, max }: Bounds): Bounds {
  const clamp = (seconds: number): number => Math.min(Math.max(seconds, 0), SECONDS_MAX)
  return {
    min: min === undefined ? undefined : clamp(min) * 1_000,
    max: max === undefined ? undefined : clamp(max) * 1_000 + 999,
  }
}

/**
 * What a list is sorted by. @throws CDP_BODY_INVALID
 * @param sorts what each field that can be sorted by means
 */
export function orderOf<Sort>(
  { order = [] }: ListBody,
  sorts: Readonly<Record<string, Sort>>,
): { by: Sort; order: 'asc' | 'desc' } | undefined {
  const [text] = order
  if (text === undefined) return undefined
  const [, field = '', direction = 'asc'] = /^(\w+)(?: +(asc|desc))?$/i.exec(text.trim()) ?? []
  const by = Object.hasOwn(sorts, field) ? sorts[field] : undefined
  if (by === undefined)
    throw invalid('/order/0', `must be one of ${Object.keys(sorts).join(', ')}, then ASC or DESC`)
  return { by, order: direction.toLowerCase() === 'desc' ? 'desc' : 'asc' }
}

/** @assumed how many objects a list gives where nobody says is not printed */
const LIMIT = 100

/** The part of a list that is asked for. */
export function pageOf({ limit = LIMIT, offset = 0 }: ListBody): { limit: number; offset: number } {
  return { limit, offset }
}

/** The fields of an object that are asked for; its id is always among them. */
export function pick(
  object: Readonly<Record<string, unknown>>,
  select: readonly string[] | undefined,
): object {
  if (select === undefined || select.length === 0) return object
  return Object.fromEntries(Object.entries(object).filter(([name]) => name === 'id' || select.includes(name)))
}

/** The refusal of a condition on a field, or with an operator, that a list does not know. */
export function unknownCondition({ field, pointer }: Condition, fields: readonly string[]): CdpError {
  const known = fields.includes(field)
  return invalid(
    pointer,
    known ? `${field} is compared by = only` : `must be about one of ${fields.join(', ')}`,
  )
}
