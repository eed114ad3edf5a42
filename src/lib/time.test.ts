import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { now, parseInstant, parseOffsetDateTime, toRfc3339, useClock, withZoneOffset } from './time.ts'

const anyInstant = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) })

describe('parseOffsetDateTime', () => {
  test('reads back every instant, whatever the offset it was written with', () => {
    fc.assert(
      fc.property(
        anyInstant,
        fc.integer({ min: -18 * 60, max: 18 * 60 }),
        fc.boolean(),
        (instant, offset, withColon) => {
          const local = new Date(instant + offset * 60_000).toISOString().slice(0, -1)
          const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
            String(part).padStart(2, '0'),
          )
          const text = `${local}${offset < 0 ? '-' : '+'}${hours}${withColon ? ':' : ''}${minutes}`
          expect(parseOffsetDateTime(text)).toEqual({ instant, localDate: local.slice(0, 10) })
        },
      ),
    )
  })

  test('reads Z, and fractions of any length, cut below a millisecond', () => {
    const at = (text: string): number | undefined => parseOffsetDateTime(text)?.instant
    expect(at('2024-02-29T23:59:59Z')).toBe(Date.UTC(2024, 1, 29, 23, 59, 59))
    const base = Date.UTC(2024, 0, 1)
    const cases = [
      ['.1', 100],
      ['.12', 120],
      ['.123', 123],
      ['.999999999', 999],
      ['.0009', 0],
    ] as const
    for (const [fraction, millis] of cases) expect(at(`2024-01-01T00:00:00${fraction}Z`)).toBe(base + millis)
  })

  test('reads every millisecond of a second exactly', () => {
    for (let millis = 0; millis < 1_000; millis++) {
      const text = `2024-01-01T00:00:00.${String(millis).padStart(3, '0')}Z`
      expect(parseOffsetDateTime(text)?.instant).toBe(Date.UTC(2024, 0, 1) + millis)
    }
  })

  test('refuses what no calendar has', () => {
    const wrong = [
      '2023-02-29T00:00:00Z',
      '2024-02-30T00:00:00Z',
      '2024-04-31T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-00-01T00:00:00Z',
      '2024-01-00T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T00:60:00Z',
      '2024-01-01T00:00:60Z',
      '2024-01-01T00:00:00+19:00',
      '2024-01-01T00:00:00+00:60',
    ]
    for (const text of wrong) expect(parseOffsetDateTime(text), text).toBeUndefined()
  })

  test('refuses what is of another form', () => {
    const wrong = [
      '',
      '2024-01-01',
      '2024-01-01T00:00:00',
      '2024-1-1T00:00:00Z',
      '2024-01-01 00:00:00Z',
      '2024-01-01T00:00Z',
      '2024-01-01T00:00:00z',
      ' 2024-01-01T00:00:00Z',
      '2024-01-01T00:00:00Z\n',
      '+12024-01-01T00:00:00Z',
      '2024-01-01T00:00:00.Z',
      '2024-01-01T00:00:00+1',
      '٢٠٢٤-01-01T00:00:00Z',
    ]
    for (const text of wrong) expect(parseOffsetDateTime(text), text).toBeUndefined()
  })

  test('reads the years 0000 to 0099 as they are written, not as 19xx', () => {
    expect(parseOffsetDateTime('0099-01-01T00:00:00Z')?.instant ?? -1).not.toBe(Date.UTC(1999, 0, 1))
  })
})

test('parseInstant takes a date for its midnight in UTC', () => {
  expect(parseInstant('2024-02-29')).toBe(Date.UTC(2024, 1, 29))
  expect(parseInstant('2024-02-29T01:00:00+01:00')).toBe(Date.UTC(2024, 1, 29))
  for (const text of ['2023-02-29', '2024-2-1', 'today', '1706745600'])
    expect(parseInstant(text)).toBeUndefined()
})

test('toRfc3339 is read back by parseInstant', () => {
  fc.assert(
    fc.property(anyInstant, (instant) => {
      expect(parseInstant(toRfc3339(instant))).toBe(instant)
    }),
  )
})

test('the clock can be held and put back', () => {
  const restore = useClock(() => 42)
  expect(now()).toBe(42)
  restore()
  expect(Math.abs(now() - Date.now())).toBeLessThan(1_000)
})

describe('withZoneOffset', () => {
  test.each([
    ['2023-10-09T12:00:00', 'Europe/Warsaw', '+02:00'],
    ['2023-01-09T12:00:00.123', 'Europe/Warsaw', '+01:00'],
    ['2023-01-09T12:00:00', 'UTC', '+00:00'],
    ['2023-07-01T00:00:00', 'Asia/Kolkata', '+05:30'],
    ['2023-07-01T00:00:00', 'America/St_Johns', '-02:30'],
    // The clock goes on from 2 to 3: the time that it skips has the offset from before.
    ['2023-03-26T02:30:00', 'Europe/Warsaw', '+01:00'],
    ['2023-03-26T03:00:00', 'Europe/Warsaw', '+02:00'],
    // It goes back from 3 to 2: of the two the first counts.
    ['2023-10-29T02:30:00', 'Europe/Warsaw', '+02:00'],
    ['2023-10-29T03:00:00', 'Europe/Warsaw', '+01:00'],
    ['1910-01-01T00:00:00', 'Europe/Warsaw', '+01:24'],
  ])('%s in %s is at %s', (text, zone, offset) => {
    expect(withZoneOffset(text, zone)).toBe(text + offset)
  })

  test('every local time names an instant that the zone shows as this time, unless the clock skips it', () => {
    const zones = fc.constantFrom('Europe/Warsaw', 'America/New_York', 'Australia/Lord_Howe', 'UTC')
    const seconds = fc.integer({ min: Date.UTC(1975, 0, 1) / 1_000, max: Date.UTC(2037, 0, 1) / 1_000 })
    fc.assert(
      fc.property(zones, seconds, (timeZone, second) => {
        const shown = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
        const local = shown.format(second * 1_000).replace(' ', 'T')
        const read = parseInstant(withZoneOffset(local, timeZone) ?? '')
        expect(shown.format(read).replace(' ', 'T')).toBe(local)
      }),
    )
  })

  test('leaves everything else alone', () => {
    const texts = [
      '',
      'x',
      '2023-10-09',
      '2023-10-09T12:00:00Z',
      '2023-10-09T12:00:00+01:00',
      '2023-02-30T12:00:00',
    ]
    for (const text of texts) expect(withZoneOffset(text, 'Europe/Warsaw')).toBeUndefined()
  })
})
