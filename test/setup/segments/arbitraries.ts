import fc from 'fast-check'
import { CONSENT_CHANNELS, CONSENT_STATES } from '../../../src/model/attributes.ts'
import type { Condition, EventFilter, Field } from '../../../src/model/segment.ts'
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
import { TAGS } from './world.ts'
import type { Person, World } from './world.ts'

const HOUR_MS = 3_600_000

const anyProperties = fc
  .array(fc.tuple(anyName, anyJson), { minLength: 2, maxLength: 9 })
  .map((entries) => Object.fromEntries(entries))

const anyInstant = fc.oneof(
  fc.integer({ min: -60, max: 20 }).map((hours) => READING.now + hours * HOUR_MS),
  fc.constantFrom(Date.parse('2026-10-24T22:00:00Z'), Date.parse('2026-10-25T01:30:00Z'), READING.now),
  fc.constantFrom(Date.parse('2025-01-31T10:00:00Z'), Date.parse('2026-09-25T12:34:56.789Z')),
)

const anyEvent = fc.record({ name: anyEventName, at: anyInstant, properties: anyProperties })

// Two answers or two words of the same instant are in no order.
const anyConsents = fc
  .uniqueArray(fc.constantFrom(...CONSENT_CHANNELS.slice(0, 3)), { maxLength: 3 })
  .chain((channels) =>
    fc.tuple(
      ...channels.map((channel) =>
        fc.record({ channel: fc.constant(channel), state: fc.constantFrom(...CONSENT_STATES), at: fc.nat() }),
      ),
    ),
  )

const anyDevice = fc.record(
  {
    model: fc.constantFrom('Pixel', 'pixel 9', ''),
    manufacturer: fc.constantFrom('Dublin', '12'),
    screenHeight: fc.constantFrom(5, 12, 2400),
  },
  { requiredKeys: [] },
)

const PEOPLE = 7
const anyPlace = fc.nat({ max: PEOPLE - 1 })

const anyPerson: fc.Arbitrary<Person> = fc.record({
  attributes: anyProperties,
  createdAt: anyInstant,
  updatedAt: anyInstant,
  identifiers: fc.uniqueArray(fc.constantFrom(1, 2, 3, 5), { maxLength: 2 }),
  tags: fc.uniqueArray(fc.constantFrom(...TAGS), { maxLength: 2 }),
  consents: anyConsents,
  events: fc.array(anyEvent, { maxLength: 6 }),
  devices: fc.array(anyDevice, { maxLength: 2 }),
  isCompany: fc.boolean(),
  relation: fc.option(fc.record({ company: anyPlace, at: fc.nat() }), { nil: undefined }),
})

/** Some people, of whom some were merged into others. */
export const anyWorld: fc.Arbitrary<World> = fc
  .tuple(
    fc.array(anyPerson, { minLength: PEOPLE, maxLength: PEOPLE }),
    fc.uniqueArray(fc.integer({ min: 3, max: PEOPLE - 1 }), { maxLength: 3 }),
    fc.nat({ max: 2 }),
  )
  .map(([people, losers, survivor]) => ({
    people,
    merges: new Map(losers.map((place, index) => [place, (survivor + index) % 2])),
  }))

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

const anyMomentTest: fc.Arbitrary<MomentTest> = fc.oneof(
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
const anyResultTest: fc.Arbitrary<ResultTest> = fc.oneof(
  anyNumberTest,
  fc.record({
    operator: fc.constantFrom(...NUMBER_OPERATORS, 'equals', 'notEquals'),
    value: fc.constantFrom(0, 1, 2, 3),
  }),
)

const ignoreCase = fc.boolean()
const anyPart = fc.constantFrom('D', 'dub', 'lin', 'Dublin', '1', '😀', `'`, '\\', '%', '0')
const anyValueTest: fc.Arbitrary<ValueTest> = fc.oneof(
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
const anyField: fc.Arbitrary<Field> = fc.record(
  { name: anyName, path: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, anyPath) },
  { requiredKeys: ['name'] },
)
const anyFilter = fc.tuple(anyField, anyValueTest).map(([field, test]) => ({ ...field, ...test }))
const anyEventFilter: fc.Arbitrary<EventFilter> = fc.record(
  {
    name: anyEventName,
    filters: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(anyFilter, { maxLength: 2 })),
  },
  { requiredKeys: [] },
)
const anyWindow = fc.oneof(
  anyMoment.map((from) => ({ from })),
  anyMoment.map((to) => ({ to })),
  anyRange,
)
const anyMeasure = fc.oneof(
  anyResultTest.map((test) => ({ function: 'count' as const, ...test })),
  fc
    .tuple(fc.constantFrom('sum', 'avg', 'min', 'max'), anyField, anyResultTest)
    .map(([fn, field, test]) => ({ function: fn, ...field, ...test })),
  fc.tuple(fc.constantFrom('first', 'last'), anyMomentTest).map(([fn, test]) => ({ function: fn, ...test })),
)

const anyLeaf = fc.oneof(
  { weight: 4, arbitrary: anyFilter.map((filter) => ({ type: 'attribute', ...filter })) },
  fc
    .tuple(fc.constantFrom('createdAt', 'updatedAt'), anyMomentTest)
    .map(([name, test]) => ({ type: 'profile', name, ...test })),
  fc.constantFrom(...TAGS, 'none').map((name) => ({ type: 'tag', name })),
  fc.record({
    type: fc.constant('consent'),
    channel: fc.constantFrom(...CONSENT_CHANNELS.slice(0, 4)),
    state: fc.constantFrom(...CONSENT_STATES),
  }),
  fc.constant({ type: 'company', role: 'company' }),
  fc.record(
    {
      type: fc.constant('company'),
      role: fc.constant('member'),
      companyId: anyPlace.map((place) => place + 1),
    },
    { requiredKeys: ['type', 'role'] },
  ),
  fc.constant({ type: 'anonymous' }),
  fc.record(
    {
      type: fc.constant('device'),
      filters: fc.array(
        fc
          .tuple(fc.constantFrom('type', 'model', 'manufacturer', 'osVersion', 'screenHeight'), anyValueTest)
          .map(([name, test]) => ({ name, ...test })),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['type'] },
  ),
  {
    weight: 5,
    arbitrary: fc
      .tuple(anyEventFilter, fc.record({ window: anyWindow, measure: anyMeasure }, { requiredKeys: [] }))
      .map(([filter, rest]) => ({ type: 'event', ...filter, ...rest })),
  },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        type: fc.constant('sequence'),
        steps: fc.array(anyEventFilter, { minLength: 2, maxLength: 4 }),
        within: fc.record({
          amount: fc.integer({ min: 1, max: 30 }),
          unit: fc.constantFrom('minute', 'hour', 'day', 'week'),
        }),
        window: anyWindow,
      },
      { requiredKeys: ['type', 'steps'] },
    ),
  },
) as fc.Arbitrary<Condition>

/** Any definition that a caller may send. */
export const anyDefinition = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: anyLeaf },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constantFrom('and', 'or'),
        conditions: fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('not'), condition: tie('condition') }) },
  ),
})).condition
