import type { ExportFormat } from '../../../model/export.ts'
import type { RowReader } from '../../../storage/exports/rows.ts'
import { openCsv } from './csv.ts'
import type { Encoder } from './encoder.ts'
import { openNdjson } from './ndjson.ts'
import { openParquet } from './parquet.ts'

/** How a format wants its rows. */
interface Format {
  /** Whether rows are lines of JSON or a text for each column. */
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
  ndjson: { shape: 'json', isTyped: false, rowsMax: 2_000, lengthMax: 2 ** 19, open: openNdjson },
  csv: { shape: 'cells', isTyped: false, rowsMax: 2_000, lengthMax: 2 ** 19, open: openCsv },
  parquet: { shape: 'cells', isTyped: true, rowsMax: 10_000, lengthMax: 2 ** 21, open: openParquet },
}
