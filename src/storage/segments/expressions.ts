import { CONCAT_LENGTH_MAX } from '../../model/expression.ts'
import type { Expression, LIST_OPERATORS, PAIR_OPERATORS, SINGLE_OPERATORS } from '../../model/expression.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { aggregateOf } from './aggregates.ts'
import { calculate, divide } from './arithmetic.ts'
import { asBoolean, asJson, asMoment, asNumber, asText, spell } from './sql-values.ts'
import type { SqlValue } from './sql-values.ts'
import type { Statement } from './statement.ts'
import { fieldOf } from './value-tests.ts'

/**
 * The value of an expression for the profile `p`. Every value of a caller is a parameter, and no operator fails on any value:
 * what it does not take is null.
 * @param expression one that was checked, in which every id is resolved
 * @throws RangeError an id that nobody resolved
 */
export function expressionOf(statement: Statement, expression: Expression): SqlValue {
  const value = (one: Expression): SqlValue => expressionOf(statement, one)
  switch (expression.type) {
    case 'literal':
      return json(statement.parameter(JSON.stringify(expression.value), 'jsonb'))
    case 'attribute':
      return json(fieldOf(statement, 'p.attributes', expression))
    case 'aggregate':
      return aggregateOf(statement, resolved(expression.definition))
    case 'expression':
      return value(resolved(expression.definition))
    case 'if':
      return choose(statement, expression, value)
    case 'round':
      return number(`round(${asNumber(statement, value(expression.operand))}, ${expression.digits ?? 0})`)
    case 'substring':
      return substring(statement, asText(statement, value(expression.operand)), expression)
    default:
      break
  }
  if ('operands' in expression) return fold(statement, expression.type, expression.operands.map(value))
  if ('left' in expression)
    return compare(statement, expression.type, value(expression.left), value(expression.right))
  return convert(statement, expression.type, value(expression.operand))
}

const number = (sql: string): SqlValue => ({ sql, type: 'number' })
const text = (sql: string): SqlValue => ({ sql, type: 'text' })
const truth = (sql: string): SqlValue => ({ sql, type: 'boolean' })
/** A JSON null is no value. */
const json = (sql: string): SqlValue => ({ sql: `nullif(${sql}, 'null')`, type: 'json' })

/** What an id stands for. @throws RangeError nobody resolved it */
export function resolved<Definition>(definition: Definition | undefined): Definition {
  if (definition === undefined) throw new RangeError('an id that nobody resolved')
  return definition
}

/** Values of one type stay of it; others meet as JSON. */
function unite(values: readonly SqlValue[], use: (sqls: string[]) => string): SqlValue {
  const [type = 'json', ...others] = new Set(values.map((one) => one.type))
  if (others.length === 0) return { sql: use(values.map(({ sql }) => sql)), type }
  return { sql: use(values.map(asJson)), type: 'json' }
}

function choose(
  statement: Statement,
  expression: Extract<Expression, { type: 'if' }>,
  value: (one: Expression) => SqlValue,
): SqlValue {
  const condition = asBoolean(statement, value(expression.condition))
  const whenTrue = value(expression.whenTrue)
  if (!expression.otherwise) return { ...whenTrue, sql: `case when ${condition} then ${whenTrue.sql} end` }
  return unite(
    [whenTrue, value(expression.otherwise)],
    ([yes, no]) => `case when ${condition} then ${yes} else ${no} end`,
  )
}

function substring(
  statement: Statement,
  whole: string,
  { start, length }: Extract<Expression, { type: 'substring' }>,
): SqlValue {
  const rest = length === undefined ? '' : `, ${statement.parameter(length, 'integer')}`
  return text(`substr(${whole}, ${statement.parameter(start + 1, 'integer')}${rest})`)
}

function fold(
  statement: Statement,
  type: (typeof LIST_OPERATORS)[number],
  values: readonly SqlValue[],
): SqlValue {
  const numbers = (): string[] => values.map((one) => asNumber(statement, one))
  switch (type) {
    case 'add':
      return number(calculate(statement, '+', numbers()))
    case 'multiply':
      return number(calculate(statement, '*', numbers()))
    case 'concat': {
      const whole = values.map((one) => asText(statement, one)).join(' || ')
      return text(
        statement.bind(whole, (made) => `case when length(${made}) <= ${CONCAT_LENGTH_MAX} then ${made} end`),
      )
    }
    case 'coalesce':
      return unite(values, (sqls) => `coalesce(${sqls.join(', ')})`)
    case 'and':
    case 'or':
      return truth(`(${values.map((one) => asBoolean(statement, one)).join(` ${type} `)})`)
  }
}

const COMPARISONS = { greaterThan: '>', atLeast: '>=', lessThan: '<', atMost: '<=' } as const

function compare(
  statement: Statement,
  type: (typeof PAIR_OPERATORS)[number],
  left: SqlValue,
  right: SqlValue,
): SqlValue {
  const [a, b] = [asNumber(statement, left), asNumber(statement, right)]
  switch (type) {
    case 'subtract':
      return number(calculate(statement, '-', [a, b]))
    case 'divide':
      return number(divide(statement, a, b))
    case 'equals':
      return truth(`(${asJson(left)} = ${asJson(right)})`)
    case 'notEquals':
      return truth(`(${asJson(left)} <> ${asJson(right)})`)
    default:
      return truth(`(${a} ${COMPARISONS[type]} ${b})`)
  }
}

/** Spaces, tabs and ends of lines. */
const BLANKS = String.raw`E' \t\n\r'`

function convert(statement: Statement, type: (typeof SINGLE_OPERATORS)[number], value: SqlValue): SqlValue {
  const words = (): string => asText(statement, value)
  switch (type) {
    case 'not':
      return truth(`(not ${asBoolean(statement, value)})`)
    case 'exists':
      return truth(`(${value.sql} is not null)`)
    case 'lower':
    case 'upper':
      return text(`${type}(${words()})`)
    case 'trim':
      return text(`btrim(${words()}, ${BLANKS})`)
    case 'length':
      return number(`length(${words()})::numeric`)
    case 'toNumber':
      return number(asNumber(statement, value))
    case 'toText':
      return text(spell(statement, value))
    case 'daysSince':
      return number(daysSince(statement, asMoment(statement, value)))
  }
}

/** Whole days of the calendar in the workspace's zone, which need not have 24 hours. */
function daysSince(statement: Statement, moment: string): string {
  const now = statement.parameter(toRfc3339(statement.scope.now), 'timestamptz')
  const day = (at: string): string => `(${at} at time zone ${statement.timezone})::date`
  return `(${day(now)} - ${day(moment)})::numeric`
}
