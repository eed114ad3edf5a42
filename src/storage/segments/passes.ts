import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Condition } from '../../model/segment.ts'
import { prepared } from '../db.ts'
import type { Queryable } from '../db.ts'
import type { SegmentKey } from './definitions.ts'
import type { GenerationKey, KeptGeneration } from './generations.ts'

/** A pass over all profiles of a workspace that is due. */
export interface Pass extends KeptGeneration {
  /** The last profile that it looked at. */
  doneUntil: number
}

interface StoredPass {
  workspace_id: number
  segment_id: string
  generation: number
  definition: Condition
  timezone: string
  done_until: number
}

// Index segment_generation_due. Whoever waited longest is next, so that several passes go on side by side.
const findDue = prepared<StoredPass>(
  'segment-pass-due',
  `select workspace_id, segment_id, generation, definition, timezone, done_until
     from segment_generation
    where done_until is not null and next_attempt_at <= $1::timestamptz and state in ('building', 'ready')
    order by next_attempt_at limit 1`,
)

/** The pass that waited longest. */
export async function findDuePass(db: Queryable, at: Instant): Promise<Pass | undefined> {
  const [row] = await findDue(db, [toRfc3339(at)])
  return (
    row && {
      workspaceId: row.workspace_id,
      segmentId: row.segment_id,
      generation: row.generation,
      definition: row.definition,
      timezone: row.timezone,
      doneUntil: row.done_until,
    }
  )
}

// Primary key of profile.
const findNext = prepared<{ profile_id: number }>(
  'segment-pass-profiles',
  'select profile_id from profile where workspace_id = $1 and profile_id > $2 order by profile_id limit $3',
)

/** The next profiles of a pass, by their ids. */
export async function findPassProfiles(
  db: Queryable,
  { workspaceId, doneUntil }: Pass,
  limit: number,
): Promise<number[]> {
  return (await findNext(db, [workspaceId, doneUntil, limit])).map((row) => row.profile_id)
}

const KEY = 'workspace_id = $1 and segment_id = $2 and generation = $3'

const keyOf = ({ workspaceId, segmentId, generation }: GenerationKey): unknown[] => [
  workspaceId,
  segmentId,
  generation,
]

// The first step of a pass asks how many profiles there are, so that progress has a goal.
const advanceOne = prepared(
  'segment-pass-advance',
  `update segment_generation
      set done_until = $4, profiles_done = profiles_done + $5, next_attempt_at = $6,
          profiles_total = case when profiles_done = 0
            then coalesce((select value from counter where workspace_id = $1 and dialect = '' and name = 'profiles'), 0)
            else profiles_total end
    where ${KEY} and done_until = $7`,
)

/** Notes that a pass went on; it waits behind the other passes. */
export async function advancePass(
  db: Queryable,
  pass: Pass,
  { doneUntil, profiles, at }: { doneUntil: number; profiles: number; at: Instant },
): Promise<void> {
  await advanceOne(db, [...keyOf(pass), doneUntil, profiles, toRfc3339(at), pass.doneUntil])
}

const completeOne = prepared<{ generation: number }>(
  'segment-pass-complete',
  `update segment_generation
      set state = 'ready', done_until = null, profiles_total = profiles_done, attempts = 0, last_error = null,
          completed_at = $4, frozen_at = null
    where ${KEY} and state in ('building', 'ready') and done_until = $5
   returning generation`,
)

const dropReplaced = prepared(
  'segment-pass-drop-replaced',
  `update segment_generation set state = 'dropped'
    where workspace_id = $1 and segment_id = $2 and generation < $3 and state = 'replaced'`,
)

/** Notes that a pass is at its end: its generation is served from now on, and none before it. */
export async function completePass(db: Queryable, pass: Pass, at: Instant): Promise<void> {
  const completed = await completeOne(db, [...keyOf(pass), toRfc3339(at), pass.doneUntil])
  if (completed.length > 0) await dropReplaced(db, keyOf(pass))
}

