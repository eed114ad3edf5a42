import { Type } from 'typebox'
import type { Static } from 'typebox'

/**
 * Shapes of the bodies. Members that are not listed are ignored and noted in the ledger.
 * @source vendor page "Bulk User/ Event API" (read November 2026): fields, 100 characters, 25 items
 */

/** Characters of an id. @source the vendor page, parameter table */
export const ID_LENGTH_MAX = 100

/** Users or events per call. @source the vendor page, "Rate Limiting" */
const ITEMS_MAX = 25

const nullable = <Schema extends ReturnType<typeof Type.String>>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()]))

const text = () => nullable(Type.String())

const flag = () => Type.Optional(Type.Union([Type.Boolean(), Type.Null()]))

const values = () => Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]))

const identity = {
  userId: nullable(Type.String({ maxLength: ID_LENGTH_MAX })),
  // Its length is checked where it decides: beside a userId it is ignored.
  anonymousId: nullable(Type.String()),
}

/** A user as the vendor's clients send one. */
export const UserSchema = Type.Object({
  ...identity,
  firstName: text(),
  lastName: text(),
  company: text(),
  email: text(),
  hashedEmail: text(),
  hashedPhone: text(),
  birthDate: text(),
  gender: text(),
  phone: text(),
  emailOptIn: flag(),
  smsOptIn: flag(),
  whatsappOptIn: flag(),
  // Beyond the page: top-level fields that a published integration reserves (reference 4.2, SRC[41]).
  postalCode: text(),
  country: text(),
  city: text(),
  locality: text(),
  region: text(),
  attributes: values(),
})

/** An event as the vendor's clients send one. */
export const EventSchema = Type.Object({
  ...identity,
  eventName: Type.String({ minLength: 1, maxLength: 50 }),
  eventTime: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Null()])),
  eventData: values(),
})

/** Body of `bulk-users`. */
export const BulkUsersSchema = Type.Object({
  users: Type.Array(UserSchema, { minItems: 1, maxItems: ITEMS_MAX }),
})

/** Body of `bulk-events`. */
export const BulkEventsSchema = Type.Object({
  events: Type.Array(EventSchema, { minItems: 1, maxItems: ITEMS_MAX }),
})

/** A user in a request. */
export type User = Static<typeof UserSchema>

/** An event in a request. */
export type Event = Static<typeof EventSchema>
