import type { Json } from '../../lib/json.ts'
import type { Field } from '../../model/segment.ts'
import type { MomentTest, ResultTest, ValueTest } from '../../model/segment-tests.ts'
import type { Statement } from './statement.ts'
import { momentOf, numberOf } from './stored-values.ts'

/** A stored value in a JSON object, as an expression. */
export function fieldOf(statement: Statement, object: string, { name, path = [] }: Field): string {
  if (path.length === 0) return `(${object} -> ${statement.parameter(name, 'text')})`
  return `(${object} #> ${statement.parameter([name, ...path], 'text[]')})`
}

/** Whether a stored JSON value (SQL null where there is none) passes a test; true or false, never null. */
export function testValue(statement: Statement, value: string, test: ValueTest): string {
  switch (test.operator) {
    case 'exists':
      return `(jsonb_typeof(${value}) <> 'null') is true`
    case 'equals':
      return `(${equals(statement, value, test.value, test.ignoreCase)}) is true`
    case 'notEquals':
      return `(${equals(statement, value, test.value, test.ignoreCase)}) is not true`
    case 'in': {
      const values = test.values.map((one) => JSON.stringify(one))
      return `(${value} = any(${statement.parameter(values, 'jsonb[]')})) is true`
    }
    case 'contains':
      return `(${contains(statement, value, test)}) is true`
    case 'startsWith':
    case 'endsWith':
      return `(${affix(statement, value, test)}) is true`
    case 'before':
    case 'after':
    case 'during':
      return `(${testMoment(statement, momentOf(value, statement.timezone), test)}) is true`
    default:
      return `(${testNumber(statement, numberOf(value), test)}) is true`
  }
}

const COMPARISONS = {
  greaterThan: '>',
  atLeast: '>=',
  lessThan: '<',
  atMost: '<=',
  equals: '=',
  notEquals: '<>',
} as const

/**
 * Whether a `numeric` passes a test; null where there is none.
 * @param times what both sides were multiplied by, so that a mean is compared without a division that rounds
 */
export function testNumber(statement: Statement, value: string, test: ResultTest, times?: string): string {
  const side = (number: number): string => {
    const parameter = statement.parameter(String(number), 'numeric')
    return times === undefined ? parameter : `${parameter} * ${times}`
  }
  if (test.operator === 'between') return `(${value}) between ${side(test.from)} and ${side(test.to)}`
  return `(${value}) ${COMPARISONS[test.operator]} ${side(test.value)}`
}

/** Whether a `timestamptz` passes a test; null where there is none. */
export function testMoment(statement: Statement, value: string, test: MomentTest): string {
  if (test.operator !== 'during')
    return `(${value}) ${test.operator === 'before' ? '<' : '>'} ${statement.moment(test.value)}`
  const [from, to] = [statement.moment(test.from), statement.moment(test.to)]
  // One comparison, so that the value is computed once.
  return `(${value}) <@ tstzrange(${from}, greatest(${from}, ${to}), '[)')`
}

function equals(statement: Statement, value: string, wanted: Json, ignoreCase = false): string {
  if (!ignoreCase || typeof wanted !== 'string')
    return `${value} = ${statement.parameter(JSON.stringify(wanted), 'jsonb')}`
  return `jsonb_typeof(${value}) = 'string' and ${isSameText(statement, `${value} #>> '{}'`, wanted)}`
}

function isSameText(statement: Statement, text: string, wanted: string): string {
  return `lower(${text}) = lower(${statement.parameter(wanted, 'text')})`
}

type Contains = Extract<ValueTest, { operator: 'contains' }>

function contains(
  statement: Statement,
  value: string,
  { value: wanted, ignoreCase = false }: Contains,
): string {
  const hasMember = (): string => `${value} @> ${statement.parameter(JSON.stringify(wanted), 'jsonb')}`
  if (typeof wanted !== 'string') return `jsonb_typeof(${value}) = 'array' and ${hasMember()}`
  const isMember = ignoreCase
    ? `exists (select from jsonb_array_elements(${value}) as member(v)
         where jsonb_typeof(member.v) = 'string' and ${isSameText(statement, `member.v #>> '{}'`, wanted)})`
    : hasMember()
  const fold = (text: string): string => (ignoreCase ? `lower(${text})` : text)
  return `case jsonb_typeof(${value})
    when 'array' then ${isMember}
    when 'string' then strpos(${fold(`${value} #>> '{}'`)}, ${fold(statement.parameter(wanted, 'text'))}) > 0 end`
}

type Affix = Extract<ValueTest, { operator: 'startsWith' | 'endsWith' }>

function affix(
  statement: Statement,
  value: string,
  { operator, value: wanted, ignoreCase = false }: Affix,
): string {
  const side = operator === 'startsWith' ? 'left' : 'right'
  const parameter = statement.parameter(wanted, 'text')
  const part = `${side}(${value} #>> '{}', length(${parameter}))`
  const isSame = ignoreCase ? `lower(${part}) = lower(${parameter})` : `${part} = ${parameter}`
  return `jsonb_typeof(${value}) = 'string' and ${isSame}`
}

/** Whether zero passes a test. */
export function zeroPasses(test: ResultTest): boolean {
  if (test.operator === 'between') return test.from <= 0 && test.to >= 0
  const passes: Record<keyof typeof COMPARISONS, boolean> = {
    greaterThan: test.value < 0,
    atLeast: test.value <= 0,
    lessThan: test.value > 0,
    atMost: test.value >= 0,
    equals: test.value === 0,
    notEquals: test.value !== 0,
  }
  return passes[test.operator]
}
