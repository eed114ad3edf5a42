import type { ExportFormat } from '../../../model/export.ts'
import type { ExportRow, RowReader } from '../../../storage/exports/rows.ts'
import { openCsv } from './csv.ts'
import { openNdjson } from './ndjson.ts'
import { openParquet } from './parquet.ts'

/** Turns rows into the bytes of a file. Nothing is kept of rows that are written. */
export interface Encoder {
  /** What stands before the first row. */
  head: () => Buffer
  /** The bytes of some rows, which can be read by themselves. */
  rows: (rows: readonly ExportRow[]) => Buffer
  /** What stands behind the last row. */
  end: () => Buffer
}

/** How a format wants its rows. */
interface Format {
  /** Whether a row is one text of JSON or a text for each column. */
  shape: 'json' | 'cells'
  /** Whether columns have a type each, which must be known before the first row. */
  isTyped: boolean
  /** Bounds of the rows that are in memory at a time: how many, and how many characters. Twice as many are, because the next ones come meanwhile. */
  rowsMax: number
  lengthMax: number
  open: (columns: RowReader['columns']) => Encoder
}

/** Every format. Parquet wants long groups of rows: each column of a group is compressed by itself. */
export const FORMATS: Readonly<Record<ExportFormat, Format>> = {
  ndjson: { shape: 'json', isTyped: false, rowsMax: 4_000, lengthMax: 2 ** 21, open: openNdjson },
  csv: { shape: 'cells', isTyped: false, rowsMax: 4_000, lengthMax: 2 ** 21, open: openCsv },
  parquet: { shape: 'cells', isTyped: true, rowsMax: 20_000, lengthMax: 2 ** 23, open: openParquet },
}
