import type { Json } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import type { ComputedColumn, ExportColumn } from '../../model/export.ts'
import type { Transaction } from '../db.ts'
import { findComputedValues } from '../segments/computed.ts'
import type { ColumnType, CompiledColumn } from './columns.ts'

/** Of which profiles values are computed, and as of when. */
interface ComputedScope {
  workspaceId: number
  timezone: string
  now: Instant
}

/** How the rows look that values are put into. */
interface JoinOptions {
  shape: 'json' | 'cells'
  /** All columns in their order. */
  columns: readonly ExportColumn[]
  /** Those whose values are stored, in the same order. */
  stored: readonly CompiledColumn[]
  /** Whether the file has types. */
  isTyped: boolean
}

/** Puts computed values between stored ones. */
export interface Joiner {
  columns: readonly { name: string; type: ColumnType }[]
  /** @param rows of each profile the stored values: JSON where `shape` is `json`, else texts */
  join(
    tx: Transaction,
    profileIds: readonly number[],
    rows: readonly (readonly (string | null)[])[],
  ): Promise<(string | null)[][]>
}

/** Aggregates that give nothing but numbers; whatever else is computed may be of any type. */
const NUMBERS = new Set(['count', 'sum', 'avg', 'min', 'max', 'distinct'])

/** Prepares for the rows of an export. */
export function openJoiner(scope: ComputedScope, { shape, columns, stored, isTyped }: JoinOptions): Joiner {
  const computed = columns.flatMap((column) =>
    column.source === 'computed' && column.computed ? [column] : [],
  )
  const definitions = computed.flatMap((column) => (column.computed ? [column.computed] : []))
  const typed = columns.map(({ name }) => {
    const column = computed.find((one) => one.name === name)
    return {
      name,
      type: column ? typeOf(column, isTyped) : (stored.find((one) => one.name === name)?.type ?? 'text'),
    }
  })
  const write = shape === 'json' ? jsonOf : textOf
  return {
    columns: typed,
    join: async (tx, profileIds, rows) => {
      // Members of a part are few against all events: they are looked up, where stored values are hashed.
      await tx.query("select set_config('enable_nestloop', 'on', true)")
      const found = await findComputedValues(tx, definitions, { ...scope, profileIds })
      await tx.query("select set_config('enable_nestloop', 'off', true)")
      return rows.map((row, index) => {
        const values = (found.get(profileIds[index] ?? 0) ?? []).values()
        const cells = row.values()
        return columns.map((column, place) => {
          if (column.source !== 'computed') return cells.next().value ?? null
          return write(values.next().value ?? null, typed[place]?.type ?? 'text')
        })
      })
    },
  }
}

function typeOf({ computed }: ComputedColumn, isTyped: boolean): ColumnType {
  if (!isTyped) return 'text'
  return computed?.kind === 'aggregate' && NUMBERS.has(computed.definition.function) ? 'number' : 'json'
}

function jsonOf(value: Json): string {
  return JSON.stringify(value)
}

/** Null where there is no value; a text as it is, unless the column is one of JSON. */
function textOf(value: Json, type: ColumnType): string | null {
  if (value === null) return null
  return typeof value === 'string' && type !== 'json' ? value : JSON.stringify(value)
}
