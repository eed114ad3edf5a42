import { Type } from 'typebox'
import type { Static } from 'typebox'
import { ProfileWriteSchema } from '../clients/schemas.ts'
import { clientNumber, nullable } from '../shared/schemas.ts'
import { STORABLE_PATTERN } from '../../../lib/text.ts'

/** Shapes of the CRM operations. @source reference 0.9, chapter 3 */

const { properties } = ProfileWriteSchema

const text = () => nullable(Type.String())

/** A contact as clients send one: flat, every member optional, others are custom attributes. */
export const ContactBody = Type.Object({
  id: nullable(clientNumber()),
  uuid: properties.uuid,
  anonymous_type: text(),
  email: properties.email,
  firstname: properties.firstName,
  lastName: properties.lastName,
  custom_identify: properties.customId,
  company: properties.company,
  phone: properties.phone,
  address: properties.address,
  birthdate: properties.birthDate,
  city: properties.city,
  zipCode: properties.zipCode,
  province: properties.province,
  country_id: text(),
  countryCode: properties.countryCode,
  avatarUrl: properties.avatarUrl,
  sex: nullable(Type.Enum(['FEMALE', 'MALE', 'UNDEFINED', 'NOT_SPECIFIED', 'OTHER'])),
  last_activity_date: text(),
  created: text(),
  updated: text(),
  deletedAt: text(),
  tags: properties.tags,
  // The names that profiles have for some of them.
  firstName: properties.firstName,
  lastname: properties.lastName,
  customId: properties.customId,
  birthDate: properties.birthDate,
  lastActivityDate: text(),
})

/** See {@link ContactBody}. */
export type ContactBody = Static<typeof ContactBody>

const count = () => Type.Optional(Type.String({ pattern: '^[0-9]{1,10}$' }))

const paging = { limit: count(), offset: count() }

const recognized = Type.Optional(Type.Enum(['RECOGNIZED', 'true', 'ANONYMOUS', 'false', 'NONE']))

const sortBy = Type.Optional(Type.String({ pattern: '^[^:]{1,255}:(ASC|DESC|asc|desc)$' }))

const search = Type.Optional(Type.String({ maxLength: 1_024, pattern: STORABLE_PATTERN }))

/** Query of the list of contacts; parameters that it does not list are ignored. */
export const ContactListQuery = Type.Object({ ...paging, recognized, sortBy, search })

/** Query of the list of companies. */
export const CompanyListQuery = Type.Object({ ...paging, recognized, sortBy })

/** Query of the list of a company's members. */
export const MemberListQuery = Type.Object(paging)

/** See {@link MemberListQuery}. */
export type MemberListQuery = Static<typeof MemberListQuery>

/** See {@link ContactListQuery}; the other lists take a part of it. */
export type ContactListQuery = Static<typeof ContactListQuery>

/** Query of suggestions. */
export const AutocompleteQuery = Type.Object({
  field: Type.String({ minLength: 1, maxLength: 255, pattern: STORABLE_PATTERN }),
  prefix: Type.String({ maxLength: 255, pattern: STORABLE_PATTERN }),
  limit: count(),
})

/** See {@link AutocompleteQuery}. */
export type AutocompleteQuery = Static<typeof AutocompleteQuery>
