/**
 * The standard attributes of a profile: what many systems know under many names has ONE name here.
 * Everything else a dialect sends is a custom attribute, in the same namespace, under the sender's name.
 */
export const STANDARD_ATTRIBUTES = [
  'firstName',
  'lastName',
  'displayName',
  'birthDate',
  'gender',
  'email',
  'hashedEmail',
  'phone',
  'hashedPhone',
  'company',
  'address',
  'city',
  'region',
  'locality',
  'postalCode',
  'country',
  'language',
  'timezone',
  'avatarUrl',
] as const

/** Name of a standard attribute. `birthDate` is `YYYY-MM-DD`; `gender` is male, female or other. */
export type StandardAttribute = (typeof STANDARD_ATTRIBUTES)[number]

/** Every channel, in the order of the documentation. */
export const CONSENT_CHANNELS = [
  'email',
  'sms',
  'whatsapp',
  'push',
  'webPush',
  'bluetooth',
  'rfid',
  'wifi',
] as const

/** A channel that a person can be reached by and can refuse. */
export type ConsentChannel = (typeof CONSENT_CHANNELS)[number]

/** Every state of an answer. */
export const CONSENT_STATES = ['granted', 'denied', 'unknown'] as const

/** `unknown` is what a withdrawn answer leaves behind; a vendor's default is applied when that dialect reads. */
export type ConsentState = (typeof CONSENT_STATES)[number]

/** A person's answer for one channel. `at` is epoch milliseconds; `source` is the dialect that carried it. */
export interface Consent {
  channel: ConsentChannel
  state: ConsentState
  at: number
  source: string
}
