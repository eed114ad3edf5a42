import { isUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import type { Condition } from '../../model/segment.ts'
import type { Queryable } from '../../storage/db.ts'
import { findSegment } from '../../storage/segments/definitions.ts'
import type { SegmentKey } from '../../storage/segments/definitions.ts'
import { findLocalDefinition } from '../../storage/segments/local.ts'
import { resolveDefinition } from './resolve-definition.ts'

/** Which segments are meant: those that a workspace keeps under a name, those of one occasion, or either. */
export type WhichSegments = 'named' | 'local' | 'any'

/**
 * What a segment says, with what its ids stand for.
 * @throws CDP_SEGMENT_NOT_FOUND there is none of these, or its time is over
 */
export async function definitionOf(db: Queryable, key: SegmentKey, which: WhichSegments): Promise<Condition> {
  if (!isUuid(key.segmentId)) throw new CdpError('CDP_SEGMENT_NOT_FOUND')
  const named = which === 'local' ? undefined : await findSegment(db, key)
  if (named) return resolveDefinition(db, key.workspaceId, named.definition)
  const local = which === 'named' ? undefined : await findLocalDefinition(db, key, now())
  if (!local) throw new CdpError('CDP_SEGMENT_NOT_FOUND')
  return local
}
