import fc from 'fast-check'
import type { Json } from '../../../src/lib/json.ts'

/** The night in which clocks go back in Warsaw; so half of all local times near it are ambiguous. */
export const READING = { now: Date.parse('2026-10-25T12:34:56.789Z'), timezone: 'Europe/Warsaw' }

/** Names of which few are harmless, and few enough that definitions meet data. */
export const anyName = fc.constantFrom(
  'a',
  'b',
  'city',
  'email',
  `o'hara`,
  'x"; drop table event; --',
  '__proto__',
  '$1',
)
/** Names of events. */
export const anyEventName = fc.constantFrom('Visited', 'Bought', `'; select 1; --`)

const TEXTS = [
  '',
  'Dublin',
  'dublin',
  'DUBLIN 8',
  'Łódź',
  '😀x',
  '%',
  '_',
  '\\',
  '"',
  `'; drop table profile; --`,
  '$1',
  '12',
  '-3.5',
  '1e3',
  'NaN',
  'Infinity',
  '12345678901234567890',
  '١٢',
  ' 5',
  '0x10',
  '1e9999',
  '9'.repeat(900),
  '2026-10-25',
  '2026-10-25T02:30:00',
  '2026-03-29T02:30:00',
  '2026-10-25T02:30:00Z',
  '2024-02-29',

  '2026-10-24T23:00:00+02:00',
  '2026-10-25T12:34:56.789Z',
  '1890-05-05',
  '1001-02-01',
  '2026-10-25T02:30:00+0530',
  '2023-02-29',
  '2100-02-29',
  '2026-13-01',
  '2026-04-31',
  '2026-10-25T24:00:00Z',
  '0000-01-01',
  '0000-02-29',
  '9999-12-31T23:59:59-15:00',
  '2026-10-25T10:00:00+19:00',
  '2026-10-25 10:00:00',
  'now',
  'infinity',
  '2026-10-25\n',
]
/** Numbers that a double prints as it holds them. */
export const NUMBERS = [0, 1, 2, 5, -3, 0.1, 2.5, 12, 1e21, -1e300, 5e-7, 2 ** 63]

/** A scalar that a customer sent. */
export const anyScalar: fc.Arbitrary<string | number | boolean> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...TEXTS) },
  // Such as tests of texts, numbers and moments are about.
  { weight: 2, arbitrary: fc.constantFrom('Dublin', 'dublin', '12', '2026-10-25', '2026-10-25T02:30:00') },
  { weight: 2, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 1, arbitrary: fc.boolean() },
)
/** A value that a customer sent. */
export const anyJson: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: anyScalar },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.array(fc.oneof(anyScalar, fc.constant([null])), { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>({}, { a: 1 }, { a: { 0: ['x'] } }, { b: null, a: [1, 'Dublin'] }),
  },
)
