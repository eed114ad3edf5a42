import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { IdentifierKind } from '../../model/identity.ts'
import type { EventFact, ProfileFact, StoredColumn } from '../../model/export.ts'
import type { Parameters } from './parameters.ts'

/** What the values of a column are, for a file that has types. `time` is text of RFC 3339. */
export type ColumnType = 'integer' | 'number' | 'boolean' | 'text' | 'time' | 'json'

/** Sets of rows that are joined to the profile `p` where a column asks for them. */
export type JoinedSet = 'activity' | 'consents' | 'identifiers' | 'merges' | 'tags'

/** A column as SQL over the profile `p` and its joined sets, or over the event `e` with its merge `m`. */
export interface CompiledColumn {
  name: string
  type: ColumnType
  /** The value as text of JSON; never null. */
  json: string
  /** The value as text; null where there is none. */
  text: string
  joins: readonly JoinedSet[]
}

/** The type of each member column, by its name; text where it is missing. */
export type MemberTypes = ReadonlyMap<string, ColumnType>

/**
 * The one place where columns become SQL. What comes from a caller becomes a parameter.
 * @param types matters to `text` alone
 */
export function compileColumn(
  column: StoredColumn,
  parameters: Parameters,
  types: MemberTypes = new Map(),
): CompiledColumn {
  switch (column.source) {
    case 'profile':
      return named(column.name, PROFILE_VALUES[column.name])
    case 'event':
      return named(column.name, EVENT_VALUES[column.name])
    case 'identifier':
      return named(column.name, identifierValue(column.name))
    case 'member':
      return memberColumn(column, parameters, types.get(column.name) ?? 'text')
  }
}

interface Value {
  type: ColumnType
  /** Of the SQL type that goes with `type`. */
  sql: string
  joins?: readonly JoinedSet[]
}

const PROFILE_VALUES: Readonly<Record<ProfileFact, Value>> = {
  profileId: { type: 'integer', sql: 'p.profile_id' },
  identifiers: { type: 'json', sql: `coalesce(i.identifiers, '[]')`, joins: ['identifiers'] },
  attributes: { type: 'json', sql: 'p.attributes' },
  tags: { type: 'json', sql: `coalesce(t.tags, '[]')`, joins: ['tags'] },
  consents: { type: 'json', sql: `coalesce(c.consents, '{}')`, joins: ['consents', 'merges'] },
  mergedFrom: { type: 'json', sql: `coalesce(to_jsonb(g.ids), '[]')`, joins: ['merges'] },
  createdAt: { type: 'time', sql: timeText('p.created_at') },
  updatedAt: { type: 'time', sql: timeText('p.updated_at') },
  lastActivityAt: { type: 'time', sql: timeText('a.last_activity_at'), joins: ['activity'] },
}

const EVENT_VALUES: Readonly<Record<EventFact, Value>> = {
  eventId: { type: 'text', sql: 'e.event_id::text' },
  profileId: { type: 'integer', sql: 'coalesce(m.to_id, e.profile_id)' },
  name: { type: 'text', sql: 'e.name' },
  occurredAt: { type: 'time', sql: timeText('e.occurred_at') },
  receivedAt: { type: 'time', sql: timeText('e.received_at') },
  sentAt: { type: 'time', sql: timeText('e.sent_at') },
  source: { type: 'text', sql: 'e.source' },
  properties: { type: 'json', sql: 'e.properties' },
}

/** RFC 3339 in UTC, which is the zone of every connection, with milliseconds. */
export function timeText(sql: string): string {
  return `to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}

/** Of a kind that a profile has one of, the primary one; a list of the others. */
function identifierValue(kind: IdentifierKind): Value {
  const { many } = IDENTIFIER_KINDS[kind]
  const sql = `i.${identifierColumn(kind)}`
  return many
    ? { type: 'json', sql: `coalesce(${sql}, '[]')`, joins: ['identifiers'] }
    : { type: 'text', sql, joins: ['identifiers'] }
}

/** The name of a kind's column in the joined set. */
export function identifierColumn(kind: IdentifierKind): string {
  return `kind_${IDENTIFIER_KINDS[kind].code}`
}

function named(name: string, { type, sql, joins = [] }: Value): CompiledColumn {
  return { name, type, json: jsonOf(type, sql), text: type === 'text' ? sql : `(${sql})::text`, joins }
}

function jsonOf(type: ColumnType, sql: string): string {
  if (type === 'text') return `coalesce(to_json(${sql})::text, 'null')`
  // A time has nothing in it that JSON escapes.
  if (type === 'time') return `coalesce('"' || ${sql} || '"', 'null')`
  return `coalesce((${sql})::text, 'null')`
}

type Member = Extract<StoredColumn, { source: 'member' }>

function memberColumn(
  { name, of, member }: Member,
  parameters: Parameters,
  type: ColumnType,
): CompiledColumn {
  const object = of === 'attributes' ? 'p.attributes' : 'e.properties'
  const key = parameters.add(member, 'text')
  const value = `(${object} -> ${key})::text`
  const text = type === 'json' ? value : `(${object} ->> ${key})`
  return { name, type, json: `coalesce(${value}, 'null')`, text, joins: [] }
}
