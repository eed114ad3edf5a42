import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { EventClientSchema } from '../shared/identity.ts'
import { freeForm, nullable } from '../shared/schemas.ts'
import type { EventType } from './types.ts'
import { STORABLE_PATTERN } from '../../../lib/text.ts'

/** What every event has, beside its params. @source reference 0.12 */
const base = {
  label: Type.String({ minLength: 1 }),
  client: EventClientSchema,
  time: nullable(Type.String()),
  eventSalt: nullable(Type.String()),
}

const action = () => Type.String({ minLength: 1, maxLength: 32, pattern: '^[a-zA-Z0-9._-]+$' })

/** Body of an event of this type: only where the type sets no action does the sender name one. */
export function eventBodyOf({ action: set, params }: EventType): TSchema {
  return Type.Object({ ...base, params, ...(set === undefined && { action: action() }) })
}

/** One item of a batch, as far as all types share it. @source reference, Batch send events */
export const BatchEventSchema = Type.Object({
  ...base,
  params: nullable(freeForm()),
  type: Type.String(),
  action: Type.Optional(Type.Unknown()),
})

/** What a type asks of an item of a batch beside that. */
export function batchPartOf({ action: set, params }: EventType): TSchema {
  return Type.Object({ params, ...(set === undefined && { action: action() }) })
}

/** Body of a batch of events; its items are checked one by one, so that every bad one is listed. */
export const EventBatchBody = Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1_000 })

/** Query of the events of a profile; parameters that it does not list are ignored. */
export const EventListQuery = Type.Object({
  'time[from]': Type.Optional(Type.String()),
  'time[to]': Type.Optional(Type.String()),
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN })),
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
})

const SingleEventSchema = Type.Object({
  ...base,
  params: nullable(freeForm()),
  action: Type.Optional(Type.String()),
})

/** An event in a request. */
export type SingleEvent = Static<typeof SingleEventSchema>
/** An event of a batch in a request. */
export type BatchEvent = Static<typeof BatchEventSchema>
/** See {@link EventListQuery}. */
export type EventListQuery = Static<typeof EventListQuery>
