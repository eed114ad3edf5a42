import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Queryable } from '../../storage/db.ts'
import type { SegmentRow } from '../../storage/segments/definitions.ts'
import { findGenerations } from '../../storage/segments/generations.ts'
import type { GenerationState } from '../../storage/segments/generations.ts'
import { findCurrency } from '../../storage/segments/kept-members.ts'
import { SEGMENT_FOLLOWER } from './follow.ts'

/** How it stands with the members of a segment. */
export interface SegmentStatus {
  /** `building`: nothing is served yet, or of the definition before. `failed`: nobody tries any more. */
  state: 'building' | 'ready' | 'failed'
  /** Undefined while nothing is served yet. */
  size: number | undefined
  /** The instant as of which the size and the members are right: whatever was written before it counts. */
  computedAt: Instant | undefined
  /** Of a look at all profiles that is under way. */
  progress: { done: number; total: number } | undefined
  /** Why the last try failed. */
  error: string | undefined
}

/** A segment, and how it stands with its members. */
export type Segment = SegmentRow & SegmentStatus

/** Adds to segments of one workspace how it stands with them. */
export async function withStatus(db: Queryable, rows: readonly SegmentRow[]): Promise<Segment[]> {
  const [first] = rows
  if (!first) return []
  const ids = rows.map(({ segmentId }) => segmentId)
  const generations = await findGenerations(db, first.workspaceId, ids)
  const currency = await findCurrency(db, SEGMENT_FOLLOWER, now())
  return rows.map((row) => {
    const own = generations.filter(({ segmentId }) => segmentId === row.segmentId)
    return { ...row, ...statusOf(own, currency) }
  })
}

function statusOf(generations: readonly GenerationState[], currency: Instant): SegmentStatus {
  const served = servedOf(generations)
  const newest = generations.at(-1)
  const {
    isPassing = true,
    profilesDone: done = 0,
    profilesTotal: total = 0,
    lastError: error,
  } = newest ?? {}
  return {
    state: newest?.state === 'ready' || newest?.state === 'failed' ? newest.state : 'building',
    size: served?.members,
    computedAt: served && (served.frozenAt ?? currency),
    progress: isPassing ? { done, total: Math.max(done, total) } : undefined,
    error,
  }
}

/** The generation that answers come from: the newest that was ever whole. @param generations the oldest first */
export function servedOf(generations: readonly GenerationState[]): GenerationState | undefined {
  return generations.findLast(({ completedAt }) => completedAt !== undefined)
}
