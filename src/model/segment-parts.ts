import { Type } from 'typebox'
import { CLOSED } from './schema-parts.ts'
import { Moment, withValueTest } from './segment-tests.ts'
import type { ValueTest } from './segment-tests.ts'

// What definitions of segments and of aggregates are both made of: which value, which events, which time.

/** Which stored value: that of a name, or one inside it. A step that is a whole number is a place in a list. */
export interface Field {
  name: string
  path?: readonly string[]
}

/** A test of a property that events must pass. */
export type Filter = Field & ValueTest

/** A range of time: `from` belongs to it, `to` does not; an end that is missing is open. */
export interface Window {
  from?: Moment
  to?: Moment
}

/** Which events: of a name (of any, when left out) that pass every filter. */
export interface EventFilter {
  name?: string
  filters?: readonly Filter[]
}

/** The name of what is stored under one. */
export const name = Type.String({ minLength: 1, maxLength: 255, format: 'storable-text' })

const step = Type.String({ maxLength: 255, format: 'storable-text' })

/** The optional `path` of a {@link Field}. */
export const path = Type.Optional(
  Type.Array(step, {
    maxItems: 20,
    description: 'Names and places that lead from the value to one inside it.',
  }),
)

/** The members of an {@link EventFilter}. */
export const eventFilter = {
  name: Type.Optional(name),
  filters: Type.Optional(Type.Array(Type.Union(withValueTest({ name, path })), { maxItems: 50 })),
}

/** An optional {@link Window}. */
export const window = Type.Optional(
  Type.Object(
    { from: Type.Optional(Moment), to: Type.Optional(Moment) },
    { ...CLOSED, description: 'Only events from `from` (inclusive) to `to` (exclusive).' },
  ),
)

/** The id of an aggregate or an expression. Lower case, as answers give it: an id has one spelling. */
export const computedId = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'The id of a definition of the same workspace.',
})
