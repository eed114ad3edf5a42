import { Type } from 'typebox'
import type { Static, TProperties, TSchema } from 'typebox'
import type { Json } from '../lib/json.ts'
import { CLOSED } from './schema-parts.ts'

// What a definition of a segment says about one value: an attribute, a property of an event, a number of events.

/** What a relative moment counts in. Minutes and hours are exact; the others follow the calendar of the workspace's zone. */
const MOMENT_UNITS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const

/** A moment: a date, a local date and time, one with an offset, or a place relative to now. */
export const Moment = Type.Union([
  Type.String({
    format: 'moment',
    description:
      'A date (its midnight) or a date and time with seconds by ISO 8601; without an offset it is in the time zone of the workspace.',
  }),
  Type.Object(
    {
      offset: Type.Integer({
        minimum: -100_000,
        maximum: 100_000,
        description: 'How many units from now; negative is before now.',
      }),
      unit: Type.Enum([...MOMENT_UNITS]),
      startOf: Type.Optional(
        Type.Enum(['day', 'week', 'month', 'year'], {
          description:
            'The beginning of that day, week (Monday), month or year in the zone of the workspace.',
        }),
      ),
    },
    { ...CLOSED, description: 'A moment relative to now.' },
  ),
])
/** See {@link Moment}. */
export type Moment = Static<typeof Moment>

/** A moment that moves as time goes by. */
export type RelativeMoment = Exclude<Moment, string>

/** Longest text that is compared, in code points. */
const TEXT_LENGTH_MAX = 1_000

/** Most values in one list. */
const VALUES_MAX = 1_000

/** A text that stored values are compared with. */
const text = Type.String({ minLength: 1, maxLength: TEXT_LENGTH_MAX, format: 'storable-text' })
const number = Type.Number()
const scalar = Type.Union([
  Type.String({ maxLength: TEXT_LENGTH_MAX, format: 'storable-text' }),
  Type.Number(),
  Type.Boolean(),
])
const ignoreCase = Type.Optional(
  Type.Boolean({ description: 'Compares texts without regard to case; the default is exact.' }),
)

/** How numbers are compared with one number. */
export const NUMBER_OPERATORS = ['greaterThan', 'atLeast', 'lessThan', 'atMost'] as const

/** A comparison of numbers. */
export type NumberTest =
  | { operator: (typeof NUMBER_OPERATORS)[number]; value: number }
  /** Both ends belong to it. */
  | { operator: 'between'; from: number; to: number }

/** A comparison of moments. */
export type MomentTest =
  | { operator: 'before' | 'after'; value: Moment }
  /** `from` belongs to it, `to` does not. */
  | { operator: 'during'; from: Moment; to: Moment }

/** A comparison of what was counted or computed. */
export type ResultTest = NumberTest | { operator: 'equals' | 'notEquals'; value: number }

/** What a stored value must be. All but `notEquals` are false where there is no value. */
export type ValueTest =
  /** There is a value other than null. */
  | { operator: 'exists' }
  /** The same JSON value: texts exactly, numbers by value, objects whatever the order of their keys. */
  | { operator: 'equals' | 'notEquals'; value: Json; ignoreCase?: boolean }
  /** A text that has this in it, or a list that has it as a member. */
  | { operator: 'contains'; value: string | number | boolean; ignoreCase?: boolean }
  | { operator: 'startsWith' | 'endsWith'; value: string; ignoreCase?: boolean }
  | { operator: 'in'; values: readonly (string | number | boolean)[] }
  | NumberTest
  | MomentTest

const NUMBER_FIELDS: readonly TProperties[] = [
  { operator: Type.Enum([...NUMBER_OPERATORS]), value: number },
  { operator: Type.Literal('between'), from: number, to: number },
]

const MOMENT_FIELDS: readonly TProperties[] = [
  { operator: Type.Enum(['before', 'after']), value: Moment },
  { operator: Type.Literal('during'), from: Moment, to: Moment },
]

const VALUE_FIELDS: readonly TProperties[] = [
  { operator: Type.Literal('exists') },
  {
    operator: Type.Enum(['equals', 'notEquals']),
    value: Type.Unknown({ description: 'Any JSON value.' }),
    ignoreCase,
  },
  { operator: Type.Literal('contains'), value: scalar, ignoreCase },
  { operator: Type.Enum(['startsWith', 'endsWith']), value: text, ignoreCase },
  {
    operator: Type.Literal('in'),
    values: Type.Array(scalar, { minItems: 1, maxItems: VALUES_MAX }),
  },
  ...NUMBER_FIELDS,
  ...MOMENT_FIELDS,
]

const RESULT_FIELDS: readonly TProperties[] = [
  ...NUMBER_FIELDS,
  { operator: Type.Enum(['equals', 'notEquals']), value: number },
]

/** The shapes of an object that has these properties and a test of a stored value: one a group of operators. */
export function withValueTest(base: TProperties): TSchema[] {
  return shapesOf(base, VALUE_FIELDS)
}

/** The shapes of an object that has these properties and a test of a moment. */
export function withMomentTest(base: TProperties): TSchema[] {
  return shapesOf(base, MOMENT_FIELDS)
}

/** The shapes of an object that has these properties and a test of a number that was computed. */
export function withResultTest(base: TProperties): TSchema[] {
  return shapesOf(base, RESULT_FIELDS)
}

function shapesOf(base: TProperties, tests: readonly TProperties[]): TSchema[] {
  return tests.map((fields) => Type.Object({ ...base, ...fields }, CLOSED))
}
