import { describe, expect, test } from 'vitest'
import { addUnits, fromLocal, startOf, toLocal } from './calendar.ts'

const WARSAW = 'Europe/Warsaw'
const at = (text: string): number => Date.parse(text)

describe('the calendar of a zone', () => {
  test.each([
    [
      'a day over the night in which clocks go forward',
      '2026-03-28T11:00:00Z',
      1,
      'day',
      '2026-03-29T10:00:00Z',
    ],
    ['24 hours over the same night', '2026-03-28T11:00:00Z', 24, 'hour', '2026-03-29T11:00:00Z'],
    [
      'a week over the night in which they go back',
      '2026-10-20T10:00:00Z',
      1,
      'week',
      '2026-10-27T11:00:00Z',
    ],
    ['into a time that the clocks skip', '2026-03-28T01:30:00Z', 1, 'day', '2026-03-29T01:30:00Z'],
    ['into a time that the clocks show twice', '2026-10-24T00:30:00Z', 1, 'day', '2026-10-25T01:30:00Z'],
    [
      'a month from a day that the next one lacks',
      '2026-01-31T11:00:00Z',
      1,
      'month',
      '2026-02-28T11:00:00Z',
    ],
    ['a month back over the end of a year', '2026-01-15T11:00:00Z', -1, 'month', '2025-12-15T11:00:00Z'],
    ['a year from 29 February', '2024-02-29T11:00:00Z', 1, 'year', '2025-02-28T11:00:00Z'],
    ['minutes', '2026-10-25T00:30:00Z', -90, 'minute', '2026-10-24T23:00:00Z'],
    ['beyond every date', '2026-01-01T00:00:00Z', 100_000, 'year', '9999-12-28T23:00:00Z'],
    ['before every date', '2026-01-01T00:00:00Z', -100_000, 'year', '0001-01-03T00:00:00Z'],
  ] as const)('%s', (_, from, amount, unit, to) => {
    expect(new Date(addUnits(at(from), amount, unit, WARSAW)).toISOString()).toBe(new Date(to).toISOString())
  })

  test.each([
    ['day', '2026-10-24T22:00:00Z'],
    ['week', '2026-10-18T22:00:00Z'],
    ['month', '2026-09-30T22:00:00Z'],
    ['year', '2025-12-31T23:00:00Z'],
  ] as const)('begins its %s at its own midnight', (unit, start) => {
    expect(startOf(at('2026-10-25T12:00:00Z'), unit, WARSAW)).toBe(at(start))
  })

  test('goes there and back', () => {
    for (const zone of [WARSAW, 'UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia']) {
      for (let day = 0; day < 400; day += 7) {
        const instant = at('2025-12-01T09:15:27.123Z') + day * 86_400_000
        expect(fromLocal(toLocal(instant, zone), zone)).toBe(instant)
      }
    }
  })
})
