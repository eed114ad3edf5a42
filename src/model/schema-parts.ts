import { Type } from 'typebox'
import type { FormatName } from './formats.ts'

// Pieces that the schema and the vendors' blocks are made of. A key with a default may be left out of the file;
// whoever reads the checked file always finds it.

/** An object in which every other key is an error. */
export const CLOSED = { additionalProperties: false } as const

/** A text of a named format. */
export function text(format: FormatName, description: string) {
  return Type.String({ format, description })
}

/** A whole number. */
export function integer(range: { minimum: number; maximum: number; default: number }, description: string) {
  return Type.Integer({ ...range, description })
}

/** The number of something that is stored. JSON Schema takes 1e135 for a whole number; no id is one. */
export function idNumber(options: { minimum?: number; description?: string } = {}) {
  return Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, ...options })
}

/** A list of texts of one format. Without `minItems` it may be left out, which is an empty list. */
export function texts(format: FormatName, description: string, limits: { minItems?: number } = {}) {
  const options = limits.minItems === undefined ? { default: [] } : limits
  return Type.Array(Type.String({ format }), { ...options, description })
}

/** Requests in a window of time; no vendor's own figure comes near the maximum. */
export function rateLimit(requests: number, description: string) {
  return integer(
    { minimum: 0, maximum: 1_000_000, default: requests },
    `${description} 0 turns the limit off.`,
  )
}
