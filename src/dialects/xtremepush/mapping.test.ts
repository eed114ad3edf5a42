import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseJson } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import { CdpError } from '../../model/errors.ts'
import type { Command } from '../../model/command.ts'
import { checkColumns } from './columns.ts'
import { compileRows, keepRow, mapEvent } from './mapping.ts'

const RECEIVED_AT = Date.UTC(2026, 0, 31)

function map(columns: readonly string[], cells: readonly Json[], arrays: readonly string[] = []): Command {
  return compileRows({ columns, arrays }).map(keepRow(cells, 0, []), RECEIVED_AT)
}

const faultOf = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error instanceof CdpError ? [error.pointer, error.message] : error
  }
}

describe('a row', () => {
  it('gives identifiers in the order of trust, attributes, consents; null says nothing and an empty text clears', () => {
    const columns =
      'email email_subscription device_id user_id mobile_number sms_subscription first_name plan note'.split(
        ' ',
      )
    const cells = ['A@x.example', '0', 'd-1', 7, '353850123456', true, 'Ana', '', null]
    expect(map(columns, cells)).toEqual({
      identifiers: [
        { kind: 'userId', value: '7' },
        { kind: 'deviceId', value: 'd-1' },
        { kind: 'email', value: 'A@x.example' },
      ],
      attributes: {
        values: { email: 'A@x.example', phone: '+353850123456', firstName: 'Ana', plan: null },
      },
      consents: [
        { channel: 'email', state: 'denied' },
        { channel: 'sms', state: 'granted' },
      ],
      pointer: '/rows/0',
      item: Object.fromEntries(columns.map((name, index) => [name, cells[index]])),
      notices: [],
    })
  })

  it('of whatever cells is a command in which every cell is found again or noted, or is refused with its place', () => {
    const names = [
      'user_id',
      'email',
      'email_subscription',
      'sms_subscription',
      'plan',
      'gender',
      '__proto__',
    ]
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.constantFrom(...names), fc.string({ minLength: 1 })), { maxLength: 12 }),
        fc.array(fc.oneof(fc.jsonValue(), fc.string()), { maxLength: 13 }),
        (others, cells) => {
          const columns = ['user_id', ...others.filter((name) => name !== 'user_id')]
          const row = ['u', ...cells] as Json[]
          try {
            const { attributes, consents = [], notices } = map(columns, row)
            const said = columns.filter((name, index) => name !== 'user_id' && row[index] !== null)
            const kept = Object.keys(attributes?.values ?? {}).length + consents.length + notices.length
            // Two columns may mean one attribute: `first_name` and `firstName`.
            expect(kept).toBeLessThanOrEqual(said.length)
            expect(kept).toBeGreaterThanOrEqual(
              new Set(said.map((name) => name.toLowerCase().replaceAll('_', ''))).size,
            )
          } catch (error) {
            expect(error).toBeInstanceOf(CdpError)
            expect((error as CdpError).pointer).toMatch(/^\/rows\/0/)
          }
        },
      ),
    )
  })

  it('gives back any array or object that was escaped, and keeps short texts as they are', () => {
    const value = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
    fc.assert(
      fc.property(value, fc.string({ maxLength: 101 }), (json, text) => {
        const escaped = JSON.stringify(json)
        const { attributes } = map(['user_id', 'json'], ['u', escaped])
        expect(attributes?.values['json']).toEqual(parseJson(escaped).value)
        fc.pre(text !== '' && !/^\s*[[{]/.test(text))
        expect(map(['user_id', 'text'], ['u', text]).attributes?.values['text']).toBe(text)
      }),
    )
  })

  it.each<[string, Json, string]>([
    ['plan', ['tea'], 'Value must be a JSON string'],
    ['plan', 'x'.repeat(102), 'at most 101 characters allowed'],
    ['plan', '['.repeat(20) + ']'.repeat(20), 'Value is nested too deeply'],
    ['list', 'tea', 'Value must be a JSON string'],
    ['list', 3, 'Value must be a JSON string'],
    ['email_subscription', 2, 'must be 1 or 0'],
    ['mobile_number', 'abc', 'must be a phone number in international digits'],
    ['email', 5, 'must be a string'],
  ])('is refused for a %s of %j', (column, cell, message) => {
    expect(faultOf(() => map(['user_id', column], ['u', cell], ['list']))).toEqual(['/rows/0/1', message])
  })

  it('that says nobody, or has another length than its columns, is refused', () => {
    expect(faultOf(() => map(['plan', 'user_id'], ['x', '']))).toEqual(['/rows/0/1', 'user_id is empty'])
    expect(faultOf(() => map(['user_id'], ['u', 'x']))).toEqual(['/rows/0', 'has 2 values for 1 columns'])
  })

  it('notes numbers that no double holds, but for those that are an id', () => {
    const row = keepRow(['12345678901234567890', '12345678901234567890'], 4, [0, 1])
    const { notices } = compileRows({ columns: ['user_id', 'points'], arrays: [] }).map(row, RECEIVED_AT)
    expect(notices).toEqual([{ reason: 'number_as_text', pointer: '/rows/4/1' }])
  })

  it('keeps attributes named like standard ones as far as they can be, and notes the others', () => {
    const { attributes, notices } = map(
      ['user_id', 'gender', 'birthDate', 'phone', 'city'],
      ['u', 'male', 'soon', '+353850123456', 7],
    )
    expect(attributes?.values).toEqual({ gender: 'male' })
    expect(notices).toEqual([
      { reason: 'attribute_value_invalid', pointer: '/rows/0/2' },
      { reason: 'attribute_name_reserved', pointer: '/rows/0/3' },
      { reason: 'attribute_value_invalid', pointer: '/rows/0/4' },
    ])
  })
})

