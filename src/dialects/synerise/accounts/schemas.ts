import { Type } from 'typebox'
import type { Static } from 'typebox'
import { ProfileWriteSchema } from '../clients/schemas.ts'
import { EMAIL, PHONE } from '../shared/identity.ts'
import { nullable } from '../shared/schemas.ts'

/** Shapes of the chapters about accounts. @source reference chapters 1, 2, 4 */

const text = () => nullable(Type.String({ maxLength: 1_024 }))

const required = () => Type.String({ minLength: 1, maxLength: 1_024 })

const email = () => Type.String({ pattern: EMAIL.source, maxLength: 320 })

// Identity tokens of providers carry keys and claims.
const providerToken = () => nullable(Type.String({ maxLength: 16_384 }))

/** @source reference chapter 1, LoginBody */
const IDENTITY_PROVIDERS = ['SYNERISE', 'FACEBOOK', 'OAUTH', 'APPLE', 'GOOGLE', 'UNKNOWN'] as const

/** @source reference, Authenticate as Profile */
export const LoginBody = Type.Object({
  apiKey: required(),
  identityProvider: Type.Enum(IDENTITY_PROVIDERS),
  identityProviderToken: providerToken(),
  email: nullable(email()),
  // `any` in the reference: clients send numbers.
  customId: nullable(Type.Union([Type.String({ maxLength: 1_024 }), Type.Number()])),
  password: text(),
  uuid: text(),
  deviceId: text(),
  agreements: ProfileWriteSchema.properties.agreements,
  attributes: ProfileWriteSchema.properties.attributes,
  tags: ProfileWriteSchema.properties.tags,
})

/** @source reference, Authenticate anonymously; @assumed apiKey is required: nothing else says which workspace is meant */
export const AnonymousBody = Type.Object({ apiKey: required(), deviceId: text(), uuid: text() })

/** @source reference, Refresh a Profile token */
export const RefreshBody = Type.Object({ apiKey: required() })

/** @source reference, Register a Profile */
export const RegisterBody = Type.Object({
  ...ProfileWriteSchema.properties,
  password: required(),
  deviceId: text(),
})

/** @source reference, Confirm registration with PIN code */
export const PinBody = Type.Object({
  deviceId: text(),
  email: nullable(email()),
  customId: text(),
  pinCode: required(),
  uuid: text(),
})

/** @source reference, Re-send PIN code, Re-send email confirmation */
export const ResendBody = Type.Object({
  email: nullable(email()),
  customId: text(),
  deviceId: text(),
  uuid: text(),
})

/** @source reference, Activate a Profile's account */
export const TokenBody = Type.Object({ token: required() })

const { uuid: _uuid, tags: _tags, ...ownFields } = ProfileWriteSchema.properties

/** @source reference, Update Profile's own data: ProfileWrite minus uuid and tags */
export const OwnDataBody = Type.Object(ownFields)

/** @source reference, Request profile phone number change */
export const PhoneRequestBody = Type.Object({ phone: Type.String({ pattern: PHONE.source }) })

/** @source reference, Confirm profile phone number change */
export const PhoneConfirmBody = Type.Object({
  phone: Type.String({ pattern: PHONE.source }),
  confirmationCode: required(),
  deviceId: text(),
  smsAgreement: nullable(Type.Boolean()),
})

/** @source reference, Request Profile password reset; @assumed customId where e-mails identify nobody */
export const ResetRequestBody = Type.Object({ email: nullable(email()), customId: text() })

/** @source reference, Confirm Profile password reset */
export const ResetConfirmBody = Type.Object({ password: required(), token: required() })

/** @source reference, Change Profile password */
export const ChangePasswordBody = Type.Object({
  oldPassword: required(),
  password: required(),
  deviceId: text(),
})

/** @source reference, Delete account; the deprecated ones name their token otherwise */
export const DeleteBody = Type.Object({
  identityProvider: Type.Optional(Type.Enum(['FACEBOOK', 'OAUTH', 'APPLE', 'GOOGLE', 'SYNERISE'])),
  password: text(),
  externalToken: providerToken(),
  accessToken: providerToken(),
  facebookToken: providerToken(),
  uuid: text(),
  customId: text(),
  deviceId: text(),
})

/** @source reference, Request Profile email change */
export const EmailChangeBody = Type.Object({
  email: email(),
  password: text(),
  externalToken: providerToken(),
  facebookToken: providerToken(),
  uuid: text(),
  deviceId: text(),
  customId: text(),
})

/** @source reference, Confirm Profile email change */
export const EmailConfirmBody = Type.Object({
  token: required(),
  newsletterAgreement: nullable(Type.Boolean()),
})

/** @source reference, Log out a Profile */
export const LogoutBody = Type.Object({ action: Type.Enum(['LOGOUT', 'LOGOUT_WITH_SESSION_CLEARING']) })

/** See {@link LoginBody}. */
export type LoginBody = Static<typeof LoginBody>
/** See {@link RegisterBody}. */
export type RegisterBody = Static<typeof RegisterBody>
/** See {@link DeleteBody}. */
export type DeleteBody = Static<typeof DeleteBody>
/** See {@link EmailChangeBody}. */
export type EmailChangeBody = Static<typeof EmailChangeBody>
