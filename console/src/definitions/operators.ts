import { isMoment } from './moments.ts'
import { isScalar } from './values.ts'
import type { ValueType } from './values.ts'
import { entryOf } from './part.ts'
import type { Part } from './part.ts'

/** What stands beside an operator. */
export type Operand =
  'nothing' | 'value' | 'scalar' | 'text' | 'values' | 'number' | 'numbers' | 'moment' | 'moments'

/** How a value is tested. */
export interface Operator {
  /** Between the name of the value and what it is compared with. */
  words: string
  takes: Operand
  /** The types of which it can be true. */
  of: readonly ValueType[]
}

const ANY: readonly ValueType[] = ['string', 'number', 'boolean', 'array', 'object']
// A text that is written as a number compares as one.
const NUMERIC: readonly ValueType[] = ['number', 'string']

/** Every operator by its name, in the order in which they are offered. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  equals: { words: 'is', takes: 'value', of: ANY },
  notEquals: { words: 'is not', takes: 'value', of: ANY },
  in: { words: 'is one of', takes: 'values', of: ['string', 'number', 'boolean'] },
  contains: { words: 'contains', takes: 'scalar', of: ['string', 'array'] },
  startsWith: { words: 'begins with', takes: 'text', of: ['string'] },
  endsWith: { words: 'ends with', takes: 'text', of: ['string'] },
  greaterThan: { words: 'is greater than', takes: 'number', of: NUMERIC },
  atLeast: { words: 'is at least', takes: 'number', of: NUMERIC },
  lessThan: { words: 'is less than', takes: 'number', of: NUMERIC },
  atMost: { words: 'is at most', takes: 'number', of: NUMERIC },
  between: { words: 'is between', takes: 'numbers', of: NUMERIC },
  before: { words: 'is before', takes: 'moment', of: ['string'] },
  after: { words: 'is after', takes: 'moment', of: ['string'] },
  during: { words: 'lies between', takes: 'moments', of: ['string'] },
  exists: { words: 'is there', takes: 'nothing', of: ANY },
}

/** Tests of moments. */
export const MOMENT_OPERATORS: readonly string[] = ['before', 'after', 'during']

/** Tests of numbers that were counted or computed. */
export const RESULT_OPERATORS: readonly string[] = [
  'atLeast',
  'greaterThan',
  'equals',
  'notEquals',
  'lessThan',
  'atMost',
  'between',
]

/** The operators for values of these types, all of them when no type is known; `current` is always among them. */
export function operatorsFor(types: readonly ValueType[], current: string): string[] {
  return Object.entries(OPERATORS)
    .filter(
      ([name, { of }]) => name === current || types.length === 0 || of.some((type) => types.includes(type)),
    )
    .map(([name]) => name)
}

/** The test with another operator; what was compared with stays as far as it fits. `types` say what is likely. */
export function withOperator(test: Part, operator: string, types: readonly ValueType[]): Part {
  const { operator: _before, value, values, from, to, ignoreCase, ...rest } = test
  const { takes = 'nothing' } = entryOf(OPERATORS, operator) ?? {}
  const members = OPERANDS[takes]({ value, values, from, to }, types)
  const keepsCase =
    ignoreCase !== undefined && typeof members['value'] === 'string' && TEXTUAL.includes(takes)
  return { ...rest, operator, ...members, ...(keepsCase && { ignoreCase }) }
}

const TEXTUAL: readonly Operand[] = ['value', 'scalar', 'text']

/** What a test was compared with. */
type Given = Record<'value' | 'values' | 'from' | 'to', unknown>

const OPERANDS: Readonly<Record<Operand, (given: Given, types: readonly ValueType[]) => Part>> = {
  nothing: () => ({}),
  value: (given, types) => ({ value: given.value ?? firstOf(given) ?? likelyValue(types) }),
  scalar: (given, types) => ({
    value: isScalar(given.value) ? given.value : (firstOf(given) ?? likelyValue(types)),
  }),
  text: ({ value }) => ({ value: typeof value === 'string' ? value : '' }),
  values: ({ value, values }) => ({
    values: Array.isArray(values) ? values : [value].filter((one) => isScalar(one) && one !== ''),
  }),
  number: ({ value, from }) => ({ value: numberIn(value) ?? numberIn(from) ?? 0 }),
  numbers: ({ value, from, to }) => {
    const start = numberIn(from) ?? numberIn(value) ?? 0
    return { from: start, to: numberIn(to) ?? start + 1 }
  },
  moment: ({ value, from }) => ({ value: [value, from].find(isMoment) ?? { offset: -30, unit: 'day' } }),
  moments: ({ value, from, to }) => ({
    from: [from, value].find(isMoment) ?? { offset: -30, unit: 'day' },
    to: isMoment(to) ? to : { offset: 0, unit: 'day' },
  }),
}

function firstOf({ values }: Given): unknown {
  return Array.isArray(values) ? values[0] : undefined
}

function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function likelyValue(types: readonly ValueType[]): unknown {
  if (types.length === 1 && types[0] === 'number') return 0
  return types.length === 1 && types[0] === 'boolean' ? true : ''
}
