import { sha256Of } from '../../lib/ids.ts'
import type { Instant } from '../../lib/time.ts'

/** Bits of a whole number that a double holds exactly: what JSON can carry to every client. */
const ID_BITS = 53n

/** A tag on a profile, since an instant. */
export interface Assignment {
  workspaceId: number
  profileId: number
  tagId: number
  at: Instant
}

/**
 * The number of an assignment, for who asks for one. It follows from what is stored, so that the write path has no more
 * ids to make and none is used twice: a tag that is taken off and put on again has another time, and so another number.
 */
export function assignmentIdOf({ workspaceId, profileId, tagId, at }: Assignment): number {
  const hash = sha256Of('tag-assignment', ...[workspaceId, profileId, tagId, at].map(String))
  return Number(hash.readBigUInt64BE() >> (64n - ID_BITS))
}
