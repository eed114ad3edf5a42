import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { prepared } from '../db.ts'
import type { Queryable, Transaction } from '../db.ts'
import type { SegmentKey } from './definitions.ts'
import type { GenerationKey } from './generations.ts'

interface DueRow {
  workspace_id: number
  segment_id: string
  generation: number
  profile_ids: number[]
}

// Index segment_expiry_due.
const findDue = prepared<DueRow>(
  'segment-expiry-due',
  `select workspace_id, segment_id, generation, array_agg(profile_id)::float8[] as profile_ids
     from (select * from segment_expiry where at <= $1::timestamptz order by at limit $2) due
    group by 1, 2, 3`,
)

/** Who may begin or stop to belong to what by now; whoever waited longest comes first. */
export async function findDueExpiries(
  db: Queryable,
  at: Instant,
  limit: number,
): Promise<(GenerationKey & { profileIds: number[] })[]> {
  return (await findDue(db, [toRfc3339(at), limit])).map((row) => ({
    workspaceId: row.workspace_id,
    segmentId: row.segment_id,
    generation: row.generation,
    profileIds: row.profile_ids,
  }))
}

// Index segment_expiry_due; the follower's place and ingest_batch_xid.
const findOldest = prepared<{ unseen: Date | null; due: Date | null }>(
  'segment-oldest-work',
  `select (select b.at from ingest_batch b
            where b.xid >= coalesce((select position from follower where name = $1), '0')
            order by b.xid, b.number limit 1) as unseen,
          (select at from segment_expiry where at <= $2::timestamptz order by at limit 1) as due`,
)

/** The instant as of which members that follow every write are known, seen from `at`: before what nobody looked at yet. */
export async function findCurrency(db: Queryable, follower: string, at: Instant): Promise<Instant> {
  const [row] = await findOldest(db, [follower, toRfc3339(at)])
  return Math.min(at, row?.unseen?.getTime() ?? at, row?.due?.getTime() ?? at)
}

const deleteSomeOf = (table: 'segment_member' | 'segment_expiry') =>
  prepared<{ deleted: number }>(
    `${table}-forget`,
    `with doomed as (
     select t.workspace_id, t.profile_id, t.segment_id, t.generation
       from segment_generation g
       join ${table} t on t.workspace_id = g.workspace_id and t.segment_id = g.segment_id and t.generation = g.generation
      where g.state = 'dropped' limit $1),
   gone as (
     delete from ${table} t using doomed d
      where t.workspace_id = d.workspace_id and t.profile_id = d.profile_id and t.segment_id = d.segment_id
        and t.generation = d.generation returning 1)
   select count(*) as deleted from gone`,
  )

const deleteSomeMembers = deleteSomeOf('segment_member')

const deleteSomeExpiries = deleteSomeOf('segment_expiry')

const deleteDropped = prepared(
  'segment-generations-forget',
  `delete from segment_generation g
    where g.state = 'dropped'
      and not exists (select from segment_member m
                       where m.workspace_id = g.workspace_id and m.segment_id = g.segment_id and m.generation = g.generation)
      and not exists (select from segment_expiry e
                       where e.workspace_id = g.workspace_id and e.segment_id = g.segment_id and e.generation = g.generation)`,
)

/** Deletes some of what dropped generations left. @returns whether there may be more */
export async function forgetDropped(tx: Transaction, limit: number): Promise<boolean> {
  const [members] = await deleteSomeMembers(tx, [limit])
  const [expiries] = await deleteSomeExpiries(tx, [limit])
  if ((members?.deleted ?? 0) === limit || (expiries?.deleted ?? 0) === limit) return true
  await deleteDropped(tx, [])
  return false
}

/** A member, and since when. */
export interface Member {
  profileId: number
  since: Instant
}

// Index segment_member_list, and the primary key of profile: whoever is merged away or deleted belongs to nothing any more.
const listPage = prepared<{ profile_id: number; since: Date }>(
  'segment-members-list',
  `select m.profile_id, m.since from segment_member m
     join profile p on p.workspace_id = m.workspace_id and p.profile_id = m.profile_id
    where m.workspace_id = $1 and m.segment_id = $2 and m.generation = $3 and m.profile_id > $4
    order by m.profile_id limit $5`,
)

/** Members of a generation, by their ids. */
export async function findKeptMembers(
  db: Queryable,
  { workspaceId, segmentId, generation }: GenerationKey,
  { afterId, limit }: { afterId: number; limit: number },
): Promise<Member[]> {
  const rows = await listPage(db, [workspaceId, segmentId, generation, afterId, limit])
  return rows.map((row) => ({ profileId: row.profile_id, since: row.since.getTime() }))
}

// Primary key, by its first two columns.
const findOfProfile = prepared<{ segment_id: string; generation: number; since: Date }>(
  'segment-members-of-profile',
  'select segment_id, generation, since from segment_member where workspace_id = $1 and profile_id = $2',
)

/** To which generations a profile belongs. */
export async function findMemberships(
  db: Queryable,
  workspaceId: number,
  profileId: number,
): Promise<{ segmentId: string; generation: number; since: Instant }[]> {
  return (await findOfProfile(db, [workspaceId, profileId])).map((row) => ({
    segmentId: row.segment_id,
    generation: row.generation,
    since: row.since.getTime(),
  }))
}

/** The size of a segment at an instant. */
export interface SegmentSize {
  at: Instant
  members: number
}

// Primary key.
const findSizes = prepared<{ at: Date; members: number }>(
  'segment-size-list',
  `select at, members from segment_size
    where workspace_id = $1 and segment_id = $2 and at >= $3 and at < $4
    order by hour desc limit $5`,
)

/** Sizes of a segment from `from` (inclusive) to `to` (exclusive), newest first. */
export async function findSegmentSizes(
  db: Queryable,
  { workspaceId, segmentId }: SegmentKey,
  { from, to, limit }: { from: Instant; to: Instant; limit: number },
): Promise<SegmentSize[]> {
  const rows = await findSizes(db, [workspaceId, segmentId, toRfc3339(from), toRfc3339(to), limit])
  return rows.map((row) => ({ at: row.at.getTime(), members: row.members }))
}
