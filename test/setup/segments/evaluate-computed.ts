import { isJsonObject, jsonEquals } from '../../../src/lib/json.ts'
import type { Json } from '../../../src/lib/json.ts'
import type { Aggregate } from '../../../src/model/aggregate.ts'
import { QUOTIENT_DIGITS } from '../../../src/model/aggregate.ts'
import type { ValueTest } from '../../../src/model/segment-tests.ts'
import { evaluateExpression } from './evaluate-expression.ts'
import type { Reference, Value } from './evaluate-expression.ts'
import { find, numberIn, passes, passesNumber } from './passes.ts'
import { eventsOf, matches } from './subjects.ts'
import type { Subject } from './subjects.ts'
import { compareDecimals, ONE, roundTo, spellDecimal } from './values.ts'
import type { Reading } from './values.ts'

/** The value of an aggregate or an expression for a person: by looking at one event after the other. */
export function valueOf(reference: Reference, subject: Subject, reading: Reading): Value {
  if (reference.type === 'aggregate') return aggregateOf(reference.definition!, subject, reading)
  return evaluateExpression(reference.definition!, {
    attributes: subject.own.attributes,
    reading,
    aggregate: (aggregate) => aggregateOf(aggregate, subject, reading),
  })
}

/** Whether a computed value passes a test of stored values. */
export function passesValue(test: ValueTest, value: Value, reading: Reading): boolean {
  if (typeof value !== 'bigint') return passes(test, value, reading)
  switch (test.operator) {
    case 'greaterThan':
    case 'atLeast':
    case 'lessThan':
    case 'atMost':
    case 'between':
      return passesNumber(test, value)
    case 'equals':
    case 'notEquals': {
      const isSame = typeof test.value === 'number' && numberIn(test.value) === value
      return isSame === (test.operator === 'equals')
    }
    case 'in':
      return test.values.some((one) => typeof one === 'number' && numberIn(one) === value)
    default:
      return test.operator === 'exists'
  }
}

function aggregateOf(aggregate: Aggregate, subject: Subject, reading: Reading): Value {
  const events = eventsOf(subject, aggregate.window, reading).filter((one) =>
    matches(aggregate, one, reading),
  )
  if (aggregate.function === 'count') return BigInt(events.length) * ONE
  const { property } = aggregate
  const valued = events
    .toSorted((a, b) => a.at - b.at || (a.id! < b.id! ? -1 : 1))
    .map(({ properties }) => find(properties, property) ?? null)
    .filter((value) => value !== null)
  switch (aggregate.function) {
    case 'first':
      return valueIn(valued[0])
    case 'last':
      return valueIn(valued.at(-1))
    case 'distinct':
      return BigInt(groupsOf(valued).length) * ONE
    case 'top':
      return topOf(valued, aggregate.limit)
    default:
      return numberOf(aggregate.function, valued)
  }
}

/** A number as a decimal, anything else as it is. */
export function valueIn(value: Json | undefined): Value {
  return typeof value === 'number' ? numberIn(value) : (value ?? undefined)
}

function numberOf(name: 'sum' | 'avg' | 'min' | 'max', values: readonly Json[]): Value {
  const numbers = values.map(numberIn).filter((number) => number !== undefined)
  if (numbers.length === 0) return undefined
  const sorted = numbers.toSorted(compareDecimals)
  if (name === 'min') return sorted[0]
  if (name === 'max') return sorted.at(-1)
  const sum = numbers.reduce((left, right) => left + right)
  return name === 'sum' ? sum : roundTo(sum, QUOTIENT_DIGITS, ONE * BigInt(numbers.length))
}

function groupsOf(values: readonly Json[]): { value: Json; times: number }[] {
  const groups: { value: Json; times: number }[] = []
  for (const value of values) {
    const known = groups.find((group) => jsonEquals(group.value, value))
    if (known) known.times++
    else groups.push({ value, times: 1 })
  }
  return groups
}

function topOf(values: readonly Json[], limit: number): Value {
  if (values.length === 0) return undefined
  const compare = (a: Json, b: Json): number => Buffer.compare(Buffer.from(print(a)), Buffer.from(print(b)))
  const ranked = groupsOf(values).toSorted((a, b) => b.times - a.times || compare(a.value, b.value))
  return ranked.slice(0, limit).map(({ value }) => value)
}

/** A value as PostgreSQL prints it: shorter keys first, numbers without exponents. */
function print(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((one: Json) => print(one)).join(', ')}]`
  if (typeof value === 'number') return spellDecimal(numberIn(value)!)
  if (!isJsonObject(value)) return JSON.stringify(value)
  const keys = Object.keys(value).toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
  return `{${keys.map((key) => `${JSON.stringify(key)}: ${print(value[key] as Json)}`).join(', ')}}`
}
