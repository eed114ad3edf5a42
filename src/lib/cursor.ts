/**
 * Opaque cursors of lists. They hold the sort key of the last item that was given, so that a page stays right
 * when rows are inserted before it.
 */

/** A cursor from the parts of a sort key. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url')
}

/** The parts of a cursor; undefined when the text is none of ours. */
export function decodeCursor(text: string): readonly (string | number)[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    if (!Array.isArray(parts)) return undefined
    const isPart = (part: unknown): boolean => typeof part === 'string' || typeof part === 'number'
    return parts.every(isPart) ? (parts as (string | number)[]) : undefined
  } catch {
    return undefined
  }
}
