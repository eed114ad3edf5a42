import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable, Transaction } from './db.ts'

// Index rejection_at.
const deleteRejections = prepared(
  'rejection-expire',
  'delete from rejection where workspace_id = $1 and at < $2::timestamptz',
)

const deleteChanges = prepared(
  'profile-change-expire',
  'delete from profile_change where workspace_id = $1 and at < $2::timestamptz',
)

/** Forgets entries of one workspace's ledger; partitions older than every workspace's are dropped whole. */
export async function expireRejections(db: Queryable, workspaceId: number, before: Instant): Promise<void> {
  await deleteRejections(db, [workspaceId, toRfc3339(before)])
}

/** Forgets rows of one workspace's change log. */
export async function expireChanges(db: Queryable, workspaceId: number, before: Instant): Promise<void> {
  await deleteChanges(db, [workspaceId, toRfc3339(before)])
}

/** Events of one name that happened before an instant are to go. */
export interface EventCut {
  name: string
  before: Instant
}

// Index event_name finds the oldest, the primary key deletes them.
const deleteOldest = prepared<{ source: string; count: number; profile_ids: number[] }>(
  'event-expire',
  `with old as (
     select profile_id, event_id, occurred_at from event
      where workspace_id = $1 and name = $2 and occurred_at < $3::timestamptz
      order by occurred_at limit $4),
   gone as (
     delete from event e using old
      where e.workspace_id = $1 and e.profile_id = old.profile_id and e.event_id = old.event_id
        and e.occurred_at = old.occurred_at and e.occurred_at < $3::timestamptz
     returning e.source, e.profile_id)
   select source, count(*) as count, array_agg(distinct profile_id)::float8[] as profile_ids from gone group by source`,
)

/** Events that went. */
export interface ExpiredEvents {
  bySource: readonly { source: string; count: number }[]
  profileIds: readonly number[]
}

/** Forgets the oldest events of one name. */
export async function expireEvents(
  tx: Transaction,
  workspaceId: number,
  { name, before }: EventCut,
  limit: number,
): Promise<ExpiredEvents> {
  const rows = await deleteOldest(tx, [workspaceId, name, toRfc3339(before), limit])
  const profileIds = [...new Set(rows.flatMap((row) => row.profile_ids))]
  return { bySource: rows.map(({ source, count }) => ({ source, count })), profileIds }
}

// Index event_name, as far as the cap.
const countEvents = prepared<{ name: string; count: number }>(
  'event-expire-count',
  `select c.name, (select count(*) from (select 1 from event e where e.workspace_id = $1 and e.name = c.name
                                            and e.occurred_at < c.before limit $3) capped) as count
     from json_to_recordset($2::json) as c(name text, before timestamptz)`,
)

/** How many events each cut would take, counted up to `cap`. */
export async function countExpiringEvents(
  db: Queryable,
  workspaceId: number,
  cuts: readonly EventCut[],
  cap: number,
): Promise<{ name: string; count: number }[]> {
  if (cuts.length === 0) return []
  const rows = cuts.map(({ name, before }) => ({ name, before: toRfc3339(before) }))
  return countEvents(db, [workspaceId, JSON.stringify(rows), cap])
}

const LOGS = {
  ledger: ['rejection', 'at'],
  changeLog: ['profile_change', 'at'],
  eventIds: ['dedupe', 'received_at'],
  exports: ["(select workspace_id, ended_at from export where state = 'ready') files", 'ended_at'],
} as const

/** What is forgotten by age beside events. */
export type ExpiringLog = keyof typeof LOGS

const countLogs = Object.fromEntries(
  Object.entries(LOGS).map(([log, [table, column]]) => [
    log,
    prepared<{ count: number }>(
      `${log}-expire-count`,
      `select count(*) as count from (select 1 from ${table}
        where workspace_id = $1 and ${column} < $2::timestamptz limit $3) capped`,
    ),
  ]),
) as Record<ExpiringLog, ReturnType<typeof prepared<{ count: number }>>>

/** How many rows of a log are older, counted up to `cap`. */
export async function countExpiring(
  db: Queryable,
  log: ExpiringLog,
  workspaceId: number,
  before: Instant,
  cap: number,
): Promise<number> {
  const [row] = await countLogs[log](db, [workspaceId, toRfc3339(before), cap])
  return row?.count ?? 0
}
