import { CdpError } from '../../model/errors.ts'
import type { Column } from './mapping.ts'

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

/** The mapping of a file whose columns are named like their targets. */
export function columnsNamed(names: readonly string[]): Column[] {
  return names.map((name) => ({ target: name, column: name }))
}
