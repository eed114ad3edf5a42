import type { Json } from '../../lib/json.ts'
import { parseJson } from '../../lib/json.ts'
import { parseIsoInstant } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'

/** How the text of a column is read. `auto` leaves a text a text, and anything else as it is. */
export const VALUE_TYPES = ['auto', 'text', 'number', 'boolean', 'json', 'unix'] as const

/** One of {@link VALUE_TYPES}. */
export type ValueType = (typeof VALUE_TYPES)[number]

/** A value as its column says it is. @throws CDP_BODY_INVALID it is none */
export function readValue(value: Json, type: ValueType, pointer: string): Json {
  if (type === 'unix') return readUnix(value, pointer)
  if (typeof value !== 'string') return type === 'text' ? JSON.stringify(value) : value
  switch (type) {
    case 'auto':
    case 'text':
      return value
    case 'number':
      return readNumber(value, pointer)
    case 'boolean':
      return readBoolean(value, pointer)
    case 'json':
      return readJson(value, pointer)
  }
}

function readNumber(text: string, pointer: string): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(number)) return number
  throw invalid(pointer, 'must be a number')
}

/** Seconds since 1970, as text or number, as a time of ISO 8601. */
function readUnix(value: Json, pointer: string): string {
  const seconds = readNumber(
    typeof value === 'number' || typeof value === 'string' ? String(value) : '',
    pointer,
  )
  const time = new Date(seconds * 1_000)
  if (Number.isNaN(time.getTime())) throw invalid(pointer, 'must be seconds since 1970')
  return time.toISOString()
}

function readBoolean(text: string, pointer: string): boolean {
  const value = BOOLEANS.get(text.trim().toLowerCase())
  if (value !== undefined) return value
  throw invalid(pointer, 'must be true or false')
}

const BOOLEANS = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
])

function readJson(text: string, pointer: string): Json {
  try {
    return parseJson(text).value as Json
  } catch {
    throw invalid(pointer, 'must be JSON')
  }
}

/** A time: ISO 8601, a date, or a date without hyphens. @throws CDP_BODY_INVALID */
export function readTime(value: Json, pointer: string): Instant {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  const dashed = /^\d{8}$/.test(text) ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}` : text
  const instant = parseIsoInstant(dashed)
  if (instant !== undefined) return instant
  throw invalid(pointer, 'must be a time of ISO 8601')
}

/** A decimal text, exact. @throws CDP_BODY_INVALID */
export function readDecimal(value: Json, pointer: string): string {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : ''
  if (/^-?\d{1,30}(\.\d{1,30})?$/.test(text)) return text
  throw invalid(pointer, 'must be a decimal number')
}

/** The error of one column. */
export function invalid(pointer: string, detail: string): CdpError {
  return new CdpError('CDP_BODY_INVALID', { pointer, detail: `${pointer.slice(1)}: ${detail}` })
}