const failOne = prepared(
  'segment-pass-fail',
  `update segment_generation
      set state = case when attempts + 1 >= $6 then 'failed' else state end,
          done_until = case when attempts + 1 >= $6 then null else 0 end, profiles_done = 0, attempts = attempts + 1,
          next_attempt_at = $4::timestamptz
            + least($8::double precision, $7::double precision * power(2, attempts)) * interval '1 millisecond',
          last_error = $5, frozen_at = coalesce(frozen_at, $4::timestamptz)
    where ${KEY} and state in ('building', 'ready')`,
)

/** How keeping a generation up to date failed. */
export interface KeepFailure {
  at: Instant
  error: string
  /** After so many failures without a whole pass between them it is given up. */
  attemptsMax: number
  /** Before the next try, milliseconds; twice as long each time, and never longer than `pauseMaxMs`. */
  pauseMs: number
  pauseMaxMs: number
}

/** Notes a failure: the members stay as they are until a new pass over all profiles has come to its end. */
export async function failGeneration(
  db: Queryable,
  key: GenerationKey,
  { at, error, attemptsMax, pauseMs, pauseMaxMs }: KeepFailure,
): Promise<void> {
  await failOne(db, [...keyOf(key), toRfc3339(at), error, attemptsMax, pauseMs, pauseMaxMs])
}

const restartOne = prepared<{ generation: number }>(
  'segment-pass-restart',
  `update segment_generation
      set state = case when completed_at is null then 'building' else 'ready' end,
          done_until = 0, profiles_done = 0, attempts = 0, next_attempt_at = $3
    where workspace_id = $1 and segment_id = $2 and state in ('building', 'ready', 'failed')
   returning generation`,
)

/** Asks for a pass over all profiles for the newest generation of a segment, also for one that was given up. */
export async function restartPass(
  db: Queryable,
  { workspaceId, segmentId }: SegmentKey,
  at: Instant,
): Promise<void> {
  await restartOne(db, [workspaceId, segmentId, toRfc3339(at)])
}

const restartOld = prepared(
  'segment-pass-restart-old',
  `update segment_generation set done_until = 0, profiles_done = 0, next_attempt_at = $1::timestamptz
    where state = 'ready' and done_until is null and completed_at < $2::timestamptz`,
)

/** Asks for a pass of every generation whose last one ended before an instant. */
export async function restartOldPasses(db: Queryable, at: Instant, before: Instant): Promise<void> {
  await restartOld(db, [toRfc3339(at), toRfc3339(before)])
}

const findOutdatedOnes = prepared<{
  workspace_id: number
  segment_id: string
  generation: number
  definition: Condition
  timezone: string
}>(
  'segment-generation-outdated',
  `select g.workspace_id, g.segment_id, g.generation, s.definition, w.settings ->> 'timezone' as timezone
     from segment_generation g
     join segment s on s.workspace_id = g.workspace_id and s.segment_id = g.segment_id
     join workspace w on w.workspace_id = g.workspace_id
    where g.state in ('building', 'ready', 'failed') and w.archived_at is null
      and (g.outdated or w.settings ->> 'timezone' <> g.timezone)`,
)

/** Generations that say something else than their segments do by now: with the definition as stored, and the zone to read it in. */
export async function findOutdated(db: Queryable): Promise<KeptGeneration[]> {
  return (await findOutdatedOnes(db, [])).map((row) => ({
    workspaceId: row.workspace_id,
    segmentId: row.segment_id,
    generation: row.generation,
    definition: row.definition,
    timezone: row.timezone,
  }))
}

const outdateMentioning = prepared(
  'segment-generation-outdate',
  `update segment_generation set outdated = true, frozen_at = coalesce(frozen_at, $3)
    where workspace_id = $1 and state in ('building', 'ready', 'failed') and strpos(definition::text, $2::text) > 0`,
)

/** Notes that what an id stands for changed: whatever was made of it is built anew. */
export async function outdateGenerations(
  db: Queryable,
  { workspaceId, computedId }: { workspaceId: number; computedId: string },
  at: Instant,
): Promise<void> {
  await outdateMentioning(db, [workspaceId, computedId, toRfc3339(at)])
}
