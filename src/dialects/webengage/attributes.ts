import { escapePointer, isJsonObject } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import { fitsCodePoints, isStorableText } from '../../lib/text.ts'
import { parseOffsetDateTime } from '../../lib/time.ts'
import type { AttributeType, Notice, RejectionReason, Typing } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'

/**
 * The vendor's rules for attributes of users and events.
 * @source docs.webengage.com/docs/rest-api-tracking-events, knowledgebase user-profile-attributes (reference 4.3,
 *   SRC[42], SRC[40]): names below 50, strings below 1,000, `we_` reserved, 25 attributes per data type, the first
 *   datapoint fixes the type
 * @assumed "shorter than" is read as "at most": a client at the documented figure must not lose data
 * @assumed the rules for event attributes hold for user attributes too: the vendor states them for events only
 */

const NAME_LENGTH_MAX = 50

const STRING_LENGTH_MAX = 1_000

/**
 * Attributes of one item that are looked at. @assumed a bound of our own: far above what can be stored, it keeps an
 * item of a hundred thousand names from holding up everyone else
 */
const MEMBERS_MAX = 1_000

/** Deepest nesting of a value, well inside what core stores. */
const DEPTH_MAX = 15

/** Attributes of one data type that an account (users) or an event name may have. */
const PER_TYPE_MAX = 25

/** Attributes that may be stored, with their types; the others are notices. */
export interface CheckedAttributes {
  values: Record<string, Json>
  typing: Typing
  notices: Notice[]
}

/** How custom attributes are checked. */
export interface AttributeRules {
  /** JSON pointer of the object that holds them. */
  pointer: string
  /** Names that the product uses for something that these attributes must not set. */
  reserved: ReadonlySet<string>
  /** On users null clears; on events it is no value. */
  nullClears: boolean
}

/** Checks custom attributes one by one: a bad one is dropped, never the call. */
export function checkAttributes(
  given: Readonly<Record<string, unknown>>,
  rules: AttributeRules,
): CheckedAttributes {
  if (Object.keys(given).length > MEMBERS_MAX) {
    const detail = `at most ${MEMBERS_MAX} attributes allowed`
    throw new CdpError('CDP_BODY_INVALID', { pointer: rules.pointer, detail })
  }
  const values: [string, Json][] = []
  const types: [string, AttributeType][] = []
  const notices: Notice[] = []
  for (const [name, value] of Object.entries(given)) {
    const checked = checkAttribute(name, value as Json, rules)
    if (checked === 'cleared') values.push([name, null])
    else if ('reason' in checked)
      notices.push({ ...checked, pointer: `${rules.pointer}/${escapePointer(name)}` })
    else {
      values.push([name, value as Json])
      types.push([name, checked.type])
    }
  }
  const typing = { pointer: rules.pointer, types: Object.fromEntries(types), perTypeMax: PER_TYPE_MAX }
  return { values: Object.fromEntries(values), typing, notices }
}

type Verdict = 'cleared' | { type: AttributeType } | { reason: RejectionReason }

function checkAttribute(name: string, value: Json, { reserved, nullClears }: AttributeRules): Verdict {
  if (name.startsWith('we_') || reserved.has(name)) return { reason: 'attribute_name_reserved' }
  if (name === '' || !isStorableText(name) || !fitsCodePoints(name, NAME_LENGTH_MAX))
    return { reason: 'attribute_name_invalid' }
  if (value === null && nullClears) return 'cleared'
  const type = typeOf(value)
  return type === undefined ? { reason: 'attribute_value_invalid' } : { type }
}

/** The vendor's data type of a value; undefined when it has none or breaks that type's rule. */
function typeOf(value: Json): AttributeType | undefined {
  if (typeof value === 'string') return typeOfText(value)
  if (typeof value === 'number') return 'number'
  if (typeof value === 'boolean') return 'boolean'
  if (value === null) return undefined
  if (!holdsOnlyTypes(value, DEPTH_MAX)) return undefined
  return isJsonObject(value) ? 'object' : 'array'
}

/** @assumed a string of the documented date pattern is a Date: JSON has no type of its own for it */
function typeOfText(value: string): AttributeType | undefined {
  if (parseOffsetDateTime(value)) return 'date'
  return fitsCodePoints(value, STRING_LENGTH_MAX) ? 'string' : undefined
}

/** A JSON object or array holds the listed types only; null is none of them. */
function holdsOnlyTypes(value: Json, depth: number): boolean {
  if (value === null || depth === 0) return false
  if (typeof value !== 'object') return true
  return Object.entries(value).every(
    ([key, member]) => isStorableText(key) && holdsOnlyTypes(member, depth - 1),
  )
}
