import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { ColumnType } from '../../../storage/exports/columns.ts'
import type { RowBatch, RowReader } from '../../../storage/exports/rows.ts'
import type { Encoder } from './encoder.ts'

type SchemaElement = ParquetWriter['schema'][number]

interface Type {
  element: Omit<SchemaElement, 'name'>
  read: (text: string) => unknown
}

const bytes = { type: 'BYTE_ARRAY' } as const

const TYPES: Readonly<Record<ColumnType, Type>> = {
  integer: { element: { type: 'INT64' }, read: BigInt },
  number: { element: { type: 'DOUBLE' }, read: Number },
  boolean: { element: { type: 'BOOLEAN' }, read: (text) => text === 'true' },
  text: { element: { ...bytes, converted_type: 'UTF8' }, read: (text) => text },
  time: { element: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }, read: (text) => new Date(text) },
  json: { element: { ...bytes, converted_type: 'JSON' }, read: (text) => JSON.parse(text) as unknown },
}

/** Parquet with a type for each column, all of which may be null; each part is a group of rows, compressed by Snappy. */
export function openParquet(columns: RowReader['columns']): Encoder {
  const writer = new ByteWriter()
  const elements = columns.map(({ name, type }) => {
    return { name, repetition_type: 'OPTIONAL' as const, ...TYPES[type].element }
  })
  const schema: SchemaElement[] = [{ name: 'root', num_children: columns.length }, ...elements]
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'tributary' })
  return {
    head: () => taken(writer),
    rows: ({ cells, count }) => {
      const columnData = columns.map((column, index) => columnOf(cells, column, index))
      void parquet.write({ columnData, rowGroupSize: count })
      return taken(writer)
    },
    end: () => {
      void parquet.finish()
      return taken(writer)
    },
  }
}

function columnOf(
  rows: RowBatch['cells'],
  { name, type }: RowReader['columns'][number],
  index: number,
): { name: string; data: unknown[]; offsetIndex: false; statistics: boolean } {
  const { read } = TYPES[type]
  const data = rows.map((cells) => {
    const cell = cells[index] ?? null
    return cell === null ? undefined : read(cell)
  })
  // Bounds of JSON are kept whole, for every group until the end.
  return { name, data, offsetIndex: false, statistics: type !== 'json' }
}

/** What was written since the last time; the offsets in the file go on. */
function taken(writer: ByteWriter): Buffer {
  const written = Buffer.from(writer.getBytes())
  writer.index = 0
  return written
}
