import { isJsonObject } from '../../../lib/json.ts'
import type { Json, JsonObject } from '../../../lib/json.ts'
import { STANDARD_ATTRIBUTES } from '../../../model/attributes.ts'
import { RESERVED_ATTRIBUTES, TEXT_FIELDS } from '../clients/attributes.ts'
import { AGREEMENT_CHANNELS, customAmong, sexNamed } from '../clients/show.ts'

/** A field of an exported profile: the columns of the file that it is made of, by the product's names, and how. */
interface ExportField {
  columns: readonly string[]
  read: (row: JsonObject) => Json
}

const column = (name: string): ExportField => ({ columns: [name], read: (row) => row[name] ?? null })

const attribute = (name: string): ExportField => column(`attributes.${name}`)

/** The first of two columns that has a value. */
const either = (first: string, second: string): ExportField => ({
  columns: [first, second],
  read: (row) => row[first] ?? row[second] ?? null,
})

const EMAIL = either('attributes.email', 'email')

const LAST_ACTIVITY = either('lastActivityAt', 'updatedAt')

const BIRTH_DATE = attribute('birthDate')

const CUSTOM_ID = column('userId')

const COUNTRY = attribute('country')

/** Of several the primary one comes first. */
const UUID: ExportField = {
  columns: ['uuid'],
  read: ({ uuid }) => (Array.isArray(uuid) ? (uuid[0] ?? null) : null),
}

const texts = Object.fromEntries(Object.entries(TEXT_FIELDS).map(([name, own]) => [name, attribute(own)]))

/**
 * The fields of profiles and of contacts, under either name of each.
 * @assumed which names `fields` takes: those that profiles and contacts are shown with, and custom attributes; times are whole
 * instants
 * @source reference 0.5, 0.8, 0.9
 */
const FIELDS: Readonly<Record<string, ExportField>> = {
  ...texts,
  id: column('profileId'),
  clientId: column('profileId'),
  email: EMAIL,
  uuid: UUID,
  customId: CUSTOM_ID,
  custom_identify: CUSTOM_ID,
  firstname: attribute('firstName'),
  lastname: attribute('lastName'),
  birthdate: BIRTH_DATE,
  country_id: COUNTRY,
  sex: { columns: ['attributes.gender'], read: (row) => sexNamed(row['attributes.gender']) },
  anonymous: { columns: EMAIL.columns, read: (row) => EMAIL.read(row) === null },
  anonymous_type: { columns: EMAIL.columns, read: (row) => (EMAIL.read(row) === null ? 'UUID' : null) },
  agreements: { columns: ['consents'], read: ({ consents }) => agreementsIn(consents) },
  attributes: {
    columns: ['attributes'],
    read: ({ attributes }) => (isJsonObject(attributes) ? customAmong(attributes) : {}),
  },
  tags: column('tags'),
  lastActivityDate: LAST_ACTIVITY,
  last_activity_date: LAST_ACTIVITY,
  created: column('createdAt'),
  updated: column('updatedAt'),
}

/** An agreement that was never given is false. */
function agreementsIn(consents: Json | undefined): JsonObject {
  const stated = isJsonObject(consents) ? consents : {}
  const isGranted = (channel: string): boolean => {
    const consent = stated[channel]
    return isJsonObject(consent) && consent['state'] === 'granted'
  }
  return Object.fromEntries(AGREEMENT_CHANNELS.map((channel) => [channel, isGranted(channel)]))
}

/** Names that no custom attribute has: those that clients cannot send, and the product's own. */
const TAKEN: ReadonlySet<string> = new Set([...RESERVED_ATTRIBUTES, ...STANDARD_ATTRIBUTES])

/** The field of a name; undefined where a profile can have nothing under it. Any name that is not taken is a custom attribute's. */
export function exportField(name: string): ExportField | undefined {
  if (Object.hasOwn(FIELDS, name)) return FIELDS[name]
  return TAKEN.has(name) ? undefined : attribute(name)
}
