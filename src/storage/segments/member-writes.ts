import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { asRows, prepared } from '../db.ts'
import type { Transaction } from '../db.ts'
import type { GenerationKey } from './generations.ts'

/** Profiles that were looked at for a generation. */
interface Looked extends GenerationKey {
  profileIds: readonly number[]
}

/** What was found of some profiles. */
export interface Evaluation extends Looked {
  /** Those of them who belong to it. */
  memberIds: ReadonlySet<number>
  /** Of some of them, when they may begin or stop to belong to it without a write. */
  wakes: ReadonlyMap<number, Instant>
}

/** By how much a generation grew or shrank. */
export type Change = GenerationKey & { change: number }

// What is read and written here is found by key, row by row: a plan that was made while a table was empty, and is kept, would
// read all of it once it has grown. It lasts until the transaction ends.
const planByKey = prepared(
  'segment-plan-by-key',
  `select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_hashjoin', 'off', true),
          set_config('enable_mergejoin', 'off', true)`,
)

interface HeldMember {
  s: string
  g: number
  p: number
}

// Primary key, by its first two columns: `offset 0` keeps the planner from reading the table first, whatever it takes its size for.
const findMembersOf = prepared<HeldMember>(
  'segment-members-held',
  `select m.segment_id as s, m.generation as g, m.profile_id as p
     from unnest($2::bigint[]) as ids(id)
    cross join lateral (
      select * from segment_member where workspace_id = $1 and profile_id = ids.id offset 0) m`,
)

// Likewise.
const findExpiriesOf = prepared<HeldMember & { at: Date }>(
  'segment-expiries-held',
  `select e.segment_id as s, e.generation as g, e.profile_id as p, e.at
     from unnest($2::bigint[]) as ids(id)
    cross join lateral (
      select * from segment_expiry where workspace_id = $1 and profile_id = ids.id offset 0) e`,
)

const LISTED = 'select * from unnest($1::integer[], $2::uuid[], $3::integer[], $4::bigint[])'

const insertMembers = prepared<HeldMember>(
  'segment-members-insert',
  `insert into segment_member (workspace_id, segment_id, generation, profile_id, since)
   select w, s, g, p, $5 from (${LISTED}) as r(w, s, g, p) on conflict do nothing
   returning segment_id as s, generation as g, profile_id as p`,
)

// Primary key.
const deleteMembers = prepared<HeldMember>(
  'segment-members-delete',
  `delete from segment_member m using (${LISTED}) as r(w, s, g, p)
    where m.workspace_id = r.w and m.profile_id = r.p and m.segment_id = r.s and m.generation = r.g
   returning m.segment_id as s, m.generation as g, m.profile_id as p`,
)

// Primary key.
const deleteExpiries = prepared(
  'segment-expiry-forget',
  `delete from segment_expiry e using (${LISTED}) as r(w, s, g, p)
    where e.workspace_id = r.w and e.profile_id = r.p and e.segment_id = r.s and e.generation = r.g`,
)

const upsertExpiries = prepared(
  'segment-expiry-upsert',
  `insert into segment_expiry (workspace_id, segment_id, generation, profile_id, at)
   select * from unnest($1::integer[], $2::uuid[], $3::integer[], $4::bigint[], $5::timestamptz[])
   on conflict (workspace_id, profile_id, segment_id, generation) do update set at = excluded.at`,
)

/** A profile in a generation. */
interface Place extends GenerationKey {
  profileId: number
}

/**
 * Writes who belongs to which generation, and when that must be looked at again; only what is not so yet. The caller holds the
 * follower, so that nobody writes beside it but who deletes a profile.
 */
export async function saveEvaluations(
  tx: Transaction,
  evaluations: readonly Evaluation[],
  at: Instant,
): Promise<Change[]> {
  if (evaluations.length === 0) return []
  await planByKey(tx, [])
  const changes: Change[] = []
  for (const workspaceId of new Set(evaluations.map((one) => one.workspaceId))) {
    const own = evaluations.filter((one) => one.workspaceId === workspaceId)
    const ids = [...new Set(own.flatMap(({ profileIds }) => profileIds))]
    const { came, went } = membersToWrite(own, await findMembersOf(tx, [workspaceId, ids]))
    const inserted = came.length > 0 ? await insertMembers(tx, [...columnsOf(came), toRfc3339(at)]) : []
    const deleted = went.length > 0 ? await deleteMembers(tx, columnsOf(went)) : []
    // Whoever deletes a profile meanwhile counts what it deleted: here counts what was written, not what was meant to be.
    const change = (rows: readonly HeldMember[], by: 1 | -1): Change[] =>
      rows.map(({ s: segmentId, g: generation }) => ({ workspaceId, segmentId, generation, change: by }))
    changes.push(...change(inserted, 1), ...change(deleted, -1))
    const { set, unset } = wakesToWrite(own, await findExpiriesOf(tx, [workspaceId, ids]))
    const times = set.map((place) => toRfc3339(place.at))
    if (set.length > 0) await upsertExpiries(tx, [...columnsOf(set), times])
    if (unset.length > 0) await deleteExpiries(tx, columnsOf(unset))
  }
  return changes
}

