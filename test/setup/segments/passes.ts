import { isJsonObject, jsonEquals } from '../../../src/lib/json.ts'
import type { Json } from '../../../src/lib/json.ts'
import type { Instant } from '../../../src/lib/time.ts'
import type { Field } from '../../../src/model/segment.ts'
import type { MomentTest, ResultTest, ValueTest } from '../../../src/model/segment-tests.ts'
import { compareDecimals, decimalOf, instantOf, momentOf } from './values.ts'
import type { Decimal, Reading } from './values.ts'

/** A value in an object, or inside it. */
export function find(object: object, { name, path = [] }: Field): Json | undefined {
  return [name, ...path].reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return /^-?\d+$/.test(step) ? value.at(Number(step)) : undefined
    return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined
  }, object) as Json | undefined
}

/** Whether a value passes a test. */
export function passes(test: ValueTest, value: Json | undefined, reading: Reading): boolean {
  switch (test.operator) {
    case 'exists':
      return value !== undefined && value !== null
    case 'equals':
      return isEqual(value, test.value, test.ignoreCase)
    case 'notEquals':
      return !isEqual(value, test.value, test.ignoreCase)
    case 'in':
      return test.values.some((one) => isEqual(value, one))
    case 'contains':
      if (Array.isArray(value)) return value.some((one) => isEqual(one, test.value, test.ignoreCase))
      if (typeof value !== 'string' || typeof test.value !== 'string') return false
      return fold(value, test.ignoreCase).includes(fold(test.value, test.ignoreCase))
    case 'startsWith':
      return (
        typeof value === 'string' &&
        fold(value, test.ignoreCase).startsWith(fold(test.value, test.ignoreCase))
      )
    case 'endsWith':
      return (
        typeof value === 'string' && fold(value, test.ignoreCase).endsWith(fold(test.value, test.ignoreCase))
      )
    case 'before':
    case 'after':
    case 'during':
      return typeof value === 'string' && passesMoment(test, instantOf(value, reading.timezone), reading)
    default: {
      const number = numberIn(value)
      return number !== undefined && passesNumber(test, number)
    }
  }
}

function isEqual(value: Json | undefined, wanted: Json, ignoreCase = false): boolean {
  if (typeof value === 'string' && typeof wanted === 'string')
    return fold(value, ignoreCase) === fold(wanted, ignoreCase)
  return value !== undefined && jsonEquals(value, wanted)
}

function fold(text: string, ignoreCase = false): string {
  return ignoreCase ? text.toLowerCase() : text
}

/** The number that a value is, if it is one. */
export function numberIn(value: Json | undefined): Decimal | undefined {
  if (typeof value === 'string' && value.length > 400) return undefined
  return typeof value === 'number' || typeof value === 'string' ? decimalOf(String(value)) : undefined
}

/** Whether a number passes a test. @param parts it is a sum of so many, and what counts is their mean */
export function passesNumber(test: ResultTest, number: Decimal, parts = 1n): boolean {
  const side = (other: number): number => compareDecimals(number, decimalOf(String(other))! * parts)
  if (test.operator === 'between') return side(test.from) >= 0 && side(test.to) <= 0
  const order = side(test.value)
  const outcomes = {
    equals: order === 0,
    notEquals: order !== 0,
    greaterThan: order > 0,
    atLeast: order >= 0,
    lessThan: order < 0,
    atMost: order <= 0,
  }
  return outcomes[test.operator]
}

/** Whether an instant passes a test. */
export function passesMoment(test: MomentTest, instant: Instant | undefined, reading: Reading): boolean {
  if (instant === undefined) return false
  if (test.operator === 'during')
    return instant >= momentOf(test.from, reading) && instant < momentOf(test.to, reading)
  const other = momentOf(test.value, reading)
  return test.operator === 'before' ? instant < other : instant > other
}
