import { HOUR_MS, toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** What is counted over time; see the table. */
export type HistoryKind = 'event' | 'transaction' | 'profile-write' | 'rejection' | 'latency'

/** An amount of one minute. */
export interface HistoryRow {
  workspaceId: number
  /** When the minute begins. */
  at: Instant
  kind: HistoryKind
  /** Empty for what is not counted by dialect. */
  dialect: string
  /** Of events their name, of rejections the reason, of latencies the bucket, else empty. */
  name: string
  amount: number
}

/** Names of events that one dialect has in one span of a workspace; all others share the name ''. */
export const NAMES_PER_SPAN = 50

// Primary key, for the lookups as well. A name that the minute has keeps its row; new ones get rows while there is room.
const addMinutes = prepared(
  'history-add',
  `with given as (
     select w, a, k, d, n, v, (h.workspace_id is not null) as known
       from json_to_recordset($1::json) as r(w integer, a timestamptz, k text, d text, n text, v bigint)
       left join history h on h.workspace_id = w and h.at = a and h.kind = k and h.dialect = d and h.name = n
                          and h.span_seconds = 60),
   room as (
     select w, a, d, $2::integer - (select count(*) from history h
                                     where h.workspace_id = w and h.at = a and h.kind = 'event' and h.dialect = d
                                       and h.name <> '' and h.span_seconds = 60) as free
       from (select distinct w, a, d from given where k = 'event' and not known) s),
   placed as (
     select w, a, k, d, v, case when k <> 'event' or known
              or row_number() over (partition by w, a, k, d, known order by v desc, n) <= free then n else '' end as n
       from given left join room using (w, a, d))
   insert into history as t (workspace_id, at, span_seconds, kind, dialect, name, amount)
   select w, a, 60, k, d, n, sum(v) from placed group by w, a, k, d, n
   on conflict (workspace_id, at, kind, dialect, name, span_seconds) do update set amount = t.amount + excluded.amount`,
)

/** Adds amounts to their minutes; no key may stand twice. For one process at a time. */
export async function addToHistory(db: Queryable, rows: readonly HistoryRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map(({ workspaceId: w, at, kind: k, dialect: d, name: n, amount: v }) => {
    return { w, a: toRfc3339(at), k, d, n, v }
  })
  await addMinutes(db, [asRows(values), NAMES_PER_SPAN])
}

/** Which part of a workspace's history: `from` inclusive, `to` exclusive, cut in steps from `from` on. */
export interface HistoryQuery {
  workspaceId: number
  from: Instant
  to: Instant
  stepMs: number
}

/** The sum of one step; `place` is the number of the step, from 0. */
export interface HistoryPoint {
  kind: HistoryKind
  /** Dialect, name, reason or bucket. */
  key: string
  place: number
  amount: number
}

interface StoredPoint extends Omit<HistoryPoint, 'place'> {
  begins: Date
}

const BEGINS = `date_bin($4::bigint * interval '1 millisecond', at, $2::timestamptz)`

const IN_RANGE = 'workspace_id = $1 and at >= $2::timestamptz and at < $3::timestamptz'

// Primary key, by workspace and time.
const findPoints = prepared<StoredPoint>(
  'history-points',
  `select kind, case when kind in ('rejection', 'latency') then name else dialect end as key,
          ${BEGINS} as begins, sum(amount)::bigint as amount
     from history where ${IN_RANGE} group by 1, 2, 3`,
)

/** Every sum of a range but those by name of event, in no order: events and writes by dialect, rejections by reason. */
export async function findHistory(db: Queryable, query: HistoryQuery): Promise<HistoryPoint[]> {
  return toPoints(query, await findPoints(db, parametersOf(query)))
}

// Primary key, by workspace and time.
const findNamePoints = prepared<StoredPoint>(
  'history-names',
  `with points as (
     select name, ${BEGINS} as begins, sum(amount) as amount
       from history where ${IN_RANGE} and kind = 'event' group by 1, 2),
   tops as (
     select name from points where name <> '' group by name order by sum(amount) desc, name limit $5)
   select 'event' as kind, coalesce(t.name, '') as key, begins, sum(amount)::bigint as amount
     from points p left join tops t on t.name = p.name group by 2, 3`,
)

/** Events of a range by name: the `limit` most frequent ones, and all others under the key ''. */
export async function findNameHistory(
  db: Queryable,
  query: HistoryQuery,
  limit: number,
): Promise<HistoryPoint[]> {
  return toPoints(query, await findNamePoints(db, [...parametersOf(query), limit]))
}

function toPoints({ from, stepMs }: HistoryQuery, rows: readonly StoredPoint[]): HistoryPoint[] {
  return rows.map(({ begins, ...row }) => ({ ...row, place: (begins.getTime() - from) / stepMs }))
}

function parametersOf({ workspaceId, from, to, stepMs }: HistoryQuery): unknown[] {
  return [workspaceId, toRfc3339(from), toRfc3339(to), stepMs]
}

// Index history_age.
const findOldestMinute = prepared<{ at: Date }>(
  'history-oldest',
  'select at from history where span_seconds = 60 and at < $1::timestamptz order by at limit 1',
)

/** When the oldest minute before an instant begins. */
export async function oldestMinute(db: Queryable, before: Instant): Promise<Instant | undefined> {
  const [row] = await findOldestMinute(db, [toRfc3339(before)])
  return row?.at.getTime()
}

// Index history_age. Two processes at once: whoever comes second finds no row to take.
const rollUp = prepared(
  'history-roll-up',
  `with gone as (
     delete from history where span_seconds = 60 and at >= $1::timestamptz and at < $2::timestamptz
     returning workspace_id, kind, dialect, name, amount),
   sums as (
     select workspace_id, kind, dialect, name, sum(amount) as amount from gone group by 1, 2, 3, 4),
   placed as (
     select workspace_id, kind, dialect, amount, case when kind <> 'event' or name = '' or row_number() over (
              partition by workspace_id, kind, dialect, name = '' order by amount desc, name) <= $3 then name else '' end as name
       from sums)
   insert into history as t (workspace_id, at, span_seconds, kind, dialect, name, amount)
   select workspace_id, $1::timestamptz, 3600, kind, dialect, name, sum(amount) from placed group by 1, 4, 5, 6
   on conflict (workspace_id, at, kind, dialect, name, span_seconds) do update set amount = t.amount + excluded.amount`,
)

/** Makes one hour of the minutes in it, in one statement. @param hour when it begins */
export async function rollUpHour(db: Queryable, hour: Instant): Promise<void> {
  await rollUp(db, [toRfc3339(hour), toRfc3339(hour + HOUR_MS), NAMES_PER_SPAN])
}

// Index history_age.
const expireHours = prepared(
  'history-expire',
  'delete from history where span_seconds = 3600 and at < $1::timestamptz',
)

/** Forgets the hours before an instant. */
export async function expireHistory(db: Queryable, before: Instant): Promise<void> {
  await expireHours(db, [toRfc3339(before)])
}
