import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { EventClientSchema } from '../shared/identity.ts'

const nullable = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]))

/** What every event has. @source reference 0.12 */
const base = {
  label: Type.String({ minLength: 1 }),
  client: EventClientSchema,
  time: nullable(Type.String()),
  eventSalt: nullable(Type.String()),
  params: nullable(Type.Record(Type.String(), Type.Unknown())),
}

const action = () => Type.String({ minLength: 1, maxLength: 32, pattern: '^[a-zA-Z0-9._-]+$' })

/** Body of a custom event. @source reference, Custom event */
export const CustomEventSchema = Type.Object({ ...base, action: action() })

/** One item of a batch: `action` belongs to type `custom`. @source reference, Batch send events */
export const BatchEventSchema = Type.Object({
  ...base,
  type: Type.String(),
  action: Type.Optional(Type.Unknown()),
})

/** Body of a batch of events. */
export const EventBatchBody = Type.Array(BatchEventSchema, { minItems: 1, maxItems: 1_000 })

/** Query of the events of a profile; parameters that it does not list are ignored. */
export const EventListQuery = Type.Object({
  'time[from]': Type.Optional(Type.String()),
  'time[to]': Type.Optional(Type.String()),
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\u0000]*$' })),
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
})

/** A custom event in a request. */
export type CustomEvent = Static<typeof CustomEventSchema>
/** An event of a batch in a request. */
export type BatchEvent = Static<typeof BatchEventSchema>
/** See {@link EventListQuery}. */
export type EventListQuery = Static<typeof EventListQuery>
