import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

// A profile that was merged since is the one that it was merged into, and one that is gone was never active.
const raiseActivity = prepared(
  'profile-activity-raise',
  `insert into profile_activity as a (workspace_id, profile_id, last_activity_at)
   select r.w, p.profile_id, max(r.l) from json_to_recordset($1::json) as r(w integer, p bigint, l timestamptz)
     left join profile_merge m on m.workspace_id = r.w and m.from_id = r.p
     join profile p on p.workspace_id = r.w and p.profile_id = coalesce(m.to_id, r.p)
    group by r.w, p.profile_id
    order by r.w, p.profile_id
   on conflict (workspace_id, profile_id) do update set last_activity_at = excluded.last_activity_at
     where a.last_activity_at < excluded.last_activity_at`,
)

const moveActivity = prepared(
  'profile-activity-move',
  `with gone as (
     delete from profile_activity a using json_to_recordset($1::json) as r(w integer, f bigint, t bigint)
      where a.workspace_id = r.w and a.profile_id = r.f
     returning r.w, r.t, a.last_activity_at)
   insert into profile_activity as a (workspace_id, profile_id, last_activity_at)
   select w, t, max(last_activity_at) from gone group by w, t order by w, t
   on conflict (workspace_id, profile_id) do update set last_activity_at = excluded.last_activity_at
     where a.last_activity_at < excluded.last_activity_at`,
)

const forget = prepared(
  'profile-activity-forget',
  'delete from profile_activity where workspace_id = $1 and profile_id = any($2::bigint[])',
)

// One step into the index of events for each profile that lives on in these.
const readAgain = prepared(
  'profile-activity-read-again',
  `insert into profile_activity (workspace_id, profile_id, last_activity_at)
   select $1, living.id, max(last.at)
     from unnest($2::bigint[]) as living(id)
     cross join lateral (select living.id as id union all
                         select from_id from profile_merge where workspace_id = $1 and to_id = living.id) own
     cross join lateral (select occurred_at as at from event where workspace_id = $1 and profile_id = own.id
                          order by occurred_at desc limit 1) last
    group by living.id`,
)

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

/** The survivors of merges were active when their losers were, who are in no list any more. */
export async function joinActivity(
  db: Queryable,
  merges: readonly { workspaceId: number; fromId: number; toId: number }[],
): Promise<void> {
  await moveActivity(db, [asRows(merges.map(({ workspaceId: w, fromId: f, toId: t }) => ({ w, f, t })))])
}

/** After a merge was taken back each of the two was active when its own events say. */
export async function splitActivity(
  db: Queryable,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<void> {
  await forget(db, [workspaceId, profileIds])
  await readAgain(db, [workspaceId, profileIds])
}
