import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** An amount to add to a counter. `dialect` is empty for what belongs to no dialect. */
export interface CounterRow {
  workspaceId: number
  dialect: string
  name: string
  value: number
}

const addAll = prepared(
  'counter-add',
  `insert into counter as c (workspace_id, dialect, name, value)
   select w, d, n, v from json_to_recordset($1::json) as r(w integer, d text, n text, v bigint)
   on conflict (workspace_id, dialect, name) do update set value = c.value + excluded.value`,
)

// Primary key, by its first column.
const findAll = prepared<{ dialect: string; name: string; value: number }>(
  'counter-find',
  'select dialect, name, value from counter where workspace_id = $1',
)

const raiseActivity = prepared(
  'profile-activity-raise',
  `insert into profile_activity as a (workspace_id, profile_id, last_activity_at)
   select w, p, l from json_to_recordset($1::json) as r(w integer, p bigint, l timestamptz)
   on conflict (workspace_id, profile_id) do update set last_activity_at = excluded.last_activity_at
     where a.last_activity_at < excluded.last_activity_at`,
)

/** Adds to counters; one row a key. */
export async function addToCounters(db: Queryable, rows: readonly CounterRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) => ({ w: row.workspaceId, d: row.dialect, n: row.name, v: row.value }))
  await addAll(db, [asRows(values)])
}

/** All counters of a workspace. */
export async function findCounters(
  db: Queryable,
  workspaceId: number,
): Promise<Omit<CounterRow, 'workspaceId'>[]> {
  return findAll(db, [workspaceId])
}

/** When a profile was last active; a row per profile, given once. */
export interface ActivityRow {
  workspaceId: number
  profileId: number
  lastActivityAt: Instant
}

/** Raises the last activity that lists show; never lowers it. */
export async function raiseLastActivity(db: Queryable, rows: readonly ActivityRow[]): Promise<void> {
  if (rows.length === 0) return
  const sorted = rows.toSorted((a, b) => a.workspaceId - b.workspaceId || a.profileId - b.profileId)
  const values = sorted.map((row) => ({
    w: row.workspaceId,
    p: row.profileId,
    l: toRfc3339(row.lastActivityAt),
  }))
  await raiseActivity(db, [asRows(values)])
}
