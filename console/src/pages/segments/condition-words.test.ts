import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sentenceOf, wordsOf } from './condition-words.ts'

const nameOf = (id: string): string | undefined => (id === 'a1' ? 'Orders' : undefined)
const said = (definition: unknown): string => sentenceOf(definition, nameOf)

const ORDER = { type: 'event', name: 'Order Completed' }

test.each([
  [{ type: 'attribute', name: 'city', operator: 'equals', value: 'Dublin' }, 'city is “Dublin”'],
  [
    { type: 'attribute', name: 'address', path: ['zip'], operator: 'in', values: ['1', 2] },
    'address.zip is one of “1” or 2',
  ],
  [
    { type: 'attribute', name: 'city', operator: 'contains', value: 'dub', ignoreCase: true },
    'city contains “dub” (in any case)',
  ],
  [{ type: 'attribute', name: 'city', operator: 'exists' }, 'city is there'],
  [
    {
      type: 'attribute',
      name: 'trialEndsAt',
      operator: 'during',
      from: { offset: 0, unit: 'minute' },
      to: { offset: 7, unit: 'day' },
    },
    'trialEndsAt lies between now and in 7 days',
  ],
  [
    { type: 'aggregate', id: 'a1', operator: 'between', from: 1, to: 5 },
    'aggregate “Orders” is between 1 and 5',
  ],
  [{ type: 'expression', id: 'x', operator: 'lessThan', value: 2 }, 'expression “x” is less than 2'],
  [
    {
      type: 'profile',
      name: 'createdAt',
      operator: 'after',
      value: { offset: 0, unit: 'year', startOf: 'year' },
    },
    'was created after the start of this year',
  ],
  [
    {
      type: 'profile',
      name: 'updatedAt',
      operator: 'during',
      from: { offset: -1, unit: 'day', startOf: 'day' },
      to: { offset: -3, unit: 'hour', startOf: 'day' },
    },
    'was changed last between the start of yesterday and the start of the day 3 hours ago',
  ],
  [{ type: 'tag', name: 'vip' }, 'has the tag “vip”'],
  [{ type: 'consent', channel: 'email', state: 'denied' }, 'said no to e-mail'],
  [{ type: 'consent', channel: 'sms', state: 'unknown' }, 'gave no answer about SMS'],
  [{ type: 'company', role: 'member', companyId: 5 }, 'belongs to company 5'],
  [{ type: 'company', role: 'company' }, 'is a company'],
  [{ type: 'anonymous' }, 'is anonymous'],
  [
    { type: 'device', filters: [{ name: 'osVersion', operator: 'startsWith', value: '15.' }] },
    'has a device whose osVersion begins with “15.”',
  ],
  [ORDER, 'did “Order Completed”'],
  [{ type: 'event', window: { from: { offset: -1, unit: 'day' } } }, 'did any event in the last day'],
  [
    { ...ORDER, filters: [{ name: 'total', operator: 'atLeast', value: 5 }], window: { to: '2026-03-01' } },
    'did “Order Completed” where total is at least 5 before 2026-03-01',
  ],
  [
    { ...ORDER, measure: { function: 'count', operator: 'atLeast', value: 2 } },
    'the number of “Order Completed” is at least 2',
  ],
  [
    { ...ORDER, measure: { function: 'avg', name: 'total', operator: 'atLeast', value: 50 } },
    'the mean of total of “Order Completed” is at least 50',
  ],
  [
    { ...ORDER, measure: { function: 'last', operator: 'before', value: { offset: -90, unit: 'day' } } },
    'last did “Order Completed”, and that was before 90 days ago',
  ],
  [
    {
      type: 'sequence',
      steps: [{ name: 'Cart Updated' }, { name: 'Order Completed' }],
      within: { amount: 2, unit: 'hour' },
      window: { from: { offset: -1, unit: 'month' } },
    },
    'did “Cart Updated”, then “Order Completed” within 2 hours in the last month',
  ],
  [{ type: 'not', condition: ORDER }, 'did not do “Order Completed”'],
  [{ type: 'not', condition: { type: 'tag', name: 'vip' } }, 'not (has the tag “vip”)'],
])('%j is said as “%s”', (definition, sentence) => {
  expect(said(definition)).toBe(sentence)
})

test('groups inside groups stand in parentheses', () => {
  const [dublin, vip] = [
    { type: 'attribute', name: 'city', operator: 'equals', value: 'Dublin' },
    { type: 'tag', name: 'vip' },
  ]
  const either = { type: 'or', conditions: [vip, ORDER] }
  expect(said({ type: 'and', conditions: [dublin, either] })).toBe(
    'city is “Dublin” and (has the tag “vip” or did “Order Completed”)',
  )
  expect(said({ type: 'and', conditions: [] })).toBe('nothing is asked yet')
})

test('an outline has the parts of groups below them', () => {
  expect(
    wordsOf({ type: 'or', conditions: [ORDER, { type: 'not', condition: { type: 'anonymous' } }] }, nameOf),
  ).toEqual({
    text: 'At least one of these is true',
    parts: [
      { text: 'did “Order Completed”', parts: [] },
      { text: 'This is not true', parts: [{ text: 'is anonymous', parts: [] }] },
    ],
  })
})

test('any JSON has words', () => {
  expect(said({ type: 'constructor' })).toBe('something else: {"type":"constructor"}')
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(said(value)).toEqual(expect.any(String))
    }),
  )
})
