import { sha256Of } from '../../lib/ids.ts'
import { escapePointer } from '../../lib/json.ts'
import type { Json, JsonObject } from '../../lib/json.ts'
import type { Notice } from '../../model/command.ts'
import { CdpError } from '../../model/errors.ts'
import type { ImportMapper, ImportedRow, RowMap } from '../../model/import.ts'
import { compileMapping } from './mapping.ts'
import type { Column, ImportType } from './mapping.ts'

/** A row of a file. `text` is what stands in the file: with its place it makes the id of the row's event. */
export interface ImportRow {
  line: number
  text: string
  /** Undefined where the line could not be read; `problem` says why. */
  values: Readonly<Record<string, Json>> | undefined
  problem?: string
}

/** What the rows of a file are, and where each column of them goes. */
export interface RowPlan {
  type: ImportType
  columns: readonly Column[]
  /** The first row named the columns: what others have beside them is noted. */
  isNamedByRows?: boolean
}

/** What events of an import have as source, and profiles as dialect, whichever way their file came. */
export const ROW_SOURCE = 'import'

/** Rows of files in the product's own words; the options of an import are its {@link RowPlan}. */
export const rowMapper: ImportMapper = {
  kind: 'rows',
  source: ROW_SOURCE,
  compile: (options) => compileRows(options as unknown as RowPlan),
}

/**
 * Prepares for the rows of one file.
 * @throws CDP_BODY_INVALID a target that there is not
 */
export function compileRows({ type, columns, isNamedByRows = false }: RowPlan): RowMap {
  const mapping = compileMapping(type, columns)
  const names = new Set(columns.map(({ target }) => target))
  const map: RowMap['map'] = ({ line, values, problem, id }, receivedAt) => {
    const pointer = `/${line}`
    if (values === undefined)
      throw new CdpError('CDP_BODY_UNPARSABLE', { detail: problem ?? 'cannot be read', pointer })
    const mapped = mapping(values as JsonObject, receivedAt)
    const others = isNamedByRows ? Object.keys(values as JsonObject).filter((name) => !names.has(name)) : []
    const notices = others.map((name): Notice => ({
      reason: 'field_unknown',
      pointer: `${pointer}/${escapePointer(name)}`,
    }))
    const command = { ...mapped, pointer, item: values, notices: [...mapped.notices, ...notices] }
    const { event } = command
    if (!event || event.messageId || id === undefined) return command
    return { ...command, event: { ...event, messageId: id } }
  }
  return { map, show: ({ values, text }) => values ?? text ?? null }
}

/**
 * Prepares rows of a file for being kept. One whose event has no id of its own gets one made of its line, its text and
 * its mapping: the same file again stores nothing twice, and the same row mapped otherwise is another event.
 */
export function keepRows({ type, columns }: RowPlan): (row: ImportRow) => ImportedRow {
  const mappingKey = JSON.stringify([type, columns])
  return ({ line, text, values, problem }) => {
    if (!values) return { line, text, problem: problem ?? 'cannot be read' }
    if (type === 'profiles') return { line, values }
    return { line, values, id: sha256Of('import', mappingKey, String(line), text).toString('hex') }
  }
}
