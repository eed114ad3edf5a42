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
