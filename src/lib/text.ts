/** Whether PostgreSQL can store the text: no NUL and no half of a surrogate pair. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** What such a text matches, for schemas of bodies and queries; with the `u` flag, as JSON Schema asks. */
export const STORABLE_PATTERN = String.raw`^[^\u0000\p{Cs}]*$`

/** The text with U+FFFD for whatever PostgreSQL cannot store. */
export function toStorableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}

/** Whether the text has at most `limit` Unicode code points; a surrogate pair counts once. */
export function fitsCodePoints(text: string, limit: number): boolean {
  if (text.length <= limit) return true
  if (text.length > limit * 2) return false
  let count = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0xdc00 || code > 0xdfff) count++
  }
  return count <= limit
}
