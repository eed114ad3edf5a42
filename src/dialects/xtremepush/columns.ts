import type { Json } from '../../lib/json.ts'
import { parseIsoInstant } from '../../lib/time.ts'
import { STANDARD_ATTRIBUTES } from '../../model/attributes.ts'
import type { ConsentChannel, StandardAttribute } from '../../model/attributes.ts'
import type { ConsentWrite, Notice } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import { invalid, readAttribute, readId, readPhone, readSubscription } from './cells.ts'

/** What is gathered of one row. */
export interface Draft {
  userId: string | undefined
  deviceId: string | undefined
  email: string | undefined
  values: [string, Json][]
  consents: ConsentWrite[]
  notices: Notice[]
}

/** Puts a cell that is not null into the draft of its row. @throws CDP_BODY_INVALID the cell is none of its column's */
export type Column = (draft: Draft, cell: Json, pointer: string) => void

/** Columns that say who a row is about, the most trusted first. @source reference 3.2 */
export const IDENTITIES = ['user_id', 'device_id', 'email'] as const

/** Channels by the column that holds their subscription. @source reference 3.2; further ones were not recovered */
export const SUBSCRIPTIONS: Readonly<Record<string, ConsentChannel>> = {
  email_subscription: 'email',
  sms_subscription: 'sms',
  whatsapp_subscription: 'whatsapp',
}

/** What must stand beside a contact. @source vendor page: "the email and SMS subscription status must also be set" */
const REQUIRED: Readonly<Record<string, string>> = {
  email: 'email_subscription',
  mobile_number: 'sms_subscription',
}

/** System fields and usual attributes with a name of their own in the product, by their column. */
export const STANDARD: Readonly<Record<string, StandardAttribute>> = {
  first_name: 'firstName',
  last_name: 'lastName',
  language: 'language',
  timezone: 'timezone',
  country: 'country',
  region: 'region',
}

/** Attributes that would say who somebody is, or how to reach them, beside the columns that do. */
const RESERVED: ReadonlySet<string> = new Set<StandardAttribute>(['phone', 'hashedEmail', 'hashedPhone'])

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

/**
 * Holds a list of columns against the rules of the vendor.
 * @throws CDP_BODY_INVALID with everything that is wrong
 */
export function checkColumns(columns: readonly string[]): void {
  const [detail, ...more] = faultsOf(columns)
  if (detail === undefined) return
  const pointer = '/columns'
  const others = more.map((fault) => invalid(pointer, fault))
  throw new CdpError('CDP_BODY_INVALID', { pointer, detail, others })
}

function faultsOf(columns: readonly string[]): string[] {
  const known = new Set(columns)
  const faults = Object.entries(REQUIRED)
    .filter(([contact, subscription]) => known.has(contact) && !known.has(subscription))
    .map(([contact, subscription]) => `${contact} requires ${subscription}`)
  // @assumed the table asks for user_id or email, the prose takes device_id too: one of the three is enough
  if (!IDENTITIES.some((name) => known.has(name))) faults.push(`one of ${IDENTITIES.join(', ')} is required`)
  // @assumed a name that stands twice says nothing, and neither do two names of one attribute
  if (new Set(columns.map(attributeOf)).size < columns.length) faults.push('a column stands twice')
  return faults
}

/** The columns that are attributes of the workspace rather than fields of the system. */
export function attributeColumns(columns: readonly string[]): string[] {
  return columns.filter((name) => !Object.hasOwn(SYSTEM, name) && !Object.hasOwn(SUBSCRIPTIONS, name))
}

/** The attribute that a column fills, where it fills one. */
export function attributeOf(name: string): string {
  return (Object.hasOwn(STANDARD, name) ? STANDARD[name] : undefined) ?? name
}

/** How the cells of a column are read. */
export function compileColumn(name: string, rules: { isArray: boolean; allowsRaw: boolean }): Column {
  const system = Object.hasOwn(SYSTEM, name) ? SYSTEM[name] : undefined
  if (system) return system
  const channel = Object.hasOwn(SUBSCRIPTIONS, name) ? SUBSCRIPTIONS[name] : undefined
  if (channel)
    return ({ consents }, cell, pointer) => consents.push({ channel, state: readSubscription(cell, pointer) })
  const attribute = attributeOf(name)
  return (draft, cell, pointer) =>
    putAttribute(draft, attribute, readAttribute(cell, { ...rules, pointer }), pointer)
}

/** @assumed an empty text clears what it stands for */
const SYSTEM: Readonly<Record<string, Column>> = {
  user_id: (draft, cell, pointer) => {
    draft.userId = readId(cell, pointer)
  },
  device_id: (draft, cell, pointer) => {
    draft.deviceId = readId(cell, pointer)
  },
  email: (draft, cell, pointer) => {
    if (typeof cell !== 'string') throw invalid(pointer, 'must be a string')
    draft.email = cell === '' ? undefined : cell
    draft.values.push(['email', cell === '' ? null : cell])
  },
  mobile_number: ({ values }, cell, pointer) => {
    values.push(['phone', cell === '' ? null : readPhone(cell, pointer)])
  },
  // It has no attribute of its own in the product; the name is the vendor's.
  whatsapp_number: ({ values }, cell, pointer) => {
    values.push(['whatsapp_number', cell === '' ? null : readPhone(cell, pointer)])
  },
}

/**
 * @assumed an attribute with the name of a standard one is that one, as far as its value can be: here there is one
 * namespace. What cannot be is dropped, with a note.
 */
function putAttribute({ values, notices }: Draft, name: string, value: Json, pointer: string): void {
  if (RESERVED.has(name)) notices.push({ reason: 'attribute_name_reserved', pointer })
  else if (value === '') values.push([name, null])
  else if (STANDARD_NAMES.has(name) && !isStandardValue(name, value))
    notices.push({ reason: 'attribute_value_invalid', pointer })
  else values.push([name, value])
}

function isStandardValue(name: string, value: Json): boolean {
  if (typeof value !== 'string') return false
  if (name === 'gender') return ['male', 'female', 'other'].includes(value)
  return name !== 'birthDate' || (/^\d{4}-\d{2}-\d{2}$/.test(value) && parseIsoInstant(value) !== undefined)
}
