import { CdpError } from '../../model/errors.ts'
import type { Column } from './mapping.ts'
import type { ImportRow } from './row-mapper.ts'

/**
 * Reads a mapping as people write it: `target=column` and `target=value`.
 * @param texts `map` names columns, `set` gives the same value to every row
 * @throws CDP_QUERY_INVALID a text without a target or without `=`
 */
export function parseColumns({ map, set }: { map: readonly string[]; set: readonly string[] }): Column[] {
  return [
    ...map.map((text) => split(text, 'map')).map(([target, column]) => ({ target, column })),
    ...set.map((text) => split(text, 'set')).map(([target, constant]) => ({ target, constant })),
  ]
}

function split(text: string, pointer: string): [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  const detail = `"${text}" must have the form target=column`
  throw new CdpError('CDP_QUERY_INVALID', { detail, pointer })
}

/** Rows that cannot be read are looked past so many times to find one that names the columns. */
const LOOKED_PAST_MAX = 1_000

/** They are kept until one is found, and together are no longer than this, in characters. */
const LOOKED_PAST_LENGTH_MAX = 16 * 1024 ** 2

/** Rows, and the columns that they name. */
export interface NamedRows {
  columns: Column[]
  /** All of them, from the first on. */
  rows: AsyncIterable<ImportRow>
}

/**
 * The mapping of a file whose columns are named like their targets: by its first row that can be read.
 * @throws CDP_BODY_INVALID none of the first thousand rows, or of as many as may be kept, can be read
 */
export async function nameColumns(rows: AsyncGenerator<ImportRow>): Promise<NamedRows> {
  const seen: ImportRow[] = []
  let length = 0
  for (let next = await rows.next(); !next.done; next = await rows.next()) {
    seen.push(next.value)
    length += next.value.text.length
    const { values } = next.value
    if (values)
      return {
        columns: Object.keys(values).map((name) => ({ target: name, column: name })),
        rows: inOrder(seen, rows),
      }
    if (seen.length === LOOKED_PAST_MAX || length > LOOKED_PAST_LENGTH_MAX)
      throw new CdpError('CDP_BODY_INVALID', {
        detail: `None of the first ${seen.length} rows can be read.`,
      })
  }
  return { columns: [], rows: inOrder(seen, rows) }
}

async function* inOrder(
  first: readonly ImportRow[],
  rest: AsyncIterable<ImportRow>,
): AsyncGenerator<ImportRow> {
  yield* first
  yield* rest
}