test('columns are refused with everything that is wrong about them', () => {
  expect(() => checkColumns(['user_id', 'plan'])).not.toThrow()
  const work = (): void => checkColumns(['email', 'mobile_number', 'email'])
  expect(work).toThrow(
    expect.objectContaining({
      message: 'email requires email_subscription',
      others: [
        expect.objectContaining({ message: 'mobile_number requires sms_subscription' }),
        expect.objectContaining({ message: 'a column stands twice' }),
      ],
    }),
  )
})

describe('an event', () => {
  const context = { pointer: '', receivedAt: RECEIVED_AT }

  it.each([
    ['2024-03-01', '2024-03-01T00:00:00Z'],
    ['2024-03-01 09:00:00', '2024-03-01T09:00:00Z'],
    ['2024-03-01 09:00:00 +01:00', '2024-03-01T08:00:00Z'],
  ])('at %s is in UTC unless it says an offset', (timestamp, instant) => {
    const { event } = mapEvent({ user_id: 1, event: 'seen', timestamp }, context)
    expect(event).toMatchObject({ occurredAt: Date.parse(instant), originalTime: timestamp, properties: {} })
  })

  it('has the members of an object as properties, anything else as value, and raw attributes of its user', () => {
    const event = {
      user_id: 'u',
      event: 'seen',
      value: { a: 1 },
      user_attributes: { tags: ['x'], user_id: 'v' },
    }
    const command = mapEvent({ ...event, consent_preferences: {}, extra: 1 } as typeof event, context)
    expect(command).toMatchObject({
      identifiers: [{ kind: 'userId', value: 'u' }],
      attributes: { values: { tags: ['x'] } },
      event: { occurredAt: RECEIVED_AT, properties: { a: 1 } },
      notices: [
        { reason: 'identifier_ignored', pointer: '/user_attributes/user_id' },
        { reason: 'field_unknown', pointer: '/consent_preferences' },
        { reason: 'field_unknown', pointer: '/extra' },
      ],
    })
    expect(mapEvent({ user_id: 'u', event: 'e', value: 5 }, context).event?.properties).toEqual({ value: 5 })
  })

  it('with a time that is none, or of nobody, is refused', () => {
    expect(faultOf(() => mapEvent({ user_id: 'u', event: 'e', timestamp: 'now' }, context))).toEqual([
      '/timestamp',
      'must be YYYY-MM-DD HH:MM:SS',
    ])
    expect(faultOf(() => mapEvent({ user_id: '', event: 'e' }, context))).toEqual([
      '/user_id',
      'user_id is empty',
    ])
  })
})
