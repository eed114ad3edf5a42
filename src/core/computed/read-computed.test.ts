import { describe, expect, test } from 'vitest'
import { AGGREGATE_SCHEMA } from '../../model/aggregate.ts'
import type { ComputedKind } from '../../model/computed.ts'
import { CdpError } from '../../model/errors.ts'
import { EXPRESSION_DEPTH_MAX, EXPRESSION_PARTS_MAX, EXPRESSION_SCHEMA } from '../../model/expression.ts'
import { compileCheck } from '../../model/schema-check.ts'
import { readComputed } from './read-computed.ts'

const CLOCK = { now: Date.parse('2026-10-25T12:00:00Z'), timezone: 'Europe/Warsaw' }

const sum = { function: 'sum', property: { name: 'total' } }
const city = { type: 'attribute', name: 'city' }
const add = (...operands: unknown[]) => ({ type: 'add', operands })

function nest(levels: number): unknown {
  return levels === 1 ? city : { type: 'not', operand: nest(levels - 1) }
}

function refusalOf(
  kind: ComputedKind,
  definition: unknown,
): { pointer: string | undefined; detail: string } | undefined {
  try {
    readComputed(kind, definition, CLOCK, '/definition')
    return undefined
  } catch (error) {
    if (!(error instanceof CdpError)) throw error
    expect(error.code).toBe('CDP_COMPUTED_INVALID')
    return { pointer: error.pointer?.replace('/definition', ''), detail: error.message }
  }
}

type Refused = [what: string, kind: ComputedKind, definition: unknown, pointer: string, detail: RegExp]

const REFUSED: Refused[] = [
  ['an aggregate that is no object', 'aggregate', [], '', /must be an object/],
  ['no function', 'aggregate', { name: 'Bought' }, '/function', /is required/],
  ['an unknown function', 'aggregate', { function: 'median' }, '/function', /count, sum, avg/],
  ['a sum of nothing', 'aggregate', { function: 'sum' }, '/property', /is required/],
  ['a count of something', 'aggregate', { ...sum, function: 'count' }, '/property', /unknown key/],
  ['an unknown member', 'aggregate', { ...sum, events: 'Bought' }, '/events', /unknown key/],
  ['no limit', 'aggregate', { ...sum, function: 'top' }, '/limit', /is required/],
  ['too high a limit', 'aggregate', { ...sum, function: 'top', limit: 21 }, '/limit', /at most 20/],
  ['a property that is a text', 'aggregate', { ...sum, property: 'total' }, '/property', /an object/],
  [
    'a filter that is wrong',
    'aggregate',
    { ...sum, filters: [{ name: 'sku', operator: 'is' }] },
    '/filters/0/operator',
    /must be one of/,
  ],
  [
    'a window back to front',
    'aggregate',
    { ...sum, window: { from: '2026-02-01', to: '2026-01-01' } },
    '/window/to',
    /later than from/,
  ],
  ['an expression that is a text', 'expression', 'city', '', /must be an object/],
  ['no type', 'expression', { name: 'city' }, '/type', /is required/],
  ['an unknown type', 'expression', add(city, { type: 'power' }), '/operands/1/type', /literal, attribute/],
  ['no operands', 'expression', add(), '/operands', /at least 1/],
  [
    'too many operands',
    'expression',
    add(...Array.from({ length: 21 }, () => city)),
    '/operands',
    /at most 20/,
  ],
  ['half a pair', 'expression', { type: 'divide', left: city }, '/right', /is required/],
  ['a list as a literal', 'expression', { type: 'literal', value: [] }, '/value', /text or a number or true/],
  ['a text that cannot be stored', 'expression', { type: 'literal', value: 'a\0' }, '/value', /NUL/],
  ['half a digit', 'expression', { type: 'round', operand: city, digits: 0.5 }, '/digits', /whole number/],
  [
    'a place before the first',
    'expression',
    { type: 'substring', operand: city, start: -1 },
    '/start',
    /at least 0/,
  ],
  ['an id that is none', 'expression', add({ type: 'aggregate', id: 'x' }), '/operands/0/id', /pattern/],
  [
    'an id with what it stands for',
    'expression',
    { type: 'aggregate', id: '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f', definition: sum },
    '/definition',
    /unknown key/,
  ],
]

describe('a definition of a computed value', () => {
  test.each(REFUSED)(
    'with %s is refused at the place that is wrong',
    (_, kind, definition, pointer, detail) => {
      const found = refusalOf(kind, definition)
      expect(found).toEqual({ pointer, detail: expect.stringMatching(detail) as string })
    },
  )

  test('may be nested to the limit and no deeper', () => {
    expect(refusalOf('expression', nest(EXPRESSION_DEPTH_MAX))).toBeUndefined()
    for (const levels of [EXPRESSION_DEPTH_MAX + 1, 5_000])
      expect(refusalOf('expression', nest(levels))).toEqual({
        pointer: '/operand'.repeat(EXPRESSION_DEPTH_MAX),
        detail: expect.stringContaining('deeper') as string,
      })
  })

  test('may have parts up to the limit and no more', () => {
    const tens = Array.from({ length: 9 }, () => add(...Array.from({ length: 10 }, () => city)))
    expect(1 + tens.length * 11).toBe(EXPRESSION_PARTS_MAX)
    expect(refusalOf('expression', add(...tens))).toBeUndefined()
    expect(refusalOf('expression', add(...tens, city))?.pointer).toBe('/operands/9')
  })

  test('is refused by the published schema too, but for what no schema can say', () => {
    const { $schema: _ofAggregates, ...aggregateSchema } = AGGREGATE_SCHEMA
    const { $schema: _ofExpressions, ...expressionSchema } = EXPRESSION_SCHEMA
    const checks = { aggregate: compileCheck(aggregateSchema), expression: compileCheck(expressionSchema) }
    const sayable = REFUSED.filter(([, , , , detail]) => !/later than from/.test(detail.source))
    const missed = sayable.filter(
      ([, kind, definition]) => checks[kind](structuredClone(definition)).length === 0,
    )
    expect(missed).toEqual([])
  })
})
