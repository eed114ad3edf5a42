import type { Instant } from '../../lib/time.ts'
import type { Command, CommandResult } from '../../model/command.ts'
import { toCdpError } from '../../model/errors.ts'
import type { CdpError } from '../../model/errors.ts'
import type { ImportRefusal, ImportedRow } from '../../model/import.ts'

/** Rows as commands; `rows` has the row of each command at the same index. */
export interface MappedRows {
  commands: readonly Command[]
  rows: readonly ImportedRow[]
  /** Rows that are no command, in their order. */
  refused: readonly ImportRefusal[]
}

/** Maps rows, each for itself: one that cannot be mapped refuses no other. */
export function mapRows(
  rows: readonly ImportedRow[],
  map: (row: ImportedRow, receivedAt: Instant) => Command,
  receivedAt: Instant,
): MappedRows {
  const commands: Command[] = []
  const mapped: ImportedRow[] = []
  const refused: ImportRefusal[] = []
  for (const row of rows) {
    try {
      commands.push(map(row, receivedAt))
      mapped.push(row)
    } catch (error) {
      refused.push(refusalOf(row, toCdpError(error)))
    }
  }
  return { commands, rows: mapped, refused }
}

/** Every row that is not stored, in their order. @param results of the commands, in their order; some may be missing */
export function refusalsOf(
  { rows, refused }: MappedRows,
  results: readonly (CommandResult | undefined)[],
): ImportRefusal[] {
  const later = rows.flatMap((row, index) => {
    const result = results[index]
    return result && !result.ok ? [refusalOf(row, result.error, result.pointer)] : []
  })
  return [...refused, ...later].toSorted((a, b) => a.line - b.line)
}

function refusalOf(row: ImportedRow, error: CdpError, pointer = error.pointer ?? ''): ImportRefusal {
  const { line, values, text } = row
  return { line, code: error.code, detail: error.message, pointer, item: values ?? text ?? null }
}
