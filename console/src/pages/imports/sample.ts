import { parse } from 'csv-parse/browser/esm/sync'

/** The beginning of a file, as rows by column. */
export interface Sample {
  format: 'csv' | 'ndjson'
  /** Between the cells of a CSV file. */
  delimiter: string
  columns: string[]
  rows: Record<string, string>[]
}

/** So much of a file is looked at. */
export const SAMPLE_BYTES = 64 * 1_024

const ROWS_SHOWN = 5

const DELIMITERS = [',', ';', '\t', '|']

/**
 * Reads the beginning of a file.
 * @param isCut whether more comes behind it: its last line may be half
 * @throws Error in words, when nothing can be made of it
 */
export function readSample(text: string, isCut: boolean): Sample {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const whole = isCut ? lines.slice(0, -1) : lines
  const filled = whole.filter((line) => line.trim() !== '')
  const [first] = filled
  if (first === undefined) throw new Error('The file has no rows.')
  return first.trimStart().startsWith('{') ? readLines(filled) : readTable(whole.join('\n'), first)
}

function readLines(lines: readonly string[]): Sample {
  const rows = lines.slice(0, ROWS_SHOWN).map((line) => flatten(JSON.parse(line) as object))
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return { format: 'ndjson', delimiter: ',', columns, rows }
}

/** Members of members stand under paths with dots, as the server reads them. */
function flatten(value: object, prefix = ''): Record<string, string> {
  const entries = Object.entries(value as Record<string, unknown>).flatMap(([name, member]) => {
    const path = `${prefix}${name}`
    if (member !== null && typeof member === 'object' && !Array.isArray(member))
      return Object.entries(flatten(member, `${path}.`))
    return [[path, typeof member === 'string' ? member : JSON.stringify(member)] as const]
  })
  return Object.fromEntries(entries)
}

function readTable(text: string, first: string): Sample {
  const delimiter = delimiterOf(first)
  const options = { delimiter, to: ROWS_SHOWN + 1, relax_column_count: true, skip_empty_lines: true }
  const [columns = [], ...rows] = parse(text, options)
  const named = rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])),
  )
  return { format: 'csv', delimiter, columns, rows: named }
}

/** The one that the first line has most of. */
function delimiterOf(line: string): string {
  const count = (delimiter: string): number => line.split(delimiter).length
  return DELIMITERS.toSorted((one, other) => count(other) - count(one))[0] ?? ','
}
