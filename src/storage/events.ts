import type { Json } from '../lib/json.ts'
import { LARGEST_UUID } from '../lib/ids.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** An event as stored. `profileId` is the profile it was sent for; a merge does not change it. */
export interface EventRow {
  workspaceId: number
  profileId: number
  eventId: string
  occurredAt: Instant
  receivedAt: Instant
  sentAt: Instant | undefined
  /** The time as its sender wrote it, where its dialect keeps that. */
  originalTime: string | undefined
  name: string
  source: string
  properties: Readonly<Record<string, Json>>
}

interface StoredEvent {
  profile_id: number
  event_id: string
  occurred_at: Date
  received_at: Date
  sent_at: Date | null
  original_time: string | null
  name: string
  source: string
  properties: Record<string, Json>
}

const insertNew = prepared(
  'event-insert',
  `insert into event (workspace_id, profile_id, event_id, occurred_at, received_at, sent_at, origin_profile_id,
                      name, source, properties, original_time)
   select w, p, i, o, r, s, p, n, d, j, t
     from json_to_recordset($1::json)
       as r(w integer, p bigint, i uuid, o timestamptz, r timestamptz, s timestamptz, n text, d text, j jsonb, t text)`,
)

/** Appends events. Their partitions must stand. */
export async function insertEvents(db: Queryable, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return
  await insertNew(db, [asRows(rows.map(columns))])
}

// The whole primary key: one row in one partition each.
const replaceStored = prepared(
  'event-replace',
  `update event e set name = r.n, received_at = r.r, sent_at = r.s, source = r.d, properties = r.j, original_time = r.t
     from json_to_recordset($1::json)
       as r(w integer, p bigint, i uuid, o timestamptz, n text, r timestamptz, s timestamptz, d text, j jsonb, t text)
    where e.workspace_id = r.w and e.profile_id = r.p and e.event_id = r.i and e.occurred_at = r.o`,
)

/** Writes stored events anew; their profile, id and time stay. One that is gone stays gone. */
export async function replaceEvents(db: Queryable, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return
  await replaceStored(db, [asRows(rows.map(columns))])
}

const deleteByKey = prepared(
  'event-delete',
  `delete from event e
    using json_to_recordset($1::json) as r(w integer, p bigint, i uuid, o timestamptz)
    where e.workspace_id = r.w and e.profile_id = r.p and e.event_id = r.i and e.occurred_at = r.o`,
)

/** Where an event is stored. */
export type EventPlace = Pick<EventRow, 'workspaceId' | 'profileId' | 'eventId' | 'occurredAt'>

/** Deletes events. */
export async function deleteEvents(db: Queryable, places: readonly EventPlace[]): Promise<void> {
  if (places.length === 0) return
  const rows = places.map(({ workspaceId: w, profileId: p, eventId: i, occurredAt }) => ({
    w,
    p,
    i,
    o: toRfc3339(occurredAt),
  }))
  await deleteByKey(db, [asRows(rows)])
}

function columns(row: EventRow): object {
  return {
    w: row.workspaceId,
    p: row.profileId,
    i: row.eventId,
    o: toRfc3339(row.occurredAt),
    r: toRfc3339(row.receivedAt),
    s: row.sentAt === undefined ? null : toRfc3339(row.sentAt),
    n: row.name,
    d: row.source,
    j: row.properties,
    t: row.originalTime ?? null,
  }
}

/** A place in a timeline: the last event that was given. */
export interface TimelineCursor {
  occurredAt: Instant
  eventId: string
}

/** What to read of the timeline of one person: its own profile id and the ids merged into it. */
export interface TimelineQuery {
  workspaceId: number
  profileIds: readonly number[]
  /** Inclusive. */
  from: Instant
  /** Exclusive. */
  to: Instant
  after: TimelineCursor | undefined
  name: string | undefined
  limit: number
}

// Index event_timeline, read backwards in time: an ordered Append over the partitions of the window. One lateral
// read a profile id keeps that order usable after a merge; the outer sort sees at most ids x limit rows.
const findTimeline = prepared<StoredEvent>(
  'event-timeline',
  `select e.* from unnest($2::bigint[]) as ids(id)
     cross join lateral (
       select profile_id, event_id, occurred_at, received_at, sent_at, original_time, name, source, properties
         from event
        where workspace_id = $1 and profile_id = ids.id
          and occurred_at >= $3::timestamptz and occurred_at < $4::timestamptz
          and occurred_at <= $5::timestamptz
          and (occurred_at, event_id) < ($5::timestamptz, $6::uuid)
          and ($7::text is null or name = $7::text)
        order by occurred_at desc, event_id desc
        limit $8
     ) e
    order by e.occurred_at desc, e.event_id desc
    limit $8`,
)

