import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'

/**
 * Shapes of the bodies, once aliases and wrappers are resolved.
 * @source reference 2.3, vendor page "Create or update custom customer event"
 */

/** Code points of the texts of an event. @source vendor page */
const TEXT_LENGTH_MAX = 255

const optional = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema)

const shortText = () => Type.String({ minLength: 1, maxLength: TEXT_LENGTH_MAX })

/** @assumed a minimal check of the syntax (reference 2.3) */
const email = () => Type.String({ pattern: '^[^@\\s]+@[^@\\s]+$', maxLength: 320 })

/** @source reference 2.3: E.164 */
const phone = () => Type.String({ pattern: '^\\+[1-9][0-9]{1,14}$' })

/** Values of one level: texts, numbers and truth values. @source vendor page: "primitive type value", null not supported */
const primitives = () =>
  Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]))

const identity = {
  external_id: optional(shortText()),
  phone_number: optional(phone()),
  email: optional(email()),
}

/** Body of a customer event. */
export const EventSchema = Type.Object({
  source: optional(shortText()),
  type: shortText(),
  occurred_at: optional(Type.String({ minLength: 1, maxLength: TEXT_LENGTH_MAX })),
  external_id: shortText(),
  customer: Type.Object({ ...identity, custom_properties: optional(primitives()) }),
  custom_properties: optional(primitives()),
})

const text = () => optional(Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()]))

const flag = () => optional(Type.Union([Type.Boolean(), Type.Null()]))

/** Body of a customer. Fields that are null stay as they are. @source reference 2.3, BEYOND */
export const CustomerSchema = Type.Object({
  external_id: optional(Type.Union([shortText(), Type.Null()])),
  phone_number: optional(Type.Union([phone(), Type.Null()])),
  email: optional(Type.Union([email(), Type.Null()])),
  first_name: text(),
  last_name: text(),
  gender: optional(Type.Union([Type.Enum(['F', 'M', 'Other']), Type.Null()])),
  account_created_at: text(),
  account_status: optional(
    Type.Union([Type.Enum(['enabled', 'disabled', 'invited', 'declined']), Type.Null()]),
  ),
  default_language: text(),
  default_currency: text(),
  tags: text(),
  address: optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  accepts_sms_marketing: flag(),
  accepts_email_marketing: flag(),
  custom_properties: optional(Type.Union([primitives(), Type.Null()])),
})

/** Body of the request for a token. @source reference 2.2 */
export const TokenBody = Type.Object({ secret: Type.String({ minLength: 1, maxLength: 1_024 }) })

/** Body of the other request for a token, as clients of OAuth send it. @source reference 2.2, real-clients 9 */
export const OauthBody = Type.Object({
  client_id: Type.String({ minLength: 1, maxLength: 255 }),
  client_secret: Type.String({ minLength: 1, maxLength: 1_024 }),
  grant_type: optional(Type.Literal('client_credentials')),
})

/** Query of the list of customers; parameters that it does not list are ignored. */
export const CustomerListQuery = Type.Object({
  page_info: optional(Type.String({ maxLength: 1_024 })),
  limit: optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
})

/** A customer event in a request. */
export type CustomerEvent = Static<typeof EventSchema>

/** A customer in a request. */
export type Customer = Static<typeof CustomerSchema>
