import { isJsonObject, jsonDepth, parseJson } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import { fitsCodePoints } from '../../lib/text.ts'
import { parseIsoInstant } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { ConsentState } from '../../model/attributes.ts'
import { CdpError } from '../../model/errors.ts'

/**
 * Values of single cells. A cell that is none of its column's refuses its row by CDP_BODY_INVALID; the sentence names no
 * value.
 */

/** Characters of an attribute of the type String. @source reference 3.2, SRC[26] */
const STRING_LENGTH_MAX = 101

/** Deepest nesting of a value, well inside what core stores. */
const DEPTH_MAX = 15

/** An id: a text, or a number in its place. Undefined for a cell that says nothing. @source reference 3.2: numbers are coerced */
export function readId(cell: Json, pointer: string): string | undefined {
  if (cell === null || cell === '') return undefined
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number') return String(cell)
  throw invalid(pointer, 'must be a string')
}

/** 1 and 0 in every spelling that clients send. @source reference 3.2; an empty text clears (`@assumed`) */
export function readSubscription(cell: Json, pointer: string): ConsentState {
  if (cell === '') return 'unknown'
  if (cell === 1 || cell === true || cell === '1' || cell === 'true') return 'granted'
  if (cell === 0 || cell === false || cell === '0' || cell === 'false') return 'denied'
  throw invalid(pointer, 'must be 1 or 0')
}

/** E.164 digits without plus, as text or number, to E.164 with it. @source reference 3.2, SRC[23] */
export function readPhone(cell: Json, pointer: string): string {
  const text = typeof cell === 'number' || typeof cell === 'string' ? String(cell).trim() : ''
  const [, digits] = /^\+?([1-9]\d{4,14})$/.exec(text) ?? []
  if (digits === undefined) throw invalid(pointer, 'must be a phone number in international digits')
  return `+${digits}`
}

/** How the value of an attribute may come. */
export interface AttributeRules {
  pointer: string
  /** The attribute is known to hold arrays or objects only. */
  isArray: boolean
  /** Arrays and objects may come as they are, and not as escaped JSON only. */
  allowsRaw: boolean
}

/**
 * The value of an attribute: escaped JSON is the array or object that it says, everything else is itself.
 * @source vendor page: "it must be provided as a JSON string, so the value must be escaped"
 * @assumed the type of an attribute is told by its values: a text that only looks like JSON stays a text
 */
export function readAttribute(cell: Json, { pointer, isArray, allowsRaw }: AttributeRules): Json {
  if (cell !== null && typeof cell === 'object') {
    if (allowsRaw) return cell
    throw invalid(pointer, 'Value must be a JSON string')
  }
  const json = typeof cell === 'string' ? readEscaped(cell, pointer) : undefined
  if (json !== undefined) return json
  if (isArray && cell !== null) throw invalid(pointer, 'Value must be a JSON string')
  if (typeof cell === 'string' && !fitsCodePoints(cell, STRING_LENGTH_MAX))
    throw invalid(pointer, `at most ${STRING_LENGTH_MAX} characters allowed`)
  return cell
}

function readEscaped(text: string, pointer: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  if (jsonDepth(text, DEPTH_MAX) > DEPTH_MAX) throw invalid(pointer, 'Value is nested too deeply')
  try {
    const value = parseJson(text).value as Json
    return Array.isArray(value) || isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS`, and that with ` +01:00` behind it. UTC unless it says an offset. @source SRC[26] */
export function readTime(text: string, pointer: string): Instant {
  const [, date = '', time, offset = ''] =
    /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?))? ?(Z|[+-]\d{2}:?\d{2})?$/.exec(text) ?? []
  const instant = parseIsoInstant(time === undefined ? date : `${date}T${time}${offset}`)
  if (instant === undefined) throw invalid(pointer, 'must be YYYY-MM-DD HH:MM:SS')
  return instant
}

/** The error of one place in a body. */
export function invalid(pointer: string, detail: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { pointer, detail })
}