/** Events of one person inside one window of time, newest first. */
export async function findTimelineEvents(db: Queryable, query: TimelineQuery): Promise<EventRow[]> {
  const rows = await findTimeline(db, [
    query.workspaceId,
    query.profileIds,
    toRfc3339(query.from),
    toRfc3339(query.to),
    toRfc3339(query.after?.occurredAt ?? query.to),
    query.after?.eventId ?? LARGEST_UUID,
    query.name ?? null,
    query.limit,
  ])
  return rows.map((row) => fromStored(query.workspaceId, row))
}

/** What to read of a whole workspace. */
export interface NewestQuery {
  workspaceId: number
  names: readonly string[]
  /** Inclusive. */
  from: Instant
  /** Exclusive. */
  to: Instant
  limit: number
}

// Index event_name, read backwards in time, once a name: there is none by time alone, which every write would pay for.
const findNewest = prepared<StoredEvent>(
  'event-newest',
  `select e.* from unnest($2::text[]) as names(n)
     cross join lateral (
       select profile_id, event_id, occurred_at, received_at, sent_at, original_time, name, source, properties
         from event
        where workspace_id = $1 and name = names.n
          and occurred_at >= $3::timestamptz and occurred_at < $4::timestamptz
        order by occurred_at desc, event_id desc
        limit $5
     ) e
    order by e.occurred_at desc, e.event_id desc
    limit $5`,
)

/** Events of these names inside one window of time, newest first, whoever they are of. */
export async function findNewestEvents(db: Queryable, query: NewestQuery): Promise<EventRow[]> {
  const { workspaceId, names, from, to, limit } = query
  const rows = await findNewest(db, [workspaceId, names, toRfc3339(from), toRfc3339(to), limit])
  return rows.map((row) => fromStored(workspaceId, row))
}

function fromStored(workspaceId: number, row: StoredEvent): EventRow {
  return {
    workspaceId,
    profileId: row.profile_id,
    eventId: row.event_id,
    occurredAt: row.occurred_at.getTime(),
    receivedAt: row.received_at.getTime(),
    sentAt: row.sent_at?.getTime(),
    originalTime: row.original_time ?? undefined,
    name: row.name,
    source: row.source,
    properties: row.properties,
  }
}

// Primary key, without the time: a look into each partition.
const findByIds = prepared<StoredEvent>(
  'event-find-by-id',
  `select e.profile_id, e.event_id, e.occurred_at, e.received_at, e.sent_at, e.original_time, e.name, e.source, e.properties
     from json_to_recordset($2::json) as k(p bigint, i uuid)
     join event e on e.workspace_id = $1 and e.profile_id = k.p and e.event_id = k.i
    where octet_length(e.properties::text) <= $3`,
)

/** These events, in no order; those that are gone, or whose properties are longer than `bytesMax`, are missing. */
export async function findEventsById(
  db: Queryable,
  workspaceId: number,
  events: readonly { profileId: number; id: string }[],
  bytesMax: number,
): Promise<EventRow[]> {
  if (events.length === 0) return []
  const keys = events.map(({ profileId: p, id: i }) => ({ p, i }))
  const rows = await findByIds(db, [workspaceId, asRows(keys), bytesMax])
  return rows.map((row) => fromStored(workspaceId, row))
}

/** Functions that an aggregate can compute. */
export const AGGREGATES = ['count', 'sum', 'avg', 'min', 'max'] as const

/** One of {@link AGGREGATES}. */
export type Aggregate = (typeof AGGREGATES)[number]

/** What to aggregate: events of one name inside a half-open range of time. */
export interface AggregateQuery {
  workspaceId: number
  name: string
  fn: Aggregate
  /** Path to a number inside the properties; not used by `count`. */
  path: readonly string[]
  from: Instant
  to: Instant
}

// Index event_name. Text that is a number counts too: an exact number that no double holds is stored as text.
const NUMBER = String.raw`'^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$'`
const aggregate = prepared<{
  count: number
  sum: string | null
  avg: string | null
  min: string | null
  max: string | null
}>(
  'event-aggregate',
  `select count(*) as count, sum(v)::text as sum, trim_scale(avg(v))::text as avg, min(v)::text as min, max(v)::text as max
     from (
       select case when t ~ ${NUMBER} then t::numeric end as v
         from (select properties #>> $3::text[] as t from event
                where workspace_id = $1 and name = $2
                  and occurred_at >= $4::timestamptz and occurred_at < $5::timestamptz) as texts
     ) as numbers
    where $6::boolean or v is not null`,
)

/**
 * Computes exactly: sums of decimals are decimals.
 * @returns `count` of the events that have such a number (of all events for `count`), `value` as decimal text;
 *   null when there is nothing to compute from
 */
export async function aggregateEvents(
  db: Queryable,
  query: AggregateQuery,
): Promise<{ count: number; value: string | null }> {
  const [row] = await aggregate(db, [
    query.workspaceId,
    query.name,
    query.path,
    toRfc3339(query.from),
    toRfc3339(query.to),
    query.fn === 'count' && query.path.length === 0,
  ])
  const count = row?.count ?? 0
  const value = query.fn === 'count' ? String(count) : (row?.[query.fn] ?? null)
  return { count, value }
}
