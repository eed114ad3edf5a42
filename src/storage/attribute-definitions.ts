import type { AttributeType } from '../model/command.ts'
import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Where a dialect's attribute types are fixed: on profiles, or on the events of one name. */
export interface DefinitionScope {
  workspaceId: number
  dialect: string
  target: 'profile' | 'event'
  /** Empty for `profile`. */
  eventName: string
}

/** The type that the first datapoint of an attribute fixed. */
export interface DefinitionRow extends DefinitionScope {
  attribute: string
  type: AttributeType
  firstSeenAt: Instant
}

const lockScopes = prepared(
  'attribute-definition-lock',
  `select pg_advisory_xact_lock(hashtextextended(k, 7414200003)) from unnest($1::text[]) as keys(k)`,
)

interface StoredRow {
  workspace_id: number
  dialect: string
  target: 'profile' | 'event'
  event_name: string
  attribute: string
  type: AttributeType
  first_seen_at: Date
}

// Primary key, by its first four columns.
const findByScope = prepared<StoredRow>(
  'attribute-definition-find',
  `select a.workspace_id, a.dialect, a.target, a.event_name, a.attribute, a.type, a.first_seen_at
     from json_to_recordset($1::json) as k(w integer, d text, t text, e text)
     join attribute_definition a
       on a.workspace_id = k.w and a.dialect = k.d and a.target = k.t and a.event_name = k.e`,
)

const insertNew = prepared(
  'attribute-definition-insert',
  `insert into attribute_definition (workspace_id, dialect, target, event_name, attribute, type, first_seen_at)
   select w, d, t, e, a, y, f
     from json_to_recordset($1::json)
       as r(w integer, d text, t text, e text, a text, y text, f timestamptz)`,
)

/** The key of a scope, for maps and locks. */
export function scopeKey(scope: DefinitionScope): string {
  return `${scope.workspaceId}|${scope.dialect}|${scope.target}|${scope.eventName}`
}

/**
 * Reads the definitions of scopes that this transaction may add to, and keeps every other writer from adding
 * until it ends: so the limit per type is exact, and of two first datapoints one wins.
 */
export async function lockDefinitions(
  db: Queryable,
  scopes: readonly DefinitionScope[],
): Promise<DefinitionRow[]> {
  const keys = scopes.map(scopeKey).sort()
  await lockScopes(db, [keys])
  const wanted = scopes.map((scope) => ({
    w: scope.workspaceId,
    d: scope.dialect,
    t: scope.target,
    e: scope.eventName,
  }))
  const rows = await findByScope(db, [asRows(wanted)])
  return rows.map((row) => ({
    workspaceId: row.workspace_id,
    dialect: row.dialect,
    target: row.target,
    eventName: row.event_name,
    attribute: row.attribute,
    type: row.type,
    firstSeenAt: row.first_seen_at.getTime(),
  }))
}

/** Adds definitions to scopes that {@link lockDefinitions} holds. */
export async function insertDefinitions(db: Queryable, rows: readonly DefinitionRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) => ({
    w: row.workspaceId,
    d: row.dialect,
    t: row.target,
    e: row.eventName,
    a: row.attribute,
    y: row.type,
    f: toRfc3339(row.firstSeenAt),
  }))
  await insertNew(db, [asRows(values)])
}
