import fc from 'fast-check'
import { CONSENT_CHANNELS, CONSENT_STATES } from '../../../src/model/attributes.ts'
import type { Condition } from '../../../src/model/segment.ts'
import { anyComputed } from './arbitrary-computed.ts'
import {
  anyEventFilter,
  anyField,
  anyFilter,
  anyMomentTest,
  anyResultTest,
  anyValueTest,
  anyWindow,
} from './arbitrary-parts.ts'
import { READING, anyEventName, anyJson, anyName } from './odd-values.ts'
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

const anyMeasure = fc.oneof(
  anyResultTest.map((test) => ({ function: 'count' as const, ...test })),
  fc
    .tuple(fc.constantFrom('sum', 'avg', 'min', 'max'), anyField, anyResultTest)
    .map(([fn, field, test]) => ({ function: fn, ...field, ...test })),
  fc.tuple(fc.constantFrom('first', 'last'), anyMomentTest).map(([fn, test]) => ({ function: fn, ...test })),
)

const anyLeaf = fc.oneof(
  { weight: 4, arbitrary: anyFilter.map((filter) => ({ type: 'attribute', ...filter })) },
  { weight: 4, arbitrary: fc.tuple(anyComputed, anyValueTest).map(([one, test]) => ({ ...one, ...test })) },
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
