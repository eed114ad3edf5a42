import { EARLIEST_INSTANT, toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import type { ExportContent, StoredColumn } from '../../model/export.ts'
import { takeRows } from '../db.ts'
import type { Transaction } from '../db.ts'
import { compileSegment } from '../segments/compile.ts'
import { compileColumn } from './columns.ts'
import { openJoiner } from './computed-rows.ts'
import type { ColumnType, CompiledColumn, MemberTypes } from './columns.ts'
import { Parameters } from './parameters.ts'
import { joinOf, mergedSql } from './row-sets.ts'

/** Some rows of an export, one behind the other. */
export interface RowBatch {
  count: number
  /** Bytes or characters, about. */
  length: number
  /**
   * The ids of the living profiles that they are about, and of those who were merged into these and whose data may be in them;
   * separated by commas, because nobody here reads them.
   */
  profileIds: string
  /** Where `shape` is `json`: a line of JSON for each row, each with its end. */
  lines: Buffer
  /** Where `shape` is `cells`: a text for each column of each row; null where there is no value. */
  cells: readonly (readonly (string | null)[])[]
}

/** What is read, and how rows look. */
export interface RowQuery {
  workspaceId: number
  /** Of the workspace, for segments. */
  timezone: string
  /** The present instant, for segments. */
  now: Instant
  content: ExportContent
  /** `json`: a line of JSON for each row; `cells`: a text for each column. */
  shape: 'json' | 'cells'
  /** Types of single members, for a file that has types. */
  types?: MemberTypes | undefined
}

/** Rows, part by part. */
export interface RowReader {
  columns: readonly { name: string; type: ColumnType }[]
  /** The next rows, `count` at most and fewer only at the end. */
  next: (count: number) => Promise<RowBatch>
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
const AS_WRITTEN = { getTypeParser: () => (written: unknown) => written }

/** Rows of an id (`ids`), the ids of those merged into it, and what is selected. */
async function readRows(
  tx: Transaction,
  { text, values = [] }: { text: string; values?: unknown[] },
  shape: RowQuery['shape'],
): Promise<RowBatch & { ids: number[] }> {
  const config = { text, values, rowMode: 'array' as const, types: AS_WRITTEN }
  const rows = takeRows(await tx.query<(string | null)[]>(config))
  const ids = rows.map(([id]) => Number(id))
  const profileIds = rows.flatMap(([id, merged]) => (merged ? [id, merged] : [id])).join(',')
  const cells = rows.map(([, , ...values]) => values)
  const length = cells.reduce((sum, row) => row.reduce((total, cell) => total + (cell?.length ?? 0), sum), 0)
  const lines = shape === 'json' ? Buffer.from(cells.map(([line]) => `${line}\n`).join('')) : NOTHING
  return { count: rows.length, length, profileIds, ids, lines, cells: shape === 'json' ? [] : cells }
}

const NOTHING = Buffer.alloc(0)

/** Lines of one row of the result: long enough to be few, short enough to be forgotten cheaply. */
const LINES_AT_ONCE = 64

/** As {@link readRows}, with some lines in one: for a row of the result of each of them the driver would take as long again. */
async function readLines(tx: Transaction, rows: { text: string; values: unknown[] }): Promise<RowBatch> {
  const text = `select count(*)::text, string_agg(concat_ws(',', r.profile_id, r.merged), ','),
      string_agg(r.line, E'\\n' order by r.profile_id) || E'\\n'
    from (select *, (row_number() over (order by n.profile_id) - 1) / ${LINES_AT_ONCE} as piece
            from (${rows.text}) n (profile_id, merged, line)) r
   group by r.piece order by r.piece`
  const config = { text, values: rows.values, rowMode: 'array' as const, types: AS_WRITTEN }
  const pieces = takeRows(await tx.query<[string, string, string]>(config))
  const lines = bytesOf(pieces.map(([, , some]) => some))
  const count = pieces.reduce((sum, [some]) => sum + Number(some), 0)
  const profileIds = pieces.map(([, ids]) => ids).join(',')
  return { count, length: lines.length, profileIds, lines, cells: [] }
}

/** The bytes of texts, one behind the other; to join the texts first would take their memory once more. */
function bytesOf(texts: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0))
  let end = 0
  for (const text of texts) end += bytes.write(text, end)
  return bytes
}

