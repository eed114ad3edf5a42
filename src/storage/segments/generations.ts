import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { Condition } from '../../model/segment.ts'
import { asRows, prepared } from '../db.ts'
import type { Queryable } from '../db.ts'
import type { SegmentKey } from './definitions.ts'

/** Which generation of which segment. */
export interface GenerationKey extends SegmentKey {
  generation: number
}

/** Names a generation among all workspaces. */
export function generationName({ workspaceId, segmentId, generation }: GenerationKey): string {
  return `${workspaceId}|${segmentId}|${generation}`
}

/** A generation whose members are kept up to date. */
export interface KeptGeneration extends GenerationKey {
  definition: Condition
  /** The zone in which the definition is read. */
  timezone: string
}

/** What is told of a generation. */
export interface GenerationState extends GenerationKey {
  state: 'building' | 'ready' | 'failed' | 'replaced'
  members: number
  /** Whether a pass over all profiles is under way, or waits. */
  isPassing: boolean
  profilesDone: number
  profilesTotal: number
  /** Of the last try that failed. */
  lastError: string | undefined
  /** The end of the last pass over all profiles; undefined while there was none. */
  completedAt: Instant | undefined
  /** Members are as of this instant; undefined while they follow every write. */
  frozenAt: Instant | undefined
}

interface StoredGeneration {
  workspace_id: number
  segment_id: string
  generation: number
  state: GenerationState['state']
  members: number
  done_until: number | null
  profiles_done: number
  profiles_total: number
  last_error: string | null
  completed_at: Date | null
  frozen_at: Date | null
}

const replaceOlder = prepared<{ generation: number }>(
  'segment-generation-replace',
  `update segment_generation
      set state = case when completed_at is null then 'dropped' else 'replaced' end, done_until = null,
          frozen_at = coalesce(frozen_at, $3)
    where workspace_id = $1 and segment_id = $2 and state in ('building', 'ready', 'failed')
   returning generation`,
)

// The rows of a segment are few: those that are to be deleted go soon.
const insertNext = prepared(
  'segment-generation-insert',
  `insert into segment_generation
     (workspace_id, segment_id, generation, definition, timezone, state, members, done_until, profiles_done,
      profiles_total, attempts, next_attempt_at, created_at)
   select $1, $2, coalesce(max(generation), 0) + 1, $4, $5, 'building', 0, 0, 0, 0, 0, $3::timestamptz, $3::timestamptz
     from segment_generation where workspace_id = $1 and segment_id = $2`,
)

/** Begins a generation of a segment: it is built by passes, and served once it is whole. */
export async function beginGeneration(
  db: Queryable,
  { workspaceId, segmentId }: SegmentKey,
  { definition, timezone, at }: { definition: Condition; timezone: string; at: Instant },
): Promise<void> {
  await replaceOlder(db, [workspaceId, segmentId, toRfc3339(at)])
  await insertNext(db, [workspaceId, segmentId, toRfc3339(at), JSON.stringify(definition), timezone])
}

const dropAll = prepared(
  'segment-generation-drop',
  `update segment_generation set state = 'dropped', done_until = null where workspace_id = $1 and segment_id = $2`,
)

// Primary key.
const deleteSizes = prepared(
  'segment-size-delete',
  'delete from segment_size where workspace_id = $1 and segment_id = $2',
)

/** Ends every generation of a segment that goes; their members are deleted later. */
export async function dropGenerations(db: Queryable, { workspaceId, segmentId }: SegmentKey): Promise<void> {
  await dropAll(db, [workspaceId, segmentId])
  await deleteSizes(db, [workspaceId, segmentId])
}

// Primary key.
const findStates = prepared<StoredGeneration>(
  'segment-generation-states',
  `select g.workspace_id, g.segment_id, g.generation, g.state, g.members, g.done_until, g.profiles_done,
          g.profiles_total, g.last_error, g.completed_at, g.frozen_at
     from segment_generation g
    where g.workspace_id = $1 and g.segment_id = any($2::uuid[]) and g.state <> 'dropped'
    order by g.segment_id, g.generation`,
)

/** The generations of some segments of a workspace, the oldest of each first. */
export async function findGenerations(
  db: Queryable,
  workspaceId: number,
  segmentIds: readonly string[],
): Promise<GenerationState[]> {
  if (segmentIds.length === 0) return []
  return (await findStates(db, [workspaceId, segmentIds])).map(stateFrom)
}

function stateFrom(row: StoredGeneration): GenerationState {
  return {
    workspaceId: row.workspace_id,
    segmentId: row.segment_id,
    generation: row.generation,
    state: row.state,
    members: row.members,
    isPassing: row.done_until !== null,
    profilesDone: row.profiles_done,
    profilesTotal: row.profiles_total,
    lastError: row.last_error ?? undefined,
    completedAt: row.completed_at?.getTime(),
    frozenAt: row.frozen_at?.getTime(),
  }
}

interface StoredKept {
  workspace_id: number
  segment_id: string
  generation: number
  definition: Condition
  timezone: string
}

function keptFrom(row: StoredKept): KeptGeneration {
  return {
    workspaceId: row.workspace_id,
    segmentId: row.segment_id,
    generation: row.generation,
    definition: row.definition,
    timezone: row.timezone,
  }
}

const KEPT = 'workspace_id, segment_id, generation, definition, timezone'

// A pass that waits after a failure looks at everybody again, so nobody needs to be kept up to date before it begins.
const IS_KEPT =
  "state in ('building', 'ready') and (done_until is null or done_until > 0 or next_attempt_at <= $1::timestamptz)"

// Primary key, by its first column.
const findKept = prepared<StoredKept>(
  'segment-generation-kept',
  `select ${KEPT} from segment_generation where workspace_id = any($2::integer[]) and ${IS_KEPT}`,
)

/** The generations that must follow writes, of some workspaces. */
export async function findKeptGenerations(
  db: Queryable,
  workspaceIds: readonly number[],
  at: Instant,
): Promise<KeptGeneration[]> {
  return (await findKept(db, [toRfc3339(at), workspaceIds])).map(keptFrom)
}

const countKept = prepared<{ any: boolean }>(
  'segment-generation-any',
  `select exists (select from segment_generation where state in ('building', 'ready')) as any`,
)

/** Whether there is any generation to keep. */
export async function hasGenerations(db: Queryable): Promise<boolean> {
  const [row] = await countKept(db, [])
  return row?.any === true
}

// Primary key.
const findByKeys = prepared<StoredKept>(
  'segment-generation-find',
  `select ${KEPT} from segment_generation
    where (workspace_id, segment_id, generation) in (
      select w, s, g from json_to_recordset($2::json) as k(w integer, s uuid, g integer)) and ${IS_KEPT}`,
)

/** Those of these generations that must be kept up to date. */
export async function findGenerationsByKey(
  db: Queryable,
  keys: readonly GenerationKey[],
  at: Instant,
): Promise<KeptGeneration[]> {
  const rows = keys.map(({ workspaceId: w, segmentId: s, generation: g }) => ({ w, s, g }))
  return (await findByKeys(db, [toRfc3339(at), asRows(rows)])).map(keptFrom)
}
