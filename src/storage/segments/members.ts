import type { Pool } from 'pg'
import { inTransaction, isStatementTimeout, prepared } from '../db.ts'
import type { Queryable } from '../db.ts'
import type { Condition } from '../../model/segment.ts'
import { compileSegment, compileSegments } from './compile.ts'
import type { SegmentScope } from './statement.ts'

/** A part of a segment's members, by their ids. */
export interface MemberQuery {
  scope: SegmentScope
  /** The last one before; 0 for the first part. */
  afterId: number
  limit: number
}

/** Members in the order of their ids: computed anew for every part. */
export async function findMembers(
  db: Queryable,
  definition: Condition,
  { scope, afterId, limit }: MemberQuery,
): Promise<number[]> {
  const { text, values } = compileSegment(definition, scope)
  const place = values.length
  const { rows } = await db.query<{ profile_id: number }>(
    `select s.profile_id from (${text}) s where s.profile_id > $${place + 1}::bigint
      order by s.profile_id limit $${place + 2}::integer`,
    [...values, afterId, limit],
  )
  return rows.map((row) => row.profile_id)
}

/** Those of some profiles who belong to a segment, in no order. */
export async function findMembersAmong(
  db: Queryable,
  definition: Condition,
  scope: SegmentScope & { profileIds: readonly number[] },
): Promise<number[]> {
  if (scope.profileIds.length === 0) return []
  const { text, values } = compileSegment(definition, scope)
  const { rows } = await db.query<{ profile_id: number }>(text, values)
  return rows.map((row) => row.profile_id)
}

/** Of each of several segments those of some profiles who belong to it. */
export async function findMembersOfEach(
  db: Queryable,
  definitions: readonly Condition[],
  scope: SegmentScope & { profileIds: readonly number[] },
): Promise<Set<number>[]> {
  const found = definitions.map(() => new Set<number>())
  const { text, values } = compileSegments(definitions, scope)
  const { rows } = await db.query<{ profile_id: number; belongs: boolean[] }>(text, values)
  for (const { profile_id: profileId, belongs } of rows)
    for (const [index, members] of found.entries()) if (belongs[index]) members.add(profileId)
  return found
}

/** How many belong to a segment, and some who do. */
export interface MemberCount {
  count: number
  /** The newest profiles first. */
  sample: number[]
}

/** Counts members. @returns undefined when that takes longer than `timeoutMs` */
export async function countMembers(
  pool: Pool,
  definition: Condition,
  scope: SegmentScope,
  { timeoutMs, sampleSize }: { timeoutMs: number; sampleSize: number },
): Promise<MemberCount | undefined> {
  try {
    return await inTransaction(pool, async (tx) => {
      await tx.query("select set_config('statement_timeout', $1, true)", [String(timeoutMs)])
      return count(tx, definition, scope, sampleSize)
    })
  } catch (error) {
    if (isStatementTimeout(error)) return undefined
    throw error
  }
}

async function count(
  db: Queryable,
  definition: Condition,
  scope: SegmentScope,
  sampleSize: number,
): Promise<MemberCount> {
  const { text, values } = compileSegment(definition, scope)
  const { rows } = await db.query<MemberCount>(
    `with found as materialized (${text})
     select (select count(*) from found) as count,
            array(select profile_id from found order by profile_id desc limit $${values.length + 1}::integer) as sample`,
    [...values, sampleSize],
  )
  const [row] = rows
  return { count: row?.count ?? 0, sample: (row?.sample ?? []).map(Number) }
}

/** How many profiles are looked at for an estimate, and in how many places of the range of ids. */
const ESTIMATE = { places: 40, profilesOfPlace: 50 } as const

// Primary key of profile: its ends, and from evenly spaced places between them a few profiles each.
const findSpread = prepared<{ profile_id: number }>(
  'profile-spread',
  `select distinct found.profile_id
     from (select min(profile_id) as first, max(profile_id) as last from profile where workspace_id = $1) ends
    cross join generate_series(0, $2::integer - 1) as place(number)
    cross join lateral (
      select p.profile_id from profile p
       where p.workspace_id = $1
         and p.profile_id >= ends.first + (ends.last - ends.first) * place.number / $2::integer
       order by p.profile_id limit $3::integer) found`,
)

/** The share of all profiles that belong to a segment, as some of them show, and members among those. */
export async function estimateMembers(
  db: Queryable,
  definition: Condition,
  scope: SegmentScope,
  sampleSize: number,
): Promise<{ share: number; sample: number[] }> {
  const spread = await findSpread(db, [scope.workspaceId, ESTIMATE.places, ESTIMATE.profilesOfPlace])
  const profileIds = spread.map((row) => row.profile_id)
  const among = await count(db, definition, { ...scope, profileIds }, sampleSize)
  return { share: among.count / Math.max(1, profileIds.length), sample: among.sample }
}
