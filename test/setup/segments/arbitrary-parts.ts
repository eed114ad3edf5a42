import fc from 'fast-check'
import type { EventFilter, Field } from '../../../src/model/segment.ts'
import { NUMBER_OPERATORS } from '../../../src/model/segment-tests.ts'
import type {
  Moment,
  MomentTest,
  NumberTest,
  ResultTest,
  ValueTest,
} from '../../../src/model/segment-tests.ts'
import { NUMBERS, READING, anyEventName, anyJson, anyName, anyScalar } from './odd-values.ts'
import { momentOf } from './values.ts'

const anyMoment: fc.Arbitrary<Moment> = fc.oneof(
  fc.constantFrom(
    '2026-10-25',
    '2026-10-25T02:30:00',
    '2026-10-25T03:30:00+02:00',
    '2024-02-29',
    '2026-10-24T22:00:00Z',
  ),
  fc.record(
    {
      offset: fc.integer({ min: -40, max: 14 }),
      unit: fc.constantFrom('minute', 'hour', 'day', 'week', 'month', 'year'),
      startOf: fc.constantFrom('day', 'week', 'month', 'year'),
    },
    { requiredKeys: ['offset', 'unit'] },
  ),
)
const anyRange = fc
  .tuple(anyMoment, anyMoment)
  .map(([one, other]) => (momentOf(one, READING) < momentOf(other, READING) ? [one, other] : [other, one]))
  .filter(([from, to]) => momentOf(from!, READING) < momentOf(to!, READING))
  .map(([from, to]) => ({ from: from!, to: to! }))

/** A comparison of moments. */
export const anyMomentTest: fc.Arbitrary<MomentTest> = fc.oneof(
  fc.record({ operator: fc.constantFrom('before', 'after'), value: anyMoment }),
  anyRange.map((range) => ({ operator: 'during', ...range }) as const),
)
const anyNumber = fc.constantFrom(...NUMBERS)
const anyNumberTest: fc.Arbitrary<NumberTest> = fc.oneof(
  fc.record({ operator: fc.constantFrom(...NUMBER_OPERATORS), value: anyNumber }),
  fc.tuple(anyNumber, anyNumber).map(([one, other]) => ({
    operator: 'between' as const,
    from: Math.min(one, other),
    to: Math.max(one, other),
  })),
)
/** A comparison of what was counted. */
export const anyResultTest: fc.Arbitrary<ResultTest> = fc.oneof(
  anyNumberTest,
  fc.record({
    operator: fc.constantFrom(...NUMBER_OPERATORS, 'equals', 'notEquals'),
    value: fc.constantFrom(0, 1, 2, 3),
  }),
)

const ignoreCase = fc.boolean()
const anyPart = fc.constantFrom('D', 'dub', 'lin', 'Dublin', '1', '😀', `'`, '\\', '%', '0')
/** A test of a stored value. */
export const anyValueTest: fc.Arbitrary<ValueTest> = fc.oneof(
  fc.constant({ operator: 'exists' } as const),
  fc.record(
    { operator: fc.constantFrom('equals', 'notEquals'), value: anyJson, ignoreCase },
    { requiredKeys: ['operator', 'value'] },
  ),
  fc.record(
    { operator: fc.constant('contains'), value: fc.oneof(anyPart, anyScalar), ignoreCase },
    { requiredKeys: ['operator', 'value'] },
  ),
  fc.record(
    { operator: fc.constantFrom('startsWith', 'endsWith'), value: anyPart, ignoreCase },
    { requiredKeys: ['operator', 'value'] },
  ),
  fc.record({ operator: fc.constant('in'), values: fc.array(anyScalar, { minLength: 1, maxLength: 8 }) }),
  anyNumberTest,
  anyMomentTest,
) as fc.Arbitrary<ValueTest>

const anyPath = fc.array(fc.constantFrom('a', '0', '-1', 'b'), { maxLength: 2 })
/** Which stored value. */
export const anyField: fc.Arbitrary<Field> = fc.record(
  { name: anyName, path: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, anyPath) },
  { requiredKeys: ['name'] },
)
/** A test of a property. */
export const anyFilter = fc.tuple(anyField, anyValueTest).map(([field, test]) => ({ ...field, ...test }))
/** Which events. */
export const anyEventFilter: fc.Arbitrary<EventFilter> = fc.record(
  {
    name: anyEventName,
    filters: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(anyFilter, { maxLength: 2 })),
  },
  { requiredKeys: [] },
)
/** A range of time. */
export const anyWindow = fc.oneof(
  anyMoment.map((from) => ({ from })),
  anyMoment.map((to) => ({ to })),
  anyRange,
)
