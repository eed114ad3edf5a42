import type { Instant } from '../../lib/time.ts'
import type { Command, CommandResult, Unit } from '../../model/command.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import type { ImportRefusal, ImportedRow, RowMap } from '../../model/import.ts'

/** Rows as commands; `rows` has the row of each command at the same index. */
export interface MappedRows {
  commands: readonly Command[]
  rows: readonly ImportedRow[]
  show: RowMap['show']
  /** Rows that are no command, in their order. */
  refused: readonly ImportRefusal[]
}

/** Maps rows, each for itself: one that cannot be mapped refuses no other. */
export function mapRows(
  rows: readonly ImportedRow[],
  { map, show }: RowMap,
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
      refused.push(refusalOf(row, show, toCdpError(error)))
    }
  }
  return { commands, rows: mapped, show, refused }
}

/** Every row that is not stored, in their order. @param results of the commands, in their order; some may be missing */
export function refusalsOf(
  { rows, show, refused }: MappedRows,
  results: readonly (CommandResult | undefined)[],
): ImportRefusal[] {
  const later = rows.flatMap((row, index) => {
    const result = results[index]
    return result && !result.ok ? [refusalOf(row, show, result.error, result.pointer)] : []
  })
  return [...refused, ...later].toSorted((a, b) => a.line - b.line)
}

function refusalOf(
  row: ImportedRow,
  show: RowMap['show'],
  error: CdpError,
  pointer = error.pointer ?? '',
): ImportRefusal {
  return { line: row.line, code: error.code, detail: error.message, pointer, item: show(row) }
}

/** What became of rows. Those that are in none of the three were stored before. */
export interface RowsOutcome {
  /** Rows that made a profile, and rows that wrote to one. */
  created: number
  updated: number
  refused: readonly ImportRefusal[]
}

/** Rows as a part of the write path, each standing for itself; the answer's body is a {@link RowsOutcome}. */
export function rowsUnit(mapped: MappedRows): Pick<Unit, 'atomic' | 'commands' | 'dropped' | 'answer'> {
  return {
    atomic: 'each',
    commands: mapped.commands,
    dropped: mapped.refused.map(({ pointer, item, detail }) => ({
      reason: 'request_refused',
      pointer,
      detail,
      item,
    })),
    answer: (results) => ({ status: 200, body: outcomeOf(mapped, results) }),
  }
}

/** @throws CDP_OVERLOADED a row was not tried for a reason of ours: nothing must say that it was refused */
function outcomeOf(mapped: MappedRows, results: readonly CommandResult[]): RowsOutcome {
  let [created, updated] = [0, 0]
  for (const result of results) {
    if (!result.ok && result.error.kind === 'unavailable')
      throw new CdpError('CDP_OVERLOADED', { cause: result.error, retryAfterSeconds: 1 })
    if (!result.ok || 'ignored' in result || result.duplicate) continue
    if (result.created) created++
    else updated++
  }
  return { created, updated, refused: refusalsOf(mapped, results) }
}
