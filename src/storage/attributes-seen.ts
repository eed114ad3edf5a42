import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { DefinitionScope } from './attribute-definitions.ts'
import { asRows, prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** One type in which one dialect sent an attribute. */
export interface SeenRow extends DefinitionScope {
  attribute: string
  type: string
  at: Instant
}

const upsert = prepared(
  'attribute-seen-save',
  `insert into attribute_seen (workspace_id, target, event_name, attribute, type, dialect, first_seen_at, last_seen_at)
   select w, t, e, a, y, d, s, s
     from json_to_recordset($1::json)
       as r(w integer, t text, e text, a text, y text, d text, s timestamptz)
   on conflict (workspace_id, target, event_name, attribute, type, dialect)
   do update set last_seen_at = greatest(attribute_seen.last_seen_at, excluded.last_seen_at)`,
)

/** Notes what was seen, in key order. No key may stand twice among the rows. */
export async function saveSeen(db: Queryable, rows: readonly SeenRow[]): Promise<void> {
  if (rows.length === 0) return
  const values = rows.map((row) => ({
    w: row.workspaceId,
    t: row.target,
    e: row.eventName,
    a: row.attribute,
    y: row.type,
    d: row.dialect,
    s: toRfc3339(row.at),
  }))
  const keyOf = (row: (typeof values)[number]): string => JSON.stringify(Object.values(row))
  await upsert(db, [asRows(values.toSorted((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1)))])
}

/** Which entries of the dictionary, and after which one. */
export interface DictionaryQuery {
  workspaceId: number
  target: string | undefined
  eventName: string | undefined
  /** Text that occurs in the name of the attribute. */
  search: string | undefined
  /** Only attributes that came in more than one type. */
  onlyConflicts: boolean
  after: DictionaryPlace | undefined
  limit: number
}

/** A place in the dictionary. */
export interface DictionaryPlace {
  target: string
  eventName: string
  attribute: string
}

/** An attribute or event property with every type in which it came. */
export interface DictionaryEntry extends DictionaryPlace {
  seen: { type: string; dialect: string; firstSeenAt: Instant; lastSeenAt: Instant }[]
}

interface StoredEntry {
  target: string
  event_name: string
  attribute: string
  seen: DictionaryEntry['seen']
}

// Primary key, read in its order.
const findPage = prepared<StoredEntry>(
  'attribute-seen-list',
  `select target, event_name, attribute,
          json_agg(json_build_object('type', type, 'dialect', dialect,
                     'firstSeenAt', floor(extract(epoch from first_seen_at) * 1000),
                     'lastSeenAt', floor(extract(epoch from last_seen_at) * 1000)) order by type, dialect) as seen
     from attribute_seen
    where workspace_id = $1
      and ($2::text is null or target = $2) and ($3::text is null or event_name = $3)
      and ($4::text is null or position($4 in lower(attribute)) > 0)
      and ($6::text is null or (target, event_name, attribute) > ($6, $7, $8))
    group by target, event_name, attribute
   having not $5::boolean or count(distinct type) > 1
    order by target, event_name, attribute limit $9`,
)

// Primary key.
const findTypes = prepared<{ attribute: string; type: string }>(
  'attribute-seen-types',
  `select distinct attribute, type from attribute_seen
    where workspace_id = $1 and target = 'profile' and event_name = '' and attribute = any($2::text[])`,
)

/** Every type in which attributes of profiles were seen, in no order; what was never seen is missing. */
export async function findProfileTypes(
  db: Queryable,
  workspaceId: number,
  attributes: readonly string[],
): Promise<{ attribute: string; type: string }[]> {
  return findTypes(db, [workspaceId, attributes])
}

/** A part of the dictionary, sorted by target, event and name. */
export async function findDictionary(db: Queryable, query: DictionaryQuery): Promise<DictionaryEntry[]> {
  const { workspaceId, target, eventName, search, onlyConflicts, after, limit } = query
  const rows = await findPage(db, [
    workspaceId,
    target ?? null,
    eventName ?? null,
    search?.toLowerCase() ?? null,
    onlyConflicts,
    after?.target ?? null,
    after?.eventName ?? null,
    after?.attribute ?? null,
    limit,
  ])
  return rows.map((row) => ({
    target: row.target,
    eventName: row.event_name,
    attribute: row.attribute,
    seen: row.seen,
  }))
}
