import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** A name of events in one dialect. */
export interface EventNameKey {
  workspaceId: number
  name: string
  dialect: string
}

/** A name that may be new; `at` is when it was received. */
export interface EventNameRow extends EventNameKey {
  at: Instant
}

const insertNew = prepared(
  'event-name-insert',
  `insert into event_catalog (workspace_id, name, dialect, first_seen_at, last_seen_at, count)
   select w, n, d, a, a, 0 from json_to_recordset($1::json) as r(w integer, n text, d text, a timestamptz)
   on conflict do nothing`,
)

/** Makes the rows of names that have none yet, in key order. No key may stand twice among them. */
export async function saveEventNames(db: Queryable, rows: readonly EventNameRow[]): Promise<void> {
  if (rows.length === 0) return
  await insertNew(db, [asRows(inKeyOrder(rows).map((row) => ({ ...keyOf(row), a: toRfc3339(row.at) })))])
}

// Primary key (workspace_id, name, dialect).
const addAll = prepared(
  'event-name-count',
  `update event_catalog e set count = e.count + r.c, last_seen_at = greatest(e.last_seen_at, r.a)
     from json_to_recordset($1::json) as r(w integer, n text, d text, a timestamptz, c bigint)
    where e.workspace_id = r.w and e.name = r.n and e.dialect = r.d`,
)

/** Adds to the counts of names that have a row; no key may stand twice. */
export async function countEventNames(
  db: Queryable,
  rows: readonly (EventNameRow & { count: number })[],
): Promise<void> {
  if (rows.length === 0) return
  const values = inKeyOrder(rows).map((row) => ({ ...keyOf(row), a: toRfc3339(row.at), c: row.count }))
  await addAll(db, [asRows(values)])
}

function keyOf({ workspaceId: w, name: n, dialect: d }: EventNameKey): { w: number; n: string; d: string } {
  return { w, n, d }
}

function inKeyOrder<Row extends EventNameKey>(rows: readonly Row[]): Row[] {
  const textOf = (row: Row): string => JSON.stringify(Object.values(keyOf(row)))
  return rows.toSorted((left, right) => (textOf(left) < textOf(right) ? -1 : 1))
}

/** Which names, and after which one. */
export interface EventNameQuery {
  workspaceId: number
  /** Only names that this dialect sent. */
  dialect: string | undefined
  /** Text that occurs in the name, without regard to case. */
  search: string | undefined
  after: string | undefined
  limit: number
}

/** A name with each dialect that sent it. */
export interface EventNameEntry {
  name: string
  seen: { dialect: string; count: number; firstSeenAt: Instant; lastSeenAt: Instant }[]
}

// Primary key, read in its order.
const findPage = prepared<EventNameEntry>(
  'event-name-list',
  `select name,
          json_agg(json_build_object('dialect', dialect, 'count', count,
                     'firstSeenAt', floor(extract(epoch from first_seen_at) * 1000),
                     'lastSeenAt', floor(extract(epoch from last_seen_at) * 1000)) order by dialect) as seen
     from event_catalog
    where workspace_id = $1 and ($2::text is null or dialect = $2)
      and ($3::text is null or position($3 in lower(name)) > 0) and ($4::text is null or name > $4)
    group by name order by name limit $5`,
)

/** Names of events, sorted. */
export async function findEventNames(db: Queryable, query: EventNameQuery): Promise<EventNameEntry[]> {
  const { workspaceId, dialect, search, after, limit } = query
  return findPage(db, [workspaceId, dialect ?? null, search?.toLowerCase() ?? null, after ?? null, limit])
}

const findAll = prepared<{ name: string }>(
  'event-name-all',
  'select distinct name from event_catalog where workspace_id = $1',
)

/** Every name that a workspace has, in no order. */
export async function findAllEventNames(db: Queryable, workspaceId: number): Promise<string[]> {
  return (await findAll(db, [workspaceId])).map(({ name }) => name)
}
