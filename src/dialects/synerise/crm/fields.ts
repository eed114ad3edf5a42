import type { Profile } from '../../../core/profiles/index.ts'
import type { Json } from '../../../lib/json.ts'
import { toRfc3339 } from '../../../lib/time.ts'
import type { Instant } from '../../../lib/time.ts'
import type { ProfileQuery } from '../../../core/profiles/index.ts'
import { customOf, primaryOf, sexOf } from '../clients/show.ts'
import type { ProfileWrite } from '../clients/schemas.ts'

/** A field of a contact. @source reference 0.9 */
interface ContactField {
  /** What people read above it. @assumed no label is printed */
  label: string
  read: (profile: Profile) => Json
  /** The field of a profile write that it means; undefined for what only the server says. */
  writes?: keyof ProfileWrite
  /** What a list can be sorted and filtered by; undefined for what it cannot. */
  lists?: ProfileQuery['sort']['by']
}

const attribute =
  (name: string) =>
  ({ attributes }: Profile): Json =>
    attributes[name] ?? null

/** The reference prints the format `date` for these. */
const dateOf = (instant: Instant): string => toRfc3339(instant).slice(0, 'yyyy-mm-dd'.length)

/**
 * The fields of a contact, in the order of the reference: flat, with the vendor's older names among them.
 * @assumed `country_id` is the country code; `deletedAt` is null, because a deleted profile is not shown
 * @source reference 0.9
 */
const CONTACT_FIELDS = {
  uuid: { label: 'UUID', read: (profile) => primaryOf(profile, 'uuid'), writes: 'uuid' },
  anonymous_type: {
    label: 'Anonymous type',
    read: (profile) => (hasEmail(profile) ? null : 'UUID'),
  },
  email: { label: 'E-mail', read: emailOf, writes: 'email', lists: 'email' },
  firstname: { label: 'First name', read: attribute('firstName'), writes: 'firstName', lists: 'firstName' },
  lastName: { label: 'Last name', read: attribute('lastName'), writes: 'lastName', lists: 'lastName' },
  custom_identify: {
    label: 'Custom ID',
    read: (profile) => primaryOf(profile, 'userId'),
    writes: 'customId',
  },
  company: { label: 'Company', read: attribute('company'), writes: 'company', lists: 'company' },
  phone: { label: 'Phone', read: attribute('phone'), writes: 'phone', lists: 'phone' },
  address: { label: 'Address', read: attribute('address'), writes: 'address' },
  birthdate: { label: 'Date of birth', read: attribute('birthDate'), writes: 'birthDate' },
  city: { label: 'City', read: attribute('city'), writes: 'city', lists: 'city' },
  zipCode: { label: 'Zip code', read: attribute('postalCode'), writes: 'zipCode' },
  province: { label: 'Province', read: attribute('region'), writes: 'province' },
  country_id: { label: 'Country ID', read: attribute('country') },
  countryCode: { label: 'Country', read: attribute('country'), writes: 'countryCode' },
  avatarUrl: { label: 'Avatar', read: attribute('avatarUrl'), writes: 'avatarUrl' },
  sex: { label: 'Sex', read: (profile) => CONTACT_SEXES[sexOf(profile)] ?? 'UNDEFINED', writes: 'sex' },
  last_activity_date: {
    label: 'Last activity',
    read: (profile) => dateOf(lastActivityOf(profile)),
    lists: 'lastActivityAt',
  },
  created: { label: 'Created', read: ({ createdAt }) => dateOf(createdAt), lists: 'createdAt' },
  updated: { label: 'Updated', read: ({ updatedAt }) => dateOf(updatedAt) },
  deletedAt: { label: 'Deleted', read: () => null },
} as const satisfies Record<string, ContactField>

const FIELDS: Readonly<Record<string, ContactField>> = CONTACT_FIELDS

/** Names of the fields of a contact, beside its id and tags. All are texts or null. */
export const CONTACT_TEXTS: readonly string[] = Object.keys(CONTACT_FIELDS)

/** The contact has no value for these two. */
const CONTACT_SEXES: Readonly<Record<string, string>> = { FEMALE: 'FEMALE', MALE: 'MALE' }

function emailOf(profile: Profile): Json {
  return profile.attributes['email'] ?? primaryOf(profile, 'email')
}

function hasEmail(profile: Profile): boolean {
  return emailOf(profile) !== null
}

/** @assumed a profile without events was last active when it last changed */
export function lastActivityOf({ lastActivityAt, updatedAt }: Profile): Instant {
  return lastActivityAt ?? updatedAt
}

/** A profile as a contact. @source reference 0.9 */
export function showContact(profile: Profile): object {
  const fields = Object.entries(FIELDS).map(([name, { read }]) => [name, read(profile)])
  return { id: profile.id, ...Object.fromEntries(fields), tags: profile.tags }
}

/**
 * The details of a contact: every field with its label, and custom attributes under their own names.
 * @assumed which fields there are and what their labels say
 * @source reference 0.9, ContactDetails
 */
export function showDetails(profile: Profile): object {
  const fields = Object.entries(FIELDS).map(([name, { label, read }]) => [
    name,
    { label, value: read(profile) },
  ])
  const custom = Object.entries(customOf(profile)).map(([name, value]) => [name, { label: name, value }])
  return { base: { ...Object.fromEntries(custom), ...Object.fromEntries(fields) }, tags: profile.tags }
}

/** Names of profiles' fields that contacts spell otherwise: lists take both. */
const OTHER_SPELLINGS: Readonly<Record<string, string>> = {
  firstName: 'firstname',
  lastname: 'lastName',
  lastActivityDate: 'last_activity_date',
  birthDate: 'birthdate',
  customId: 'custom_identify',
}

/** The field of this name, in either spelling; undefined for a custom attribute. */
export function contactField(name: string): ContactField | undefined {
  const spelt = (Object.hasOwn(OTHER_SPELLINGS, name) ? OTHER_SPELLINGS[name] : undefined) ?? name
  return Object.hasOwn(FIELDS, spelt) ? FIELDS[spelt] : undefined
}