/** What is selected behind the ids. `pieces`: the JSON of each column by itself. */
function selectList(
  columns: readonly CompiledColumn[],
  shape: RowQuery['shape'] | 'pieces',
  parameters: Parameters,
): string {
  if (shape === 'cells') return columns.map(({ text }) => `, ${text}`).join('')
  if (shape === 'pieces') return columns.map(({ json }) => `, ${json}`).join('')
  const members = columns.map(({ name, json }, index) => {
    const key = parameters.add(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`, 'text')
    return `${key}, ${json}`
  })
  return `, concat(${members.join(', ')}, '}')`
}

const EMPTY: RowBatch = { count: 0, length: 0, profileIds: '', lines: NOTHING, cells: [] }

/** How a cursor is planned: all of its rows will be read. */
const WHOLE_CURSOR = 'set local cursor_tuple_fraction = 1'

type Profiles = RowQuery & { content: Extract<ExportContent, { kind: 'profiles' }> }

/** Which profiles a part is of: those between two ids, and where they are listed only these. */
interface IdRange {
  first: number
  last: number
  listed?: readonly number[]
}

/** Each part is one statement over sets of the profiles in it. */
async function openProfileRows(tx: Transaction, query: Profiles): Promise<RowReader> {
  const nextRange = query.content.segment ? await openMembers(tx, query) : openAll(tx, query.workspaceId)
  // A part is joined from small sets: where tables were never analysed, loops over them would be chosen and take for ever.
  await tx.query('set local enable_nestloop = off')
  const { columns, read } = compileRowsOf(query)
  return {
    columns,
    next: async (count) => {
      const range = await nextRange(count)
      return range ? read(tx, range) : EMPTY
    },
  }
}

interface CompiledRows {
  columns: RowReader['columns']
  read: (tx: Transaction, range: IdRange) => Promise<RowBatch>
}

/** Stored values in one statement a part, and computed ones in another, because the two are planned in different ways. */
function compileRowsOf(query: Profiles): CompiledRows {
  const { content, shape, types } = query
  const stored = content.columns.filter((column) => column.source !== 'computed')
  if (stored.length === content.columns.length) {
    const { columns, read } = compileProfileRows(query, stored)
    return {
      columns,
      read: (tx, range) => (shape === 'json' ? readLines(tx, read(range)) : readRows(tx, read(range), shape)),
    }
  }
  const rows = compileProfileRows({ ...query, shape: shape === 'json' ? 'pieces' : 'cells' }, stored)
  const isTyped = types !== undefined
  const joiner = openJoiner(query, { shape, columns: content.columns, stored: rows.columns, isTyped })
  const keys = joiner.columns.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  return {
    columns: joiner.columns,
    read: async (tx, range) => {
      const batch = await readRows(tx, rows.read(range), 'cells')
      const cells = await joiner.join(tx, batch.ids, batch.cells)
      if (shape === 'cells') return { ...batch, cells }
      const lines = cells.map((row) => `${row.map((cell, index) => `${keys[index]}${cell}`).join('')}}\n`)
      return { ...batch, cells: [], lines: Buffer.from(lines.join('')) }
    },
  }
}

type NextRange = (count: number) => Promise<IdRange | undefined>

/** A cursor gives the ids of members in their order. */
async function openMembers(tx: Transaction, { content, ...scope }: Profiles): Promise<NextRange> {
  if (!content.segment) throw new TypeError('no segment')
  const { text, values } = compileSegment(content.segment.definition, scope)
  await tx.query(WHOLE_CURSOR)
  const declared = `declare export_ids no scroll cursor for select profile_id from (${text}) s order by profile_id`
  await tx.query(declared, values)
  return async (count) => {
    const found = await tx.query<{ profile_id: number }>(`fetch ${count} from export_ids`)
    const listed = found.rows.map((row) => row.profile_id)
    const [first, last] = [listed[0], listed.at(-1)]
    return first === undefined || last === undefined ? undefined : { first, last, listed }
  }
}

/** Primary key of profile. */
const FIND_RANGE = `select min(profile_id) as first, max(profile_id) as last from (
    select profile_id from profile where workspace_id = $1 and profile_id > $2 order by profile_id limit $3) part`

/** Of all profiles only the bounds of a part are read. */
function openAll(tx: Transaction, workspaceId: number): NextRange {
  let after = 0
  return async (count) => {
    const { rows } = await tx.query<{ first: number | null; last: number | null }>(FIND_RANGE, [
      workspaceId,
      after,
      count,
    ])
    const { first = null, last = null } = rows[0] ?? {}
    if (first === null || last === null) return undefined
    after = last
    return { first, last }
  }
}

/** Primary key of profile, by range; the sets by theirs. */
function compileProfileRows(
  { workspaceId, content, shape, types }: Omit<Profiles, 'shape'> & { shape: RowQuery['shape'] | 'pieces' },
  stored: readonly StoredColumn[],
): { columns: CompiledColumn[]; read: (range: IdRange) => { text: string; values: unknown[] } } {
  const parameters = new Parameters()
  const columns = stored.map((column) => compileColumn(column, parameters, types))
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
    select p.profile_id, array_to_string(g.ids, ',')${selected}
      from profile p ${[...sets].map((set) => joinOf(set, among)).join('\n')}
     where p.workspace_id = ${workspace} and ${holds('p.profile_id')}
     order by p.profile_id`
  return {
    columns,
    read: ({ first, last, listed: ids }) => {
      const values = [...fixed, workspaceId, first, last]
      return { text, values: ids ? [...values, ids] : values }
    },
  }
}

/** An export of events. */
export type Events = RowQuery & { content: Extract<ExportContent, { kind: 'events' }> }

/** Nothing is stored as late as this. */
const LATEST = '9999-12-31T23:59:59.999Z'

/** The rows of the time by its partitions; with names by index event_name. The few merges are hashed. */
async function openEventRows(tx: Transaction, query: Events): Promise<RowReader> {
  const parameters = new Parameters()
  const stored = query.content.columns.filter((column) => column.source !== 'computed')
  const columns = stored.map((column) => compileColumn(column, parameters, query.types))
  const selected = selectList(columns, query.shape, parameters)
  const source = eventSource(query, parameters)
  await tx.query(WHOLE_CURSOR)
  const declared = `declare export_events no scroll cursor for
    select coalesce(m.to_id, e.profile_id), case when m.to_id is not null then e.profile_id end${selected} ${source}`
  await tx.query(declared, parameters.values)
  return {
    columns,
    next: (count) => readRows(tx, { text: `fetch ${count} from export_events` }, query.shape),
  }
}

/** Where the rows of an export of events come from. */
export function eventSource(
  { workspaceId, content }: Pick<Events, 'workspaceId' | 'content'>,
  parameters: Parameters,
): string {
  const workspace = parameters.add(workspaceId, 'integer')
  const from = parameters.add(toRfc3339(content.from ?? EARLIEST_INSTANT), 'timestamptz')
  const to = parameters.add(content.to === undefined ? LATEST : toRfc3339(content.to), 'timestamptz')
  const names = content.names && `and e.name = any(${parameters.add(content.names, 'text[]')})`
  return `from event e left join profile_merge m on m.workspace_id = ${workspace} and m.from_id = e.profile_id
     where e.workspace_id = ${workspace} and e.occurred_at >= ${from} and e.occurred_at < ${to} ${names ?? ''}`
}
