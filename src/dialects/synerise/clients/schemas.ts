import { Type } from 'typebox'
import type { Static } from 'typebox'
import { EMAIL, PHONE } from '../shared/identity.ts'
import { clientNumber, nullable } from '../shared/schemas.ts'

/** Shapes of the profile chapter. @source reference 0.5 to 0.8, chapter 3 */

const text = () => nullable(Type.String())

// Booleans as older clients spell them. @source reference 0.6
const flag = () =>
  nullable(Type.Union([Type.Boolean(), Type.Enum(['true', 'True', 'TRUE', 'false', 'False', 'FALSE', 1, 0])]))

/** Answers per channel, in the names that clients send. */
const AgreementsSchema = Type.Object({
  email: flag(),
  sms: flag(),
  push: flag(),
  webPush: flag(),
  webpush: flag(),
  bluetooth: flag(),
  rfid: flag(),
  wifi: flag(),
})

/** A profile as clients send one; unknown fields are ignored. */
export const ProfileWriteSchema = Type.Object({
  email: nullable(Type.String({ pattern: EMAIL.source })),
  phone: nullable(Type.String({ pattern: PHONE.source })),
  customId: text(),
  uuid: text(),
  firstName: text(),
  lastName: text(),
  displayName: text(),
  avatarUrl: text(),
  birthDate: nullable(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })),
  company: text(),
  city: text(),
  address: text(),
  zipCode: text(),
  province: text(),
  countryCode: text(),
  sex: nullable(Type.Enum(['FEMALE', 'MALE', 'NOT_SPECIFIED', 'OTHER'])),
  agreements: nullable(AgreementsSchema),
  attributes: nullable(Type.Record(Type.String(), Type.Unknown())),
  tags: nullable(Type.Array(Type.String({ minLength: 1 }), { maxItems: 1_000 })),
})

/** One item of a batch: its clientId can only update. */
export const BatchItemSchema = Type.Object({
  ...ProfileWriteSchema.properties,
  clientId: nullable(clientNumber()),
})

/** Items are checked one by one: a bad one is answered in its place. @source reference, Batch add or update profiles */
export const BatchBody = Type.Array(Type.Unknown(), { minItems: 1, maxItems: 1_000 })

/** A profile in a request. */
export type ProfileWrite = Static<typeof ProfileWriteSchema>

/** An item of a batch. */
export type BatchItem = Static<typeof BatchItemSchema>

/** Query of the list of profiles; parameters that it does not list are ignored. */
export const ClientListQuery = Type.Object({
  sortBy: Type.Optional(Type.Enum(['firstName', 'lastName', 'lastActivityDate', 'email', 'city', 'phone'])),
  sortOrder: Type.Optional(Type.Enum(['ASC', 'DESC'])),
  pageIndex: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
  pageSize: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
  'filters[anonymous]': Type.Optional(Type.Enum(['true', 'false'])),
  'filters[firstName]': Type.Optional(Type.String()),
  'filters[lastName]': Type.Optional(Type.String()),
  'filters[email]': Type.Optional(Type.String()),
  'filters[phone]': Type.Optional(Type.String()),
})

/** Query of the import: whether a phone number finds a profile where no e-mail is given. @source php-sdk */
export const ImportQuery = Type.Object({ phoneFilter: Type.Optional(Type.Enum(['true', 'false'])) })

/** See {@link ClientListQuery}. */
export type ClientListQuery = Static<typeof ClientListQuery>