function placesOf({ workspaceId, segmentId, generation, profileIds }: Looked): Place[] {
  return profileIds.map((profileId) => ({ workspaceId, segmentId, generation, profileId }))
}

function nameOf(segmentId: string, generation: number, profileId: number): string {
  return `${segmentId}/${generation}/${profileId}`
}

function membersToWrite(
  evaluations: readonly Evaluation[],
  held: readonly HeldMember[],
): { came: Place[]; went: Place[] } {
  const names = new Set(held.map(({ s, g, p }) => nameOf(s, g, p)))
  const [came, went]: [Place[], Place[]] = [[], []]
  for (const evaluation of evaluations)
    for (const place of placesOf(evaluation)) {
      const belongs = evaluation.memberIds.has(place.profileId)
      const isHeld = names.has(nameOf(place.segmentId, place.generation, place.profileId))
      if (belongs && !isHeld) came.push(place)
      if (!belongs && isHeld) went.push(place)
    }
  return { came: came.toSorted((a, b) => a.profileId - b.profileId), went }
}

function wakesToWrite(
  evaluations: readonly Evaluation[],
  held: readonly (HeldMember & { at: Date })[],
): { set: (Place & { at: Instant })[]; unset: Place[] } {
  const times = new Map(held.map(({ s, g, p, at }) => [nameOf(s, g, p), at.getTime()]))
  const set: (Place & { at: Instant })[] = []
  const unset: Place[] = []
  for (const evaluation of evaluations)
    for (const place of placesOf(evaluation)) {
      const wanted = evaluation.wakes.get(place.profileId)
      const known = times.get(nameOf(place.segmentId, place.generation, place.profileId))
      if (wanted !== undefined && wanted !== known) set.push({ ...place, at: wanted })
      if (wanted === undefined && known !== undefined) unset.push(place)
    }
  return { set, unset }
}

/** Forgets that profiles may begin or stop to belong to generations that nobody keeps up to date. */
export async function forgetExpiries(tx: Transaction, due: readonly Looked[]): Promise<void> {
  if (due.length === 0) return
  await planByKey(tx, [])
  const places = due.flatMap(({ profileIds, ...key }) =>
    profileIds.map((profileId) => ({ ...key, profileId })),
  )
  await deleteExpiries(tx, columnsOf(places))
}

function columnsOf(places: readonly Place[]): unknown[][] {
  return [
    places.map(({ workspaceId }) => workspaceId),
    places.map(({ segmentId }) => segmentId),
    places.map(({ generation }) => generation),
    places.map(({ profileId }) => profileId),
  ]
}

const raiseCounts = prepared(
  'segment-members-count',
  `update segment_generation t set members = t.members + r.c
     from json_to_recordset($1::json) as r(w integer, s uuid, g integer, c integer)
    where t.workspace_id = r.w and t.segment_id = r.s and t.generation = r.g`,
)

// Only of the generation that is served: it is whole, and no newer one is.
const noteSizes = prepared(
  'segment-size-note',
  `insert into segment_size (workspace_id, segment_id, hour, at, members)
   select t.workspace_id, t.segment_id, date_trunc('hour', $2::timestamptz), $2::timestamptz, t.members
     from json_to_recordset($1::json) as r(w integer, s uuid, g integer)
     join segment_generation t on t.workspace_id = r.w and t.segment_id = r.s and t.generation = r.g
    where t.completed_at is not null and t.state in ('ready', 'failed')
   on conflict (workspace_id, segment_id, hour) do update set at = excluded.at, members = excluded.members`,
)

/** Counts members that came and went, and notes the sizes that are served. */
export async function countChanges(tx: Transaction, changes: readonly Change[], at: Instant): Promise<void> {
  if (changes.length === 0) return
  const rows = changes.map(({ workspaceId: w, segmentId: s, generation: g, change: c }) => ({ w, s, g, c }))
  await raiseCounts(tx, [asRows(rows)])
  await noteSizes(tx, [asRows(rows), toRfc3339(at)])
}
