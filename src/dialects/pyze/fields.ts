import type { Json } from '../../lib/json.ts'
import { STANDARD_ATTRIBUTES } from '../../model/attributes.ts'
import type { StandardAttribute } from '../../model/attributes.ts'
import { parseIsoInstant } from '../../lib/time.ts'

/** A field of the vendor that has a name of its own in the product. */
export interface StandardField {
  name: StandardAttribute
  /** The value as the product keeps it; undefined when it is none. */
  read: (value: Json) => Json | undefined
}

/** @source vendor page, sample: the built-in fields that mean a standard attribute */
const BUILT_IN: Readonly<Record<string, StandardAttribute>> = {
  first_name: 'firstName',
  last_name: 'lastName',
  gender: 'gender',
  date_of_birth: 'birthDate',
  email_id: 'email',
}

const STANDARD_NAMES = new Set<string>(STANDARD_ATTRIBUTES)

/**
 * The standard attribute that a field means. Every other field is custom and keeps its name.
 * @assumed a custom field with the name of a standard attribute says the same thing; here there is one namespace
 */
export function standardField(wireName: string): StandardField | undefined {
  const builtIn = Object.hasOwn(BUILT_IN, wireName) ? BUILT_IN[wireName] : undefined
  const name = builtIn ?? (isStandard(wireName) ? wireName : undefined)
  return name && { name, read: READERS[name] ?? readText }
}

function isStandard(name: string): name is StandardAttribute {
  return STANDARD_NAMES.has(name)
}

const READERS: Partial<Record<StandardAttribute, StandardField['read']>> = {
  gender: (value) => (typeof value === 'string' ? GENDERS.get(value.toLowerCase()) : undefined),
  birthDate: (value) =>
    typeof value === 'string' && parseIsoInstant(value) ? value.slice(0, 10) : undefined,
}

/** @assumed the sample shows "F" only */
const GENDERS = new Map([
  ['f', 'female'],
  ['female', 'female'],
  ['m', 'male'],
  ['male', 'male'],
  ['o', 'other'],
  ['other', 'other'],
])

function readText(value: Json): Json | undefined {
  return typeof value === 'string' ? value : undefined
}
