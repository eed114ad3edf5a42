import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aggregateWords, formulaOf } from './computed-words.ts'

const names: Readonly<Record<string, string>> = { a: 'Spent', b: 'Orders' }
const formula = (expression: unknown): string => formulaOf(expression, (id) => names[id])

const [SPENT, ORDERS] = [
  { type: 'aggregate', id: 'a' },
  { type: 'aggregate', id: 'b' },
]

test.each([
  [{ function: 'count', name: 'Order Completed' }, 'how many “Order Completed”'],
  [
    {
      function: 'sum',
      property: { name: 'total' },
      name: 'Order Completed',
      filters: [{ name: 'category', operator: 'equals', value: 'shoes' }],
      window: { from: { offset: -30, unit: 'day' } },
    },
    'sum of total of “Order Completed” where category is “shoes” in the last 30 days',
  ],
  [
    { function: 'top', property: { name: 'url' }, limit: 3, name: 'Page Viewed' },
    'most frequent values (3) of url of “Page Viewed”',
  ],
  [
    { function: 'last', property: { name: 'lines', path: ['0', 'sku'] } },
    'last value of lines.0.sku of any event',
  ],
])('%j is said as “%s”', (definition, words) => {
  expect(aggregateWords(definition)).toBe(words)
})

test.each([
  [
    { type: 'round', operand: { type: 'divide', left: SPENT, right: ORDERS }, digits: 2 },
    'round([Spent] ÷ [Orders], 2)',
  ],
  [
    {
      type: 'multiply',
      operands: [
        { type: 'add', operands: [SPENT, ORDERS] },
        { type: 'literal', value: 2 },
      ],
    },
    '([Spent] + [Orders]) × 2',
  ],
  [
    {
      type: 'if',
      condition: { type: 'exists', operand: { type: 'attribute', name: 'nickname' } },
      whenTrue: { type: 'attribute', name: 'nickname' },
      otherwise: { type: 'literal', value: 'you' },
    },
    'if exists(nickname) then nickname else “you”',
  ],
  [{ type: 'substring', operand: SPENT, start: 0, length: 2 }, 'substring([Spent], 0, 2)'],
  [{ type: 'expression', id: 'unknown' }, '[unknown]'],
])('%j is written as “%s”', (expression, written) => {
  expect(formula(expression)).toBe(written)
})

test('any JSON has words', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(aggregateWords(value)).toEqual(expect.any(String))
      expect(formula(value)).toEqual(expect.any(String))
    }),
  )
})
