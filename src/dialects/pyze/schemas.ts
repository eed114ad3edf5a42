import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'

/**
 * Shapes of the bodies.
 * @source vendor page "Enterprise APIs" (read November 2026) and reference 1.1, 1.2
 */

/** Characters of an id. @source reference 1.1 (stated for the vendor's CSV upload) */
const ID_LENGTH_MAX = 128

/** Profiles a request; a bound of our own, the vendor documents none. */
const PROFILES_MAX = 1_000

/** Fields of one profile, identifiers not counted. @source vendor page, "up to 50 profile fields" */
export const FIELDS_MAX = 50

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]))

const userIdText = () => Type.String({ maxLength: ID_LENGTH_MAX })

/** A profile: its identifiers; every other member is a field. */
export const ProfileSchema = Type.Object({
  userId: optional(userIdText()),
  customer_id: optional(userIdText()),
  pyze_id: optional(userIdText()),
  user_alias: optional(
    Type.Object({ alias_label: Type.String({ minLength: 1, maxLength: 100 }), alias_id: userIdText() }),
  ),
})

/** Body of `/users/profile`. */
export const ProfilesBody = Type.Object({
  user_profiles: Type.Array(ProfileSchema, { minItems: 1, maxItems: PROFILES_MAX }),
})

/** Body of `/v1/events`. */
export const EventSchema = Type.Object({
  // The vendor's table says "events", its sample sends "event" (reference 1.2).
  type: Type.Enum(['event', 'events']),
  event: Type.String({ minLength: 1 }),
  userId: Type.String({ maxLength: ID_LENGTH_MAX }),
  eventTime: Type.String({ minLength: 1 }),
  appKey: Type.String({ minLength: 1 }),
  context: optional(Type.Object({ userAgent: optional(Type.String()), ip: optional(Type.String()) })),
  messageId: optional(Type.String()),
  sentAt: optional(Type.String()),
  attributes: optional(Type.Record(Type.String(), Type.Unknown())),
})

/** A profile in a request. */
export type Profile = Static<typeof ProfileSchema>

/** An event in a request. */
export type Event = Static<typeof EventSchema>
