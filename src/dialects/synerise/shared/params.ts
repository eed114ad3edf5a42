import { escapePointer } from '../../../lib/json.ts'
import type { Json } from '../../../lib/json.ts'
import type { Notice } from '../../../model/command.ts'
import { withOffsets } from './time.ts'

/** Parameters that the server sets. @source reference 0.12 */
const RESERVED = new Set(['modifiedBy', 'apiKey', 'eventUUID', 'ip', 'time', 'businessProfileId'])

/** What the mapping of free-form members needs. */
export interface ParamsContext {
  /** JSON pointer of the object that holds them. */
  pointer: string
  /** The zone of local times. */
  timezone: string
  notices: Notice[]
}

/** The parameters without the reserved ones, which are ignored and noted, and with the offset of every local time. */
export function mapParams(
  params: Readonly<Record<string, unknown>>,
  { pointer, timezone, notices }: ParamsContext,
): Record<string, Json> {
  const kept = Object.entries(params as Record<string, Json>).filter(([name]) => {
    if (!RESERVED.has(name)) return true
    notices.push({ reason: 'attribute_name_reserved', pointer: `${pointer}/${escapePointer(name)}` })
    return false
  })
  return withOffsets(Object.fromEntries(kept), timezone)
}
