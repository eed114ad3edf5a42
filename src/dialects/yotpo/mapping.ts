import { unknownFields } from '../../http/items.ts'
import { escapePointer } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import { parseIsoInstant } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Command, ConsentWrite, EventWrite, Notice, RawIdentifier } from '../../model/command.ts'
import { STANDARD_ATTRIBUTES } from '../../model/attributes.ts'
import { CdpError } from '../../model/errors.ts'
import { CustomerSchema, EventSchema } from './schemas.ts'
import type { Customer, CustomerEvent } from './schemas.ts'

/** What the mapping needs to know beside the item. */
export interface MappingContext {
  /** JSON pointer of the item in the body. */
  pointer: string
  receivedAt: Instant
}

/**
 * A customer event → the event, which is the only one with its id, and what it says of the customer.
 * @throws CDP_BODY_INVALID the customer is not identified as the vendor asks, or a time that is none
 */
export function mapEvent(event: CustomerEvent, context: MappingContext): Command {
  const { pointer } = context
  const { customer } = event
  const place = `${pointer}/customer`
  const notices = [
    ...unknownFields(event, EventSchema.properties, pointer),
    ...unknownFields(customer, EventSchema.properties.customer.properties, place),
  ]
  return {
    identifiers: identifiersOf(customer, place),
    attributes: { values: withOwn(customer.custom_properties, contactsOf(customer), place, notices) },
    event: eventOf(event, context, notices),
    pointer,
    phoneIdentifies: true,
    contactPointers: contactPointers(place),
    item: event,
    notices,
  }
}

/**
 * @assumed `source` is kept among the properties; a property of that name is the sender's own and stays
 * @source vendor page: the id overrides an existing event; without a time the event happens now
 */
function eventOf(
  event: CustomerEvent,
  { pointer, receivedAt }: MappingContext,
  notices: Notice[],
): EventWrite {
  const properties: Record<string, Json> = { ...event.custom_properties }
  if (event.source !== undefined) {
    if (Object.hasOwn(properties, 'source'))
      notices.push({ reason: 'attribute_name_reserved', pointer: `${pointer}/source` })
    else properties['source'] = event.source
  }
  const { occurred_at: time } = event
  return {
    name: event.type,
    occurredAt: time === undefined ? receivedAt : readTime(time, `${pointer}/occurred_at`),
    ...(time !== undefined && { originalTime: time }),
    properties,
    messageId: event.external_id,
    onDuplicate: 'supersede',
  }
}

/** @assumed a time without offset is in UTC */
function readTime(text: string, pointer: string): Instant {
  const instant = parseIsoInstant(text)
  if (instant !== undefined) return instant
  throw new CdpError('CDP_BODY_INVALID', { pointer, detail: 'is not an ISO 8601 time' })
}

type Identity = Partial<Record<'external_id' | 'email' | 'phone_number', string | null>>

/**
 * The vendor's own id, with which contacts may stand; without it exactly one contact.
 * @source vendor page
 * @throws CDP_BODY_INVALID none, or both contacts without the id
 */
function identifiersOf(
  { external_id: id, email, phone_number: phone }: Identity,
  pointer: string,
): RawIdentifier[] {
  const contacts: RawIdentifier[] = [
    ...(email ? [{ kind: 'email' as const, value: email }] : []),
    ...(phone ? [{ kind: 'phone' as const, value: phone }] : []),
  ]
  if (id) return [{ kind: 'userId', value: id }, ...contacts]
  if (contacts.length === 1) return contacts
  const detail =
    contacts.length === 0
      ? 'Send external_id, phone_number or email'
      : 'Send either phone_number or email when external_id is absent'
  throw new CdpError('CDP_BODY_INVALID', { pointer, detail })
}

/** Attributes that identify, reach or are one of a few words: a property does not say them. */
const CHECKED = new Set<string>(['email', 'phone', 'hashedEmail', 'hashedPhone', 'gender', 'birthDate'])

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

/**
 * The customer's own properties, and the fields above them.
 * @assumed here there is one namespace: a property named like a standard attribute is that one as far as its value can be, and a
 * field that is sent stands above a property of its name
 */
