import type { Json } from '../../../src/lib/json.ts'

/** The living of the examples, in this order. */
type Three = [anna: Json, jan: Json, shop: Json]

type Example = [what: string, kind: 'aggregate' | 'expression', definition: object, values: Three]

const price = { property: { name: 'price' } }
const bought = (name: string, more: object = price): object => ({ function: name, name: 'Bought', ...more })

const literal = (value: Json): object => ({ type: 'literal', value })
const attribute = (name: string, ...path: string[]): object => ({
  type: 'attribute',
  name,
  ...(path.length > 0 && { path }),
})
const of = (type: string, ...operands: object[]): object => ({ type, operands })
const pair = (type: string, left: object, right: object): object => ({ type, left, right })
const one = (type: string, operand: object, more: object = {}): object => ({ type, operand, ...more })
const same = (value: Json): Three => [value, value, value]

/** What a definition means: its value for each of the living people of the examples of segments. */
export const COMPUTED_EXAMPLES: Example[] = [
  ['a count, with events of merged profiles', 'aggregate', bought('count', {}), [2, 2, 0]],
  ['a count of any event', 'aggregate', { function: 'count' }, [3, 3, 0]],
  ['a sum of the numbers that there are', 'aggregate', bought('sum'), [100, 2.5, null]],
  ['a mean', 'aggregate', bought('avg'), [50, 2.5, null]],
  ['a minimum', 'aggregate', bought('min'), [10, 2.5, null]],
  ['a maximum', 'aggregate', bought('max'), [90, 2.5, null]],
  ['the first value', 'aggregate', bought('first'), [90, '2.5', null]],
  ['the last value', 'aggregate', bought('last'), [10, 'NaN', null]],
  [
    'the last value that there is',
    'aggregate',
    { function: 'last', property: { name: 'sku' } },
    ['A', null, null],
  ],
  ['how many values', 'aggregate', { function: 'distinct', property: { name: 'sku' } }, [1, 0, 0]],
  ['the most frequent values', 'aggregate', bought('top', { ...price, limit: 1 }), [[10], ['2.5'], null]],
  [
    'the most frequent values, all',
    'aggregate',
    bought('top', { ...price, limit: 5 }),
    [[10, 90], ['2.5', 'NaN'], null],
  ],
  [
    'inside a window',
    'aggregate',
    bought('sum', { ...price, window: { from: { offset: -1, unit: 'day' } } }),
    [10, null, null],
  ],
  [
    'of events that pass a filter',
    'aggregate',
    bought('count', { filters: [{ name: 'sku', operator: 'exists' }] }),
    [1, 0, 0],
  ],

  ['a literal', 'expression', literal('x'), same('x')],
  ['null', 'expression', literal(null), same(null)],
  ['an attribute', 'expression', attribute('city'), ['Dublin', 'dublin 8', null]],
  ['inside an attribute', 'expression', attribute('address', 'tags', '0'), ['home', null, null]],
  ['an attribute that is null', 'expression', one('exists', attribute('a/b')), same(false)],
  [
    'a sum of numbers and of a text that is one',
    'expression',
    of('add', attribute('age'), literal(1)),
    [31, 42, null],
  ],
  ['a sum with a text that is none', 'expression', of('add', attribute('city'), literal(1)), same(null)],
  ['no binary fractions', 'expression', of('add', literal(0.1), literal(0.2)), same(0.3)],
  ['a product', 'expression', of('multiply', literal(2), literal(3), literal(-4)), same(-24)],
  ['a difference', 'expression', pair('subtract', literal(1), attribute('age')), [-29, -40, null]],
  ['a quotient', 'expression', pair('divide', literal(-2), literal(3)), same(-0.666666666667)],
  ['a quotient by zero', 'expression', pair('divide', literal(1), literal(0)), same(null)],
  [
    'what no double holds',
    'expression',
    of('add', attribute('orders'), literal(1)),
    ['12345678901234567891', null, null],
  ],
  ['what is too large', 'expression', of('multiply', literal(1e300), literal(1e300)), same(null)],
  ['a number that is rounded', 'expression', one('round', literal(-2.5)), same(-3)],
  [
    'a number that is rounded behind the point',
    'expression',
    one('round', literal(1.005), { digits: 2 }),
    same(1.01),
  ],
  ['equal values', 'expression', pair('equals', attribute('age'), literal(30)), [true, false, null]],
  [
    'different values',
    'expression',
    pair('notEquals', attribute('city'), literal('Dublin')),
    [false, true, null],
  ],
  [
    'numbers that compare',
    'expression',
    pair('greaterThan', attribute('age'), literal(40)),
    [false, true, null],
  ],
  [
    'numbers that are equal',
    'expression',
    pair('atMost', attribute('age'), literal(30)),
    [true, false, null],
  ],
  ['and with a null', 'expression', of('and', literal(null), literal(true)), same(null)],
  [
    'and with a null that does not matter',
    'expression',
    of('and', literal(null), literal(false)),
    same(false),
  ],
  ['or with a null that does not matter', 'expression', of('or', literal(null), literal(true)), same(true)],
  ['not, of what is no truth value', 'expression', one('not', literal(1)), same(null)],
  [
    'if, otherwise',
    'expression',
    {
      type: 'if',
      condition: one('exists', attribute('age')),
      whenTrue: attribute('age'),
      otherwise: literal('none'),
    },
    [30, '41', 'none'],
  ],
  [
    'if without otherwise',
    'expression',
    { type: 'if', condition: literal(null), whenTrue: literal(1) },
    same(null),
  ],
  [
    'the first that there is',
    'expression',
    of('coalesce', attribute('a/b'), attribute('city'), literal(0)),
    ['Dublin', 'dublin 8', 0],
  ],
  [
    'texts together',
    'expression',
    of('concat', attribute('city'), literal('!')),
    ['Dublin!', 'dublin 8!', null],
  ],
  ['a text and a number', 'expression', of('concat', literal('a'), literal(1)), same(null)],
  [
    'a text and the text of a number',
    'expression',
    of('concat', literal('a'), one('toText', literal(1.5))),
    same('a1.5'),
  ],
  ['small letters', 'expression', one('lower', attribute('city')), ['dublin', 'dublin 8', null]],
  ['capital letters', 'expression', one('upper', literal('łódź')), same('ŁÓDŹ')],
  ['a text without blanks around it', 'expression', one('trim', literal('\t a b \r\n')), same('a b')],
  ['a length in characters', 'expression', one('length', literal('😀x')), same(2)],
  ['a part of a text', 'expression', one('substring', literal('😀xyz'), { start: 1, length: 2 }), same('xy')],
  ['the rest of a text', 'expression', one('substring', literal('abc'), { start: 2 }), same('c')],
  ['a text behind the end', 'expression', one('substring', literal('abc'), { start: 9 }), same('')],
  ['a number of a text', 'expression', one('toNumber', attribute('age')), [30, 41, null]],
  ['a number of a text that is none', 'expression', one('toNumber', literal('1O')), same(null)],
  ['a truth value as text', 'expression', one('toText', literal(true)), same('true')],
  ['a list as text', 'expression', one('toText', attribute('colors')), same(null)],
  ['days since a date', 'expression', one('daysSince', literal('2026-10-20')), same(5)],
  ['days of which one has 25 hours', 'expression', one('daysSince', literal('2026-10-24T23:59:59')), same(1)],
  ['days to come', 'expression', one('daysSince', literal('2027-10-25T00:00:00+02:00')), same(-365)],
  ['days since what is no date', 'expression', one('daysSince', attribute('joined')), [0, null, null]],
]
