import { EARLIEST_INSTANT, toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { ExportContent } from '../../model/export.ts'
import type { Transaction } from '../db.ts'
import { compileSegment } from '../segments/compile.ts'
import { compileColumn } from './columns.ts'
import type { ColumnType, CompiledColumn, MemberTypes } from './columns.ts'
import { Parameters } from './parameters.ts'
import { joinOf, mergedSql } from './row-sets.ts'

/** A row of an export. */
export interface ExportRow {
  /** The living profile that it is about. */
  profileId: number
  /** Those who were merged into that one and whose data may be in it. */
  mergedIds: readonly number[]
  /** The whole row as one text of JSON, or a text for each column; null where there is no value. */
  cells: readonly (string | null)[]
}

/** What is read, and how rows look. */
export interface RowQuery {
  workspaceId: number
  /** Of the workspace, for segments. */
  timezone: string
  /** The present instant, for segments. */
  now: Instant
  content: ExportContent
  /** `json`: one text of JSON for a row; `cells`: a text for each column. */
  shape: 'json' | 'cells'
  /** Types of single members where `shape` is `cells`. */
  types?: MemberTypes
}

/** Rows, part by part. */
export interface RowReader {
  columns: readonly { name: string; type: ColumnType }[]
  /** The next rows, `count` at most and fewer only at the end. */
  next: (count: number) => Promise<ExportRow[]>
}

/**
 * Opens the rows of an export in a transaction, which must see one instant: profiles by their ids, events in no order,
 * because to sort what there may be of them would take as much disk again.
 */
export async function openRows(tx: Transaction, query: RowQuery): Promise<RowReader> {
  const { content } = query
  return content.kind === 'profiles'
    ? openProfileRows(tx, { ...query, content })
    : openEventRows(tx, { ...query, content })
}

/** The driver hands out what PostgreSQL wrote. */
const AS_TEXT = { getTypeParser: () => (text: string) => text }

async function readTexts(tx: Transaction, text: string, values: unknown[] = []): Promise<ExportRow[]> {
  const config = { text, values, rowMode: 'array' as const, types: AS_TEXT }
  const { rows } = await tx.query<(string | null)[]>(config)
  return rows.map(([id, merged, ...cells]) => ({
    profileId: Number(id),
    mergedIds: merged ? merged.split(',').map(Number) : [],
    cells,
  }))
}

function selectList(columns: readonly CompiledColumn[], shape: RowQuery['shape'], parameters: Parameters) {
  if (shape === 'cells') return columns.map(({ text }) => text).join(', ')
  const members = columns.map(({ name, json }, index) => {
    const key = parameters.add(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`, 'text')
    return `${key}, ${json}`
  })
  return `concat(${members.join(', ')}, '}')`
}

/** How a cursor is planned: all of its rows will be read. */
const WHOLE_CURSOR = 'set local cursor_tuple_fraction = 1'

type Profiles = RowQuery & { content: Extract<ExportContent, { kind: 'profiles' }> }

/**
 * A cursor gives the ids in their order, and each part is one statement over sets of them. Where all profiles are wanted, the ids
 * between the first and the last of a part are the part.
 */
async function openProfileRows(tx: Transaction, query: Profiles): Promise<RowReader> {
  const { workspaceId, content, timezone, now } = query
  const members = content.segment
    ? compileSegment(content.segment.definition, { workspaceId, timezone, now })
    : { text: 'select profile_id from profile where workspace_id = $1::integer', values: [workspaceId] }
  await tx.query(WHOLE_CURSOR)
  const declared = `declare export_ids no scroll cursor for select profile_id from (${members.text}) s order by profile_id`
  await tx.query(declared, members.values)
  // A part is joined from small sets: where tables were never analysed, loops over them would be chosen and take for ever.
  await tx.query('set local enable_nestloop = off')
  const { columns, read } = compileProfileRows(query)
  return {
    columns,
    next: async (count) => {
      const found = await tx.query<{ profile_id: number }>(`fetch ${count} from export_ids`)
      const ids = found.rows.map((row) => row.profile_id)
      return ids.length === 0 ? [] : read(tx, ids)
    },
  }
}

/** Primary key of profile, by range; the sets by theirs. */
function compileProfileRows({ workspaceId, content, shape, types }: Profiles): {
  columns: CompiledColumn[]
  read: (tx: Transaction, ids: readonly number[]) => Promise<ExportRow[]>
} {
  const parameters = new Parameters()
  const columns = content.columns.map((column) => compileColumn(column, parameters, types))
  const selected = selectList(columns, shape, parameters)
  const fixed = parameters.values
  const workspace = parameters.add(workspaceId, 'integer')
  const range = [parameters.add(0, 'bigint'), parameters.add(0, 'bigint')]
  const listed = content.segment && parameters.add([], 'bigint[]')
  const holds = (column: string): string =>
    `${column} between ${range.join(' and ')}${listed === undefined ? '' : ` and ${column} = any(${listed})`}`
  const among = { workspace, holds }
  const sets = new Set(['merges' as const, ...columns.flatMap(({ joins }) => joins)])
  const text = `with ${mergedSql(among)}
    select p.profile_id, array_to_string(g.ids, ','), ${selected}
      from profile p ${[...sets].map((set) => joinOf(set, among)).join('\n')}
     where p.workspace_id = ${workspace} and ${holds('p.profile_id')}
     order by p.profile_id`
  return {
    columns,
    read: (tx, ids) => {
      const values = [...fixed, workspaceId, ids[0], ids.at(-1)]
      return readTexts(tx, text, listed === undefined ? values : [...values, ids])
    },
  }
}

type Events = RowQuery & { content: Extract<ExportContent, { kind: 'events' }> }

/** Nothing is stored as late as this. */
const LATEST = '9999-12-31T23:59:59.999Z'

/** The rows of the time by its partitions; with names by index event_name. The few merges are hashed. */
async function openEventRows(tx: Transaction, query: Events): Promise<RowReader> {
  const parameters = new Parameters()
  const columns = query.content.columns.map((column) => compileColumn(column, parameters, query.types))
  const selected = selectList(columns, query.shape, parameters)
  const source = eventSource(query, parameters)
  await tx.query(WHOLE_CURSOR)
  const declared = `declare export_events no scroll cursor for
    select coalesce(m.to_id, e.profile_id), case when m.to_id is not null then e.profile_id end, ${selected} ${source}`
  await tx.query(declared, parameters.values)
  return { columns, next: (count) => readTexts(tx, `fetch ${count} from export_events`) }
}

function eventSource({ workspaceId, content }: Events, parameters: Parameters): string {
  const workspace = parameters.add(workspaceId, 'integer')
  const from = parameters.add(toRfc3339(content.from ?? EARLIEST_INSTANT), 'timestamptz')
  const to = parameters.add(content.to === undefined ? LATEST : toRfc3339(content.to), 'timestamptz')
  const names = content.names && `and e.name = any(${parameters.add(content.names, 'text[]')})`
  return `from event e left join profile_merge m on m.workspace_id = ${workspace} and m.from_id = e.profile_id
     where e.workspace_id = ${workspace} and e.occurred_at >= ${from} and e.occurred_at < ${to} ${names ?? ''}`
}

/** What a member of a JSON object may be, as bits of what was seen. */
const SEEN = { number: 1, boolean: 2, text: 4, json: 8 } as const

/**
 * The types of single members over all rows that an export may hold, for a file that has types: a member whose values are of
 * several types, or are lists and objects, is `json`. One pass over the rows.
 */
export async function findMemberTypes(
  tx: Transaction,
  query: Pick<RowQuery, 'workspaceId' | 'content'>,
): Promise<MemberTypes> {
  const parameters = new Parameters()
  const members = query.content.columns.filter((column) => column.source === 'member')
  if (members.length === 0) return new Map()
  const seen = members.map(({ of, member }) => {
    const object = of === 'attributes' ? 'p.attributes' : 'e.properties'
    const type = `jsonb_typeof(${object} -> ${parameters.add(member, 'text')})`
    return `bit_or(case ${type} when 'number' then ${SEEN.number} when 'boolean' then ${SEEN.boolean}
      when 'string' then ${SEEN.text} when 'null' then 0 else ${SEEN.json} end) filter (where ${type} is not null)`
  })
  const { workspaceId, content } = query
  const source =
    content.kind === 'events'
      ? eventSource({ workspaceId, content } as Events, parameters)
      : `from profile p where p.workspace_id = ${parameters.add(workspaceId, 'integer')}`
  const found = await tx.query<(number | null)[]>({
    text: `select ${seen.join(', ')} ${source}`,
    values: parameters.values,
    rowMode: 'array',
  })
  const [bits = []] = found.rows
  return new Map(members.map(({ name }, index) => [name, typeOf(bits[index] ?? 0)]))
}

function typeOf(bits: number): ColumnType {
  if (bits === SEEN.number) return 'number'
  if (bits === SEEN.boolean) return 'boolean'
  return bits === SEEN.text || bits === 0 ? 'text' : 'json'
}