function withOwn(
  properties: Customer['custom_properties'],
  fields: Readonly<Record<string, Json>>,
  pointer: string,
  notices: Notice[],
): Record<string, Json> {
  const isRefused = ([name, value]: [string, Json]): boolean =>
    Object.hasOwn(fields, name) ||
    CHECKED.has(name) ||
    (STANDARD_NAMES.has(name) && typeof value !== 'string')
  const own = Object.entries(properties ?? {})
  for (const [name] of own.filter(isRefused))
    notices.push({
      reason: 'attribute_name_reserved',
      pointer: `${pointer}/custom_properties/${escapePointer(name)}`,
    })
  // Entries make own members, also of a name such as `__proto__`.
  return Object.fromEntries([...own.filter((entry) => !isRefused(entry)), ...Object.entries(fields)])
}

function contactPointers(place: string): { email: string; phone: string } {
  return { email: `${place}/email`, phone: `${place}/phone_number` }
}

function contactsOf({ email, phone_number: phone }: Identity): Record<string, string> {
  return { ...(email && { email }), ...(phone && { phone }) }
}

/** The vendor's names of what the product knows under another one. @source reference 2.3, BEYOND */
const STANDARD = { first_name: 'firstName', last_name: 'lastName', default_language: 'language' } as const

/** Facts of an account that the product has no name for: they keep the vendor's. */
const FACTS = ['account_created_at', 'account_status', 'default_currency'] as const

/** @assumed what the parts of an address are called */
const ADDRESS: Readonly<Record<string, string>> = {
  address1: 'address',
  city: 'city',
  state: 'region',
  province: 'region',
  zip: 'postalCode',
  country_code: 'country',
}

const GENDERS = { F: 'female', M: 'male', Other: 'other' } as const

/** A customer → the profile write that it means. @throws CDP_BODY_INVALID as {@link mapEvent} */
export function mapCustomer(customer: Customer, { pointer }: Pick<MappingContext, 'pointer'>): Command {
  const notices = unknownFields(customer, CustomerSchema.properties, pointer)
  const consents = consentsOf(customer)
  const tags = tagsOf(customer)
  return {
    identifiers: identifiersOf(customer, pointer),
    attributes: {
      values: withOwn(customer.custom_properties, attributesOf(customer, pointer, notices), pointer, notices),
    },
    ...(consents.length > 0 && { consents }),
    ...(tags.length > 0 && { tags }),
    pointer,
    phoneIdentifies: true,
    contactPointers: contactPointers(pointer),
    item: customer,
    notices,
  }
}

function attributesOf(customer: Customer, pointer: string, notices: Notice[]): Record<string, Json> {
  const values: Record<string, Json> = contactsOf(customer)
  for (const [field, name] of Object.entries(STANDARD)) {
    const value = customer[field as keyof typeof STANDARD]
    if (value) values[name] = value
  }
  for (const fact of FACTS) if (customer[fact]) values[fact] = customer[fact]
  if (customer.gender) values['gender'] = GENDERS[customer.gender]
  return { ...values, ...addressOf(customer, pointer, notices) }
}

function addressOf({ address }: Customer, pointer: string, notices: Notice[]): Record<string, Json> {
  const values: Record<string, Json> = {}
  for (const [part, value] of Object.entries(address ?? {})) {
    const name = Object.hasOwn(ADDRESS, part) ? ADDRESS[part] : undefined
    const isNew = name !== undefined && !Object.hasOwn(values, name)
    if (isNew && typeof value === 'string' && value !== '') values[name] = value
    else if (value !== null && value !== '')
      notices.push({ reason: 'field_unknown', pointer: `${pointer}/address/${escapePointer(part)}` })
  }
  return values
}

function consentsOf({
  accepts_sms_marketing: sms,
  accepts_email_marketing: email,
}: Customer): ConsentWrite[] {
  const answers = [
    ['sms', sms],
    ['email', email],
  ] as const
  return answers.flatMap(([channel, answer]) =>
    typeof answer === 'boolean' ? [{ channel, state: answer ? 'granted' : 'denied' }] : [],
  )
}

/** @source reference 2.3: one text with commas */
function tagsOf({ tags }: Customer): string[] {
  return (tags ?? '')
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '')
}
