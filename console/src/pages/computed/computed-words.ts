import { entryOf, isPart, listOf, partOf, textOf } from '../../definitions/part.ts'
import type { Part } from '../../definitions/part.ts'
import { eventWords, fieldWords, valueWords, windowWords } from '../../definitions/test-words.ts'

/** What an aggregate makes of events, by the names of its functions. */
export const FUNCTIONS: Readonly<Record<string, string>> = {
  count: 'How many',
  sum: 'Sum',
  avg: 'Mean',
  min: 'Smallest',
  max: 'Largest',
  first: 'First value',
  last: 'Last value',
  distinct: 'How many different values',
  top: 'Most frequent values',
}

/** An aggregate in words. Takes any JSON. */
export function aggregateWords(definition: unknown): string {
  const { function: made, property, limit, window, ...events } = partOf(definition)
  const of = `${eventWords(events)}${windowWords(window)}`
  if (made === 'count') return `how many ${of}`
  const many = made === 'top' ? ` (${valueWords(limit)})` : ''
  const name = entryOf(FUNCTIONS, made)?.toLowerCase() ?? (textOf(made) || '…')
  return `${name}${many} of ${fieldWords(property)} of ${of}`
}

/** An expression as a formula. Takes any JSON. */
export function formulaOf(expression: unknown, nameOf: (id: string) => string | undefined): string {
  const part = partOf(expression)
  const type = textOf(part['type'])
  const inner = (value: unknown): string => formulaOf(value, nameOf)
  const sign = entryOf(SIGNS, type)
  if (sign !== undefined) {
    const parts = isPart(part['left']) ? [part['left'], part['right']] : listOf(part['operands'])
    return parts.map((one) => inParentheses(one, inner)).join(` ${sign} `)
  }
  if (type === 'literal') return valueWords(part['value'])
  if (type === 'attribute') return fieldWords(part)
  if (type === 'aggregate' || type === 'expression')
    return `[${nameOf(textOf(part['id'])) ?? (textOf(part['id']) || '…')}]`
  if (type === 'if') return ifWords(part, inner)
  return `${type || '…'}(${argumentsOf(part).map(inner).join(', ')}${numbersOf(part)})`
}

const SIGNS: Readonly<Record<string, string>> = {
  add: '+',
  subtract: '−',
  multiply: '×',
  divide: '÷',
  equals: '=',
  notEquals: '≠',
  greaterThan: '>',
  atLeast: '≥',
  lessThan: '<',
  atMost: '≤',
  and: 'and',
  or: 'or',
}

/** Signs join parts, so what is joined by others stands in parentheses. */
function inParentheses(part: unknown, inner: (part: unknown) => string): string {
  const isJoined = entryOf(SIGNS, partOf(part)['type']) !== undefined || partOf(part)['type'] === 'if'
  return isJoined ? `(${inner(part)})` : inner(part)
}

function ifWords({ condition, whenTrue, otherwise }: Part, inner: (part: unknown) => string): string {
  const rest = otherwise === undefined ? '' : ` else ${inner(otherwise)}`
  return `if ${inner(condition)} then ${inner(whenTrue)}${rest}`
}

function argumentsOf({ operands, operand }: Part): readonly unknown[] {
  return operand === undefined ? listOf(operands) : [operand]
}

function numbersOf({ digits, start, length }: Part): string {
  return [digits, start, length]
    .filter((number) => number !== undefined)
    .map((number) => `, ${valueWords(number)}`)
    .join('')
}
