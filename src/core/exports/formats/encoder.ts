import type { RowBatch } from '../../../storage/exports/rows.ts'

/** Turns rows into the bytes of a file. Nothing is kept of rows that are written. */
export interface Encoder {
  /** What stands before the first row. */
  head: () => Buffer
  /** The bytes of some rows, which can be read by themselves. */
  rows: (batch: RowBatch) => Buffer
  /** What stands behind the last row. */
  end: () => Buffer
}
