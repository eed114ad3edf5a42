import { pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import type { Json } from '../../lib/json.ts'
import { isJsonObject, jsonDepth, parseJson } from '../../lib/json.ts'
import { readLines } from '../../lib/lines.ts'
import type { ImportRow } from './row-mapper.ts'

/** Forms of files that can be imported. */
export const IMPORT_FORMATS = ['csv', 'jsonl'] as const

/** One of {@link IMPORT_FORMATS}. */
export type ImportFormat = (typeof IMPORT_FORMATS)[number]

/** Longest row in characters: one that never ends must not fill memory. */
const ROW_LENGTH_MAX = 4 * 1024 ** 2

/** Deepest nesting of a row: more than can be stored, and nothing recursive sees more. */
const DEPTH_MAX = 32

/** The rows of a file, with the lines on which they end; a line that cannot be read is a row with its problem. */
export function readRows(
  source: Readable,
  format: ImportFormat,
  delimiter: string,
): AsyncGenerator<ImportRow> {
  return format === 'csv' ? readCsv(source, delimiter) : readJsonLines(source)
}

/** What csv-parse gives for a row with `info` and `raw`. */
interface CsvRecord {
  info: { lines: number }
  raw: string
  record: Record<string, string>
}

async function* readCsv(source: Readable, delimiter: string): AsyncGenerator<ImportRow> {
  const broken: ImportRow[] = []
  const parser = parse({
    bom: true,
    columns: true,
    delimiter,
    info: true,
    raw: true,
    max_record_size: ROW_LENGTH_MAX,
    skip_empty_lines: true,
    skip_records_with_error: true,
  })
  parser.on('skip', (error: Error | undefined, text: string | undefined) => {
    const line = Number(error ? Reflect.get(error, 'lines') : 0)
    broken.push({ line, text: text ?? '', values: undefined, problem: error?.message ?? 'cannot be read' })
  })
  // Unlike pipe(), it hears of a source that failed before anybody read it; who iterates gets the error.
  pipeline(source, parser, () => undefined)
  for await (const { info, raw, record } of parser as AsyncIterable<CsvRecord>) {
    yield* broken.splice(0)
    yield { line: info.lines, text: raw.trimEnd(), values: record }
  }
  yield* broken
}

async function* readJsonLines(source: Readable): AsyncGenerator<ImportRow> {
  for await (const { number: line, text, isTooLong } of readLines(source, ROW_LENGTH_MAX)) {
    if (isTooLong) yield { line, text, values: undefined, problem: 'the line is too long' }
    else if (text.trim() !== '') yield { line, text, ...readJsonLine(text) }
  }
}

function readJsonLine(text: string): Pick<ImportRow, 'values' | 'problem'> {
  if (jsonDepth(text, DEPTH_MAX) > DEPTH_MAX)
    return { values: undefined, problem: 'the line is nested too deeply' }
  try {
    const value = parseJson(text).value as Json
    if (isJsonObject(value)) return { values: value }
    return { values: undefined, problem: 'the line is no JSON object' }
  } catch {
    return { values: undefined, problem: 'the line is not JSON' }
  }
}
