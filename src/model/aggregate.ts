import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { CLOSED } from './schema-parts.ts'
import { eventFilter, name, path, window } from './segment-parts.ts'
import type { EventFilter, Field, Window } from './segment-parts.ts'

/** Most values that `top` gives. */
const TOP_MAX = 20

/** Most filters and the like of one aggregate: as many as its schema takes. */
export const AGGREGATE_PARTS_MAX = 51

/**
 * What is made of the events. `sum`, `avg`, `min` and `max` are about the numbers at `property`, and events without one
 * are left out; the others about the values there are, and events without one or with null are left out.
 */
export type AggregateFunction =
  /** How many events; 0 of none. */
  | { function: 'count' }
  /** Null of none. A mean is rounded to {@link QUOTIENT_DIGITS} digits. */
  | { function: 'sum' | 'avg' | 'min' | 'max'; property: Field }
  /** The value of the first or the last event that has one; of events at the same instant the id decides. */
  | { function: 'first' | 'last'; property: Field }
  /** How many different values; 0 of none. */
  | { function: 'distinct'; property: Field }
  /** A list of the most frequent values, the most frequent first; of equally frequent ones by their JSON text. */
  | { function: 'top'; property: Field; limit: number }

/** A value that is computed from the events of a person: those of a name that pass the filters, inside a window. */
export type Aggregate = AggregateFunction & EventFilter & { window?: Window }

/** Digits behind the point to which quotients are rounded, half away from zero. */
export const QUOTIENT_DIGITS = 12

const property = Type.Object(
  { name, path },
  { ...CLOSED, description: 'The property of the events, and where in it.' },
)

const events = { ...eventFilter, window }

/** Definitions by the name that `$ref` has in {@link AGGREGATE_SCHEMA}. */
export const AGGREGATE_DEFS: Readonly<Record<string, TSchema>> = {
  Aggregate: Type.Union([
    Type.Object({ function: Type.Literal('count'), ...events }, CLOSED),
    Type.Object(
      {
        function: Type.Enum(['sum', 'avg', 'min', 'max', 'first', 'last', 'distinct']),
        property,
        ...events,
      },
      CLOSED,
    ),
    Type.Object(
      {
        function: Type.Literal('top'),
        property,
        limit: Type.Integer({ minimum: 1, maximum: TOP_MAX, description: 'How many values at most.' }),
        ...events,
      },
      CLOSED,
    ),
  ]),
}

/** The published JSON Schema (2020-12) of an aggregate. That ranges do not end before they begin is checked beside it. */
export const AGGREGATE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tributary:schema:aggregate',
  title: 'Definition of an aggregate',
  $defs: AGGREGATE_DEFS,
  $ref: '#/$defs/Aggregate',
} as const
