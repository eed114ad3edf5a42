import { jsonEquals } from '../../../src/lib/json.ts'
import type { Json } from '../../../src/lib/json.ts'
import type { Aggregate } from '../../../src/model/aggregate.ts'
import { QUOTIENT_DIGITS } from '../../../src/model/aggregate.ts'
import { CONCAT_LENGTH_MAX, RESULT_DIGITS, RESULT_EXPONENT_MAX } from '../../../src/model/expression.ts'
import type { Expression } from '../../../src/model/expression.ts'
import { find, numberIn } from './passes.ts'
import { clocksAt, compareDecimals, instantOf, ONE, roundTo, spellDecimal } from './values.ts'
import type { Decimal, Reading } from './values.ts'

/** What an expression can be; numbers are decimals. */
export type Value = Decimal | Json | undefined

/** An aggregate or an expression by its id, with what that stands for. */
export type Reference = Extract<Expression, { type: 'aggregate' | 'expression' }>

/** What an expression is about. */
export interface Context {
  attributes: Readonly<Record<string, Json>>
  reading: Reading
  aggregate: (aggregate: Aggregate) => Value
}

/** The value of an expression: part by part. */
export function evaluateExpression(expression: Expression, context: Context): Value {
  const value = (one: Expression): Value => evaluateExpression(one, context)
  switch (expression.type) {
    case 'literal':
      return clean(expression.value)
    case 'attribute':
      return clean(find(context.attributes, expression))
    case 'aggregate':
      return context.aggregate(expression.definition!)
    case 'expression':
      return value(expression.definition!)
    case 'if': {
      const chosen = value(expression.condition) === true ? expression.whenTrue : expression.otherwise
      return chosen && value(chosen)
    }
    case 'round': {
      const number = asNumber(value(expression.operand))
      return number === undefined ? undefined : roundTo(number, expression.digits ?? 0)
    }
    case 'substring': {
      const { start, length = Infinity } = expression
      return withText(value(expression.operand), (text) =>
        Array.from(text)
          .slice(start, start + length)
          .join(''),
      )
    }
    default:
      break
  }
  if ('operands' in expression) return fold(expression.type, expression.operands.map(value))
  if ('left' in expression) return compare(expression.type, value(expression.left), value(expression.right))
  return convert(expression.type, value(expression.operand), context.reading)
}

function clean(value: Json | undefined): Value {
  return typeof value === 'number' ? numberIn(value) : (value ?? undefined)
}

function asNumber(value: Value): Decimal | undefined {
  return typeof value === 'bigint' ? value : numberIn(value)
}

function withText(value: Value, use: (text: string) => Value): Value {
  return typeof value === 'string' ? use(value) : undefined
}

function withNumbers(values: readonly Value[], use: (numbers: Decimal[]) => Value): Value {
  const numbers = values.map(asNumber).filter((number) => number !== undefined)
  return numbers.length < values.length ? undefined : use(numbers)
}

function bounded(number: Decimal): Value {
  const size = number < 0n ? -number : number
  return size < ONE * 10n ** BigInt(RESULT_EXPONENT_MAX) ? number : undefined
}

type Fold = Extract<Expression, { operands: unknown }>['type']

function fold(type: Fold, values: readonly Value[]): Value {
  switch (type) {
    case 'add':
      return withNumbers(values, (all) => bounded(all.reduce((a, b) => roundTo(a + b, RESULT_DIGITS))))
    case 'multiply':
      return withNumbers(values, (all) =>
        bounded(all.reduce((a, b) => roundTo(a * b, RESULT_DIGITS, ONE * ONE))),
      )
    case 'concat': {
      if (!values.every((one) => typeof one === 'string')) return undefined
      const made = values.join('')
      return Array.from(made).length <= CONCAT_LENGTH_MAX ? made : undefined
    }
    case 'coalesce':
      return values.find((one) => one !== undefined)
    case 'and':
    case 'or': {
      const decisive = type === 'or'
      if (values.includes(decisive)) return decisive
      return values.every((one) => one === !decisive) ? !decisive : undefined
    }
  }
}

type Compare = Extract<Expression, { left: unknown }>['type']

function compare(type: Compare, left: Value, right: Value): Value {
  if (type === 'equals' || type === 'notEquals') {
    if (left === undefined || right === undefined) return undefined
    return jsonEquals(left, right) === (type === 'equals')
  }
  return withNumbers([left, right], ([a = 0n, b = 0n]) => {
    if (type === 'subtract') return bounded(roundTo(a - b, RESULT_DIGITS))
    if (type === 'divide') return b === 0n ? undefined : bounded(roundTo(a, QUOTIENT_DIGITS, b))
    const order = compareDecimals(a, b)
    return { greaterThan: order > 0, atLeast: order >= 0, lessThan: order < 0, atMost: order <= 0 }[type]
  })
}

type Convert = Extract<Expression, { operand: unknown }>['type']

function convert(type: Exclude<Convert, 'round' | 'substring'>, value: Value, reading: Reading): Value {
  switch (type) {
    case 'not':
      return typeof value === 'boolean' ? !value : undefined
    case 'exists':
      return value !== undefined
    case 'lower':
      return withText(value, (text) => text.toLowerCase())
    case 'upper':
      return withText(value, (text) => text.toUpperCase())
    case 'trim':
      return withText(value, (text) => text.replaceAll(/^[ \t\n\r]+|[ \t\n\r]+$/g, ''))
    case 'length':
      return withText(value, (text) => BigInt(Array.from(text).length) * ONE)
    case 'toNumber':
      return asNumber(value)
    case 'toText':
      if (typeof value === 'bigint') return spellDecimal(value)
      return typeof value === 'boolean' ? String(value) : withText(value, (text) => text)
    case 'daysSince':
      return withText(value, (text) => daysSince(text, reading))
  }
}

function daysSince(text: string, { now, timezone }: Reading): Value {
  const instant = instantOf(text, timezone)
  if (instant === undefined) return undefined
  const day = (at: number): number => Math.floor(clocksAt(at, timezone) / 86_400_000)
  return BigInt(day(now) - day(instant)) * ONE
}
