import { escapePointer } from '../../../lib/json.ts'
import type { Json } from '../../../lib/json.ts'
import type { Notice } from '../../../model/command.ts'

/** Parameters that the server sets. @source reference 0.12 */
const RESERVED = new Set(['modifiedBy', 'apiKey', 'eventUUID', 'ip', 'time', 'businessProfileId'])

/** The parameters without the reserved ones, which are ignored and noted. */
export function mapParams(
  params: Readonly<Record<string, unknown>>,
  pointer: string,
  notices: Notice[],
): Record<string, Json> {
  const kept = Object.entries(params as Record<string, Json>).filter(([name]) => {
    if (!RESERVED.has(name)) return true
    notices.push({ reason: 'attribute_name_reserved', pointer: `${pointer}/${escapePointer(name)}` })
    return false
  })
  return Object.fromEntries(kept)
}
