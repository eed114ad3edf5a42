import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { CONSENT_CHANNELS, CONSENT_STATES } from './attributes.ts'
import type { ConsentChannel, ConsentState } from './attributes.ts'
import type { Aggregate } from './aggregate.ts'
import type { Expression } from './expression.ts'
import { CLOSED, idNumber } from './schema-parts.ts'
import { computedId, eventFilter, name, path, window } from './segment-parts.ts'
import type { EventFilter, Field, Window } from './segment-parts.ts'
import { withMomentTest, withResultTest, withValueTest } from './segment-tests.ts'
import type { MomentTest, ResultTest, ValueTest } from './segment-tests.ts'

export type { EventFilter, Field, Window } from './segment-parts.ts'

/** How deep conditions may be nested; the outermost one is at depth 1. */
export const SEGMENT_DEPTH_MAX = 10

/** Most conditions in one definition, with filters and the steps of sequences: each costs the planner time. */
export const SEGMENT_CONDITIONS_MAX = 200

/**
 * What must hold of all the events together. Of no event the count is 0, and nothing is true of the other functions.
 * Events without such a number are left out of sums and the like.
 */
export type Measure =
  | ({ function: 'count' } & ResultTest)
  | ({ function: 'sum' | 'avg' | 'min' | 'max' } & Field & ResultTest)
  /** When the first or the last of them happened. */
  | ({ function: 'first' | 'last' } & MomentTest)

/** Events of a person. Without a measure: at least one. */
export interface EventCondition extends EventFilter {
  type: 'event'
  window?: Window
  measure?: Measure
}

/** Fixed lengths of time: a day has 24 hours, a week seven such days. */
export const DURATION_UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const

/** A length of time. */
export interface Duration {
  amount: number
  unit: keyof typeof DURATION_UNITS
}

/** Events one after the other, each later than the one before; the last at most `within` after the first. */
export interface SequenceCondition {
  type: 'sequence'
  steps: readonly EventFilter[]
  within?: Duration
  window?: Window
}

/** What is known of a device. */
export const DEVICE_FIELDS = [
  'type',
  'manufacturer',
  'model',
  'osVersion',
  'product',
  'screenHeight',
  'screenWidth',
] as const

/** One of {@link DEVICE_FIELDS}. */
export type DeviceField = (typeof DEVICE_FIELDS)[number]

/** At least one device that passes every filter. */
export interface DeviceCondition {
  type: 'device'
  filters?: readonly ({ name: DeviceField } & ValueTest)[]
}

/** The profile is a company, or belongs to one: to any, or to that one. */
export type CompanyCondition =
  { type: 'company'; role: 'company' } | { type: 'company'; role: 'member'; companyId?: number }

/** Most conditions on aggregates and expressions in one definition: behind each may be a whole tree. */
export const SEGMENT_COMPUTED_MAX = 20

/**
 * A value that is computed by a definition of its own. `definition` is what the id stands for: nobody sends or stores it,
 * and nothing is compiled without it.
 */
export type ComputedCondition = (
  | { type: 'aggregate'; id: string; definition?: Aggregate }
  | { type: 'expression'; id: string; definition?: Expression }
) &
  ValueTest

/** A condition about more than one other. */
export type Junction =
  { type: 'and' | 'or'; conditions: readonly Condition[] } | { type: 'not'; condition: Condition }

/** What a person must be to belong to a segment. */
export type Condition =
  | Junction
  | ({ type: 'attribute' } & Field & ValueTest)
  | ComputedCondition
  /** When the profile was made or written last. */
  | ({ type: 'profile'; name: 'createdAt' | 'updatedAt' } & MomentTest)
  | { type: 'tag'; name: string }
  /** The answer that stands for a channel; where there is none it is `unknown`. */
  | { type: 'consent'; channel: ConsentChannel; state: ConsentState }
  | CompanyCondition
  /** Nobody knows who it is: no userId, e-mail or phone identifies it, and it has no e-mail or phone as an attribute. */
  | { type: 'anonymous' }
  | DeviceCondition
  | EventCondition
  | SequenceCondition

const condition = Type.Ref('#/$defs/Condition')
const measure = Type.Union([
  ...withResultTest({ function: Type.Literal('count') }),
  ...withResultTest({ function: Type.Enum(['sum', 'avg', 'min', 'max']), name, path }),
  ...withMomentTest({ function: Type.Enum(['first', 'last']) }),
])
const duration = Type.Object(
  {
    amount: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    unit: Type.Enum(Object.keys(DURATION_UNITS)),
  },
  CLOSED,
)

const SHAPES: TSchema[] = [
  Type.Object(
    {
      type: Type.Enum(['and', 'or']),
      conditions: Type.Array(condition, { minItems: 1, maxItems: SEGMENT_CONDITIONS_MAX }),
    },
    CLOSED,
  ),
  Type.Object({ type: Type.Literal('not'), condition }, CLOSED),
  ...withValueTest({ type: Type.Literal('attribute'), name, path }),
  ...withValueTest({ type: Type.Enum(['aggregate', 'expression']), id: computedId }),
  ...withMomentTest({ type: Type.Literal('profile'), name: Type.Enum(['createdAt', 'updatedAt']) }),
  Type.Object({ type: Type.Literal('tag'), name }, CLOSED),
  Type.Object(
    {
      type: Type.Literal('consent'),
      channel: Type.Enum([...CONSENT_CHANNELS]),
      state: Type.Enum([...CONSENT_STATES]),
    },
    CLOSED,
  ),
  Type.Object({ type: Type.Literal('company'), role: Type.Literal('company') }, CLOSED),
  Type.Object(
    {
      type: Type.Literal('company'),
      role: Type.Literal('member'),
      companyId: Type.Optional(idNumber()),
    },
    CLOSED,
  ),
  Type.Object({ type: Type.Literal('anonymous') }, CLOSED),
  Type.Object(
    {
      type: Type.Literal('device'),
      filters: Type.Optional(
        Type.Array(Type.Union(withValueTest({ name: Type.Enum([...DEVICE_FIELDS]) })), { maxItems: 50 }),
      ),
    },
    CLOSED,
  ),
  Type.Object(
    { type: Type.Literal('event'), ...eventFilter, window, measure: Type.Optional(measure) },
    CLOSED,
  ),
  Type.Object(
    {
      type: Type.Literal('sequence'),
      steps: Type.Array(Type.Object(eventFilter, CLOSED), { minItems: 2, maxItems: 5 }),
      within: Type.Optional(duration),
      window,
    },
    CLOSED,
  ),
]

/** Definitions by the name that `$ref` has in {@link SEGMENT_SCHEMA}. */
export const SEGMENT_DEFS: Readonly<Record<string, TSchema>> = { Condition: Type.Union(SHAPES) }

/**
 * The published JSON Schema (2020-12) of a definition. What a schema cannot say is checked beside it: depth, number of
 * conditions, and that ranges do not end before they begin.
 */
export const SEGMENT_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tributary:schema:segment',
  title: 'Definition of a segment',
  $defs: SEGMENT_DEFS,
  $ref: '#/$defs/Condition',
} as const
