import { csvLine } from '../../../lib/csv.ts'
import type { RowReader } from '../../../storage/exports/rows.ts'
import type { Encoder } from './encoder.ts'

/** A table with a head. No value is an empty cell, the empty text one with quotes; lists and objects are JSON. */
export function openCsv(columns: RowReader['columns']): Encoder {
  return {
    head: () => Buffer.from(csvLine(columns.map(({ name }) => name))),
    rows: ({ cells }) => Buffer.from(cells.map(csvLine).join('')),
    end: () => Buffer.alloc(0),
  }
}
