import { describe, expect, test } from 'vitest'
import { CdpError } from '../../model/errors.ts'
import { compileCheck } from '../../model/schema-check.ts'
import { SEGMENT_CONDITIONS_MAX, SEGMENT_DEPTH_MAX, SEGMENT_SCHEMA } from '../../model/segment.ts'
import { readDefinition } from './read-definition.ts'

const CLOCK = { now: Date.parse('2026-10-25T12:00:00Z'), timezone: 'Europe/Warsaw' }

const tag = { type: 'tag', name: 'vip' }
const attribute = { type: 'attribute', name: 'age' }
const event = { type: 'event', name: 'Bought' }
const or = (...conditions: unknown[]) => ({ type: 'or', conditions })

function nest(levels: number): unknown {
  return levels === 1 ? tag : { type: 'not', condition: nest(levels - 1) }
}

function refusalOf(definition: unknown): { pointer: string | undefined; detail: string } | undefined {
  try {
    readDefinition(definition, CLOCK, '/definition')
    return undefined
  } catch (error) {
    if (!(error instanceof CdpError)) throw error
    expect(error.code).toBe('CDP_SEGMENT_INVALID')
    return { pointer: error.pointer?.replace('/definition', ''), detail: error.message }
  }
}

describe('a definition of a segment', () => {
  const refused: [what: string, definition: unknown, pointer: string, detail: RegExp][] = [
    ['that is no object', 'vip', '', /must be an object/],
    ['without a type', { name: 'vip' }, '/type', /is required/],
    ['of an unknown type', { type: 'tags', name: 'vip' }, '/type', /must be one of and, or, not, attribute/],
    ['with an unknown member', or(tag, { ...tag, color: 'red' }), '/conditions/1/color', /unknown key/],
    ['without a member that is needed', or({ type: 'tag' }), '/conditions/0/name', /is required/],
    ['with no conditions', or(), '/conditions', /at least 1/],
    [
      'with an unknown operator',
      or({ ...attribute, operator: 'like' }),
      '/conditions/0/operator',
      /exists, equals/,
    ],
    ['without an operator', attribute, '/operator', /is required/],
    [
      'with a text where numbers are compared',
      { ...attribute, operator: 'atLeast', value: '5' },
      '/value',
      /number/,
    ],
    ['with a number where texts are', { ...attribute, operator: 'startsWith', value: 5 }, '/value', /text/],
    [
      'with an empty beginning',
      { ...attribute, operator: 'startsWith', value: '' },
      '/value',
      /must have at least 1 character$/,
    ],
    [
      'with a member of another operator',
      { ...attribute, operator: 'exists', value: 1 },
      '/value',
      /unknown key/,
    ],
    [
      'with a null in a list',
      { ...attribute, operator: 'in', values: ['a', null] },
      '/values/1',
      /text or a number/,
    ],
    ['with an empty list', { ...attribute, operator: 'in', values: [] }, '/values', /at least 1 item$/],
    [
      'with a list that is too long',
      { ...attribute, operator: 'in', values: Array.from({ length: 1_001 }, () => 'x') },
      '/values',
      /at most 1000/,
    ],
    [
      'with a day that no month has',
      { ...attribute, operator: 'before', value: '2026-02-30' },
      '/value',
      /ISO 8601/,
    ],
    [
      'with a time without seconds',
      { ...attribute, operator: 'before', value: '1990-01-01T10:30' },
      '/value',
      /with seconds by ISO 8601/,
    ],
    [
      'with an unknown unit',
      { ...attribute, operator: 'after', value: { offset: -1, unit: 'decade' } },
      '/value/unit',
      /minute, hour, day/,
    ],
    [
      'with half a unit',
      { ...attribute, operator: 'after', value: { offset: 1.5, unit: 'day' } },
      '/value/offset',
      /whole number/,
    ],
    [
      'with numbers back to front',
      { ...attribute, operator: 'between', from: 2, to: 1 },
      '/to',
      /later than from/,
    ],
    [
      'with moments back to front',
      { ...event, window: { from: '2026-02-01', to: '2026-01-01' } },
      '/window/to',
      /later than from/,
    ],
    [
      'with a window that rolls to nothing',
      { ...event, window: { from: { offset: -1, unit: 'day' }, to: { offset: -2, unit: 'day' } } },
      '/window/to',
      /later than from/,
    ],
    [
      'with an unknown function',
      { ...event, measure: { function: 'median' } },
      '/measure/function',
      /count, sum/,
    ],
    [
      'with a sum of nothing',
      { ...event, measure: { function: 'sum', operator: 'atLeast', value: 1 } },
      '/measure/name',
      /is required/,
    ],
    [
      'with a filter that is wrong',
      or(tag, {
        ...event,
        filters: [
          { name: 'a/b', operator: 'exists' },
          { name: 'x', operator: 'is' },
        ],
      }),
      '/conditions/1/filters/1/operator',
      /must be one of/,
    ],
    ['with a sequence of one step', { type: 'sequence', steps: [{ name: 'A' }] }, '/steps', /at least 2/],
    [
      'with a length of months',
      { type: 'sequence', steps: [{}, {}], within: { amount: 1, unit: 'month' } },
      '/within/unit',
      /minute, hour, day, week/,
    ],
    [
      'with an unknown channel',
      { type: 'consent', channel: 'fax', state: 'granted' },
      '/channel',
      /email, sms/,
    ],
    [
      'with the id of a company as text',
      { type: 'company', role: 'member', companyId: '1' },
      '/companyId',
      /whole/,
    ],
    ['with a company of an unknown role', { type: 'company', role: 'owner' }, '/role', /company, member/],
    [
      'with something that no device has',
      { type: 'device', filters: [{ name: 'colour', operator: 'exists' }] },
      '/filters/0/name',
      /type, manufacturer/,
    ],
    [
      'with a text that cannot be stored',
      { ...attribute, operator: 'equals', value: ['a\0'] },
      '/value',
      /stored/,
    ],
    ['with half a surrogate pair', { type: 'tag', name: '\ud800' }, '/name', /surrogate/],
    [
      'with a number that is none',
      { ...attribute, operator: 'equals', value: Number.NaN },
      '/value',
      /stored/,
    ],
    ['with a name that is escaped in pointers', { ...tag, 'a/b~c': 1 }, '/a~1b~0c', /unknown key/],
    ['with what every object inherits', { ...tag, ['constructor']: 1 }, '/constructor', /unknown key/],
  ]

  test.each(refused)('%s is refused at the place that is wrong', (_, definition, pointer, detail) => {
    expect(refusalOf(definition)).toEqual({ pointer, detail: expect.stringMatching(detail) as string })
  })

  test('may be nested to the limit and no deeper', () => {
    expect(refusalOf(nest(SEGMENT_DEPTH_MAX))).toBeUndefined()
    expect(refusalOf(nest(SEGMENT_DEPTH_MAX + 1))).toEqual({
      pointer: '/condition'.repeat(SEGMENT_DEPTH_MAX),
      detail: expect.stringContaining('deeper') as string,
    })
    expect(refusalOf(nest(5_000))?.pointer).toBe('/condition'.repeat(SEGMENT_DEPTH_MAX))
  })

  test('may have conditions, filters and steps up to the limit and no more', () => {
    const filters = Array.from({ length: 49 }, () => ({ name: 'a', operator: 'exists' }))
    const some = Array.from({ length: 4 }, () => ({ ...event, filters }))
    expect(1 + some.length * 50).toBeGreaterThan(SEGMENT_CONDITIONS_MAX)
    expect(refusalOf(or(...some))?.pointer).toBe('/conditions/3/filters/48')
    expect(refusalOf(or(...some.slice(1), tag))).toBeUndefined()
  })

  test('may compare with data that looks like a range', () => {
    expect(refusalOf({ ...attribute, operator: 'equals', value: { from: 2, to: 1 } })).toBeUndefined()
  })

  test('is refused by the published schema too, but for what no schema can say', () => {
    const { $schema: _, ...published } = SEGMENT_SCHEMA
    const check = compileCheck(published)
    const sayable = refused.filter(([, , , detail]) => !/later than from|stored$/.test(detail.source))
    const missed = sayable.filter(([, definition]) => check(structuredClone(definition)).length === 0)
    expect(missed).toEqual([])
  })
})
