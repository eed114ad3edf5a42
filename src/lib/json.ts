import { isSafeNumber } from 'lossless-json'
import { endOfString, markNumbers, QUOTE, unmarkNumbers } from './marked-numbers.ts'
import type { Path } from './marked-numbers.ts'

/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** A JSON object. Made with a null prototype where keys come from a caller. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** A parsed body and where a number was handed out as its source text because a double cannot hold it. */
export interface ParsedJson {
  value: unknown
  /** JSON pointers (RFC 6901) of those numbers; nearly always empty. */
  exactNumbers: readonly string[]
}

// Sixteen digits in a row or an exponent of three digits: only such texts can hold a number that a double cannot.
const MAYBE_INEXACT = /\d{16}|[eE][+-]?\d{3}/

/**
 * Parses JSON without losing digits: 12345678901234567890 stays that text instead of becoming the double
 * 12345678901234567000, which would make two people one.
 * @throws SyntaxError the text is not JSON
 */
export function parseJson(text: string): ParsedJson {
  if (!MAYBE_INEXACT.test(text)) return { value: JSON.parse(text), exactNumbers: [] }
  const exactNumbers: string[] = []
  const marked = markNumbers(text, (number) => !isDouble(number))
  const onMarked = (path: Path): void =>
    void exactNumbers.push(
      path.map((token) => (typeof token === 'number' ? `/${token}` : `/${escapePointer(token)}`)).join(''),
    )
  return { value: unmarkNumbers(parseMarked(text, marked), onMarked), exactNumbers }
}

/** @throws SyntaxError about the text as it was sent */
function parseMarked(text: string, marked: string): unknown {
  try {
    return JSON.parse(marked)
  } catch {
    return JSON.parse(text)
  }
}

/** Whether a double holds every digit of a number, as JSON text. */
function isDouble(text: string): boolean {
  return !MAYBE_INEXACT.test(text) || isSafeNumber(text) || isPrintedDouble(text)
}

/**
 * Parses JSON that PostgreSQL wrote, in which numbers are decimals without an exponent. One stays a number when it is what
 * some double prints (9223372036854776000), else it becomes its text: nothing that is computed there loses a digit.
 */
export function parseStoredJson(text: string): Json {
  if (!/[\d.]{16}/.test(text)) return JSON.parse(text) as Json
  const marked = markNumbers(text, (number) => decimalOf(number) !== decimalOf(String(Number(number))))
  return unmarkNumbers(JSON.parse(marked), () => undefined) as Json
}

/** The digits of a number without zeros around them, and the place of its point. */
function decimalOf(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  const point = Number(exponent) - fraction.length + digits.length - significant.length
  return significant === '' ? '0' : `${text.startsWith('-') ? '-' : ''}${significant}e${point}`
}

/**
 * A fraction of at most 17 significant digits may be a double that its sender printed in full
 * (39.799999999999997): reading it gives that very double back, so nothing is lost.
 */
function isPrintedDouble(text: string): boolean {
  if (!/[.eE]/.test(text)) return false
  const significant = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '')
  const value = Number(text)
  return significant.length <= 17 && Number.isFinite(value) && value !== 0
}

/** One reference token of a JSON pointer, escaped as RFC 6901 says. */
export function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The reference tokens of a JSON pointer written without its first slash. */
export function pointerTokens(pointer: string): string[] {
  return pointer.split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/**
 * How deep the brackets of a JSON text are nested. Works on the text, so that a bomb is refused before any
 * recursive code sees it; stops counting at `limit + 1`.
 */
export function jsonDepth(text: string, limit: number): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) index = endOfString(text, index)
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth++
      if (depth > deepest) deepest = depth
      if (deepest > limit) return deepest
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
  }
  return deepest
}

const OPEN_BRACE = 123
const CLOSE_BRACE = 125
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93

/**
 * About how many bytes a JSON value takes; never walks further than `limit`, so that asking costs no more than the
 * answer is worth.
 */
export function jsonWeight(value: Json, limit: number): number {
  if (typeof value === 'string') return value.length + 2
  if (value === null || typeof value !== 'object') return 8
  let weight = 2
  for (const [key, member] of Object.entries(value)) {
    weight += key.length + 3 + jsonWeight(member, limit - weight)
    if (weight > limit) break
  }
  return weight
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function jsonEquals(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (left === null || right === null || typeof left !== 'object' || typeof right !== 'object') return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const leftKeys = Object.keys(left)
  if (leftKeys.length !== Object.keys(right).length) return false
  return leftKeys.every(
    (key) => Object.hasOwn(right, key) && jsonEquals(Reflect.get(left, key), Reflect.get(right, key)),
  )
}

/** Whether the value is a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
