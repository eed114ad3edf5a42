import { decodeCursor } from '../../lib/cursor.ts'
import { now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { cutPage, foreignCursor } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findSegments } from '../../storage/segments/definitions.ts'
import type { SegmentRow } from '../../storage/segments/definitions.ts'
import { findGenerations } from '../../storage/segments/generations.ts'
import {
  findCurrency,
  findKeptMembers,
  findMemberships,
  findSegmentSizes,
} from '../../storage/segments/kept-members.ts'
import type { Member, SegmentSize } from '../../storage/segments/kept-members.ts'
import { findMembers, findMembersAmong } from '../../storage/segments/members.ts'
import { SEGMENT_FOLLOWER } from './follow.ts'
import { resolveDefinition } from './resolve-definition.ts'
import { servedOf } from './status.ts'

/** A member. `since` is undefined while the segment is computed for every answer, because it was never whole yet. */
export interface ShownMember {
  profileId: number
  since: Instant | undefined
}

/** A page of members in the order of their ids, and as of when. */
export interface MemberPage extends Page<ShownMember> {
  computedAt: Instant
}

/** Segments that a profile belongs to, and as of when. */
export interface Memberships {
  segments: (Pick<SegmentRow, 'segmentId' | 'name'> & { since: Instant | undefined })[]
  computedAt: Instant
}

/** A page of a list. */
export interface PageRequest {
  cursor: string | undefined
  limit: number
}

/** Members of a segment. @throws CDP_QUERY_INVALID the cursor is none of this list's */
export async function listMembers(
  db: Database,
  workspace: Workspace,
  segment: SegmentRow,
  { cursor, limit }: PageRequest,
): Promise<MemberPage> {
  const page = { afterId: readNumber(cursor) ?? 0, limit: limit + 1 }
  return guarded(async () => {
    const at = now()
    const served = servedOf(await findGenerations(db.general, workspace.id, [segment.segmentId]))
    const computedAt =
      served?.frozenAt ?? (served ? await findCurrency(db.general, SEGMENT_FOLLOWER, at) : at)
    const found: (Member | ShownMember)[] = served
      ? await findKeptMembers(db.general, served, page)
      : await computeMembers(db, workspace, segment, { ...page, at })
    return { ...cutPage(found, limit, ({ profileId }) => [profileId]), computedAt }
  })
}

async function computeMembers(
  db: Database,
  { id: workspaceId, settings: { timezone } }: Workspace,
  { definition }: SegmentRow,
  { afterId, limit, at }: { afterId: number; limit: number; at: Instant },
): Promise<ShownMember[]> {
  const scope = { workspaceId, timezone, now: at }
  const resolved = await resolveDefinition(db.general, workspaceId, definition)
  const ids = await findMembers(db.analysis, resolved, { scope, afterId, limit })
  return ids.map((profileId) => ({ profileId, since: undefined }))
}

/** Most segments of a workspace that are asked about one profile. */
const SEGMENTS_MAX = 1_000

/** The segments that a living profile belongs to, the newest first. */
export async function listMemberships(
  db: Database,
  { id: workspaceId, settings: { timezone } }: Workspace,
  profileId: number,
): Promise<Memberships> {
  return guarded(async () => {
    const at = now()
    const rows = await findSegments(db.general, workspaceId, { after: undefined, limit: SEGMENTS_MAX })
    const ids = rows.map(({ segmentId }) => segmentId)
    const generations = await findGenerations(db.general, workspaceId, ids)
    const kept = await findMemberships(db.general, workspaceId, profileId)
    let computedAt = await findCurrency(db.general, SEGMENT_FOLLOWER, at)
    const segments: Memberships['segments'] = []
    for (const { segmentId, name, definition } of rows) {
      const served = servedOf(generations.filter((generation) => generation.segmentId === segmentId))
      if (served?.frozenAt !== undefined) computedAt = Math.min(computedAt, served.frozenAt)
      const member = kept.find((one) => one.segmentId === segmentId && one.generation === served?.generation)
      if (member) segments.push({ segmentId, name, since: member.since })
      if (served) continue
      const scope = { workspaceId, timezone, now: at, profileIds: [profileId] }
      const resolved = await resolveDefinition(db.general, workspaceId, definition)
      const found = await findMembersAmong(db.general, resolved, scope)
      if (found.length > 0) segments.push({ segmentId, name, since: undefined })
    }
    return { segments, computedAt }
  })
}

/** Sizes of a segment, newest first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
export async function listSizes(
  db: Database,
  segment: SegmentRow,
  { from, to, cursor, limit }: PageRequest & { from: Instant; to: Instant },
): Promise<Page<SegmentSize>> {
  const before = Math.min(to, readNumber(cursor) ?? to)
  const sizes = await guarded(() =>
    findSegmentSizes(db.general, segment, { from, to: before, limit: limit + 1 }),
  )
  return cutPage(sizes, limit, ({ at }) => [at])
}

/** By how many milliseconds members are behind what was written, over all workspaces. */
export async function readLag(db: Database): Promise<number> {
  const at = now()
  return at - (await findCurrency(db.background, SEGMENT_FOLLOWER, at))
}

function readNumber(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined
  const parts = decodeCursor(cursor) ?? []
  const [number] = parts
  if (parts.length !== 1 || !Number.isSafeInteger(number)) throw foreignCursor()
  return Number(number)
}
