import type { Readable } from 'node:stream'
import { parse } from 'csv-parse/sync'
import type { Json } from '../../lib/json.ts'
import { readCsvRecords } from '../../lib/csv-records.ts'
import type { CsvRecord } from '../../lib/csv-records.ts'
import { isJsonObject, jsonDepth, parseJson } from '../../lib/json.ts'
import { readLines } from '../../lib/lines.ts'
import { CdpError } from '../../model/errors.ts'
import type { ImportRow } from './row-mapper.ts'

/** Forms of files that can be imported. */
export const IMPORT_FORMATS = ['csv', 'jsonl'] as const

/** One of {@link IMPORT_FORMATS}. */
export type ImportFormat = (typeof IMPORT_FORMATS)[number]

/** What may stand between the cells of CSV. */
export const DELIMITER = /^[^"\r\n]$/u

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

/** Most columns of CSV: of each row an object with as many members is made, while nothing else is served. */
const COLUMNS_MAX = 10_000

/** Records of CSV that are parsed together, and their length in characters: parsing each for itself takes several times as long. */
const BLOCK_ROWS = 1_000
const BLOCK_LENGTH = 64 * 1024

async function* readCsv(source: Readable, delimiter: string): AsyncGenerator<ImportRow> {
  let names: readonly string[] | undefined
  let block: CsvRecord[] = []
  let length = 0
  for await (const record of readCsvRecords(readLines(source, ROW_LENGTH_MAX), delimiter, ROW_LENGTH_MAX)) {
    if (!names) {
      names = namesIn(record, delimiter)
      continue
    }
    block.push(record)
    length += record.text.length
    if (block.length < BLOCK_ROWS && length < BLOCK_LENGTH) continue
    yield* rowsOf(block, names, delimiter)
    block = []
    length = 0
  }
  if (names) yield* rowsOf(block, names, delimiter)
}

/** @throws CDP_BODY_INVALID without names no row has a meaning */
function namesIn({ text, problem }: CsvRecord, delimiter: string): readonly string[] {
  const [names = []] = problem === undefined ? cellsOf([text], delimiter) : []
  const wrong = names.length > COLUMNS_MAX ? `it has more than ${COLUMNS_MAX} cells` : problem
  if (wrong === undefined) return names
  throw new CdpError('CDP_BODY_INVALID', {
    detail: `The first row, which names the columns, cannot be read: ${wrong}.`,
  })
}

function* rowsOf(
  block: readonly CsvRecord[],
  names: readonly string[],
  delimiter: string,
): Generator<ImportRow> {
  const readable = block.filter(({ problem }) => problem === undefined).map(({ text }) => text)
  const cells = cellsOf(readable, delimiter)
  let next = 0
  for (const { line, text, problem } of block) {
    const row = { line, text: text.trimEnd() }
    if (problem === undefined) yield { ...row, ...namedCells(cells[next++] ?? [], names) }
    else yield { ...row, values: undefined, problem }
  }
}

function namedCells(
  cells: readonly string[],
  names: readonly string[],
): Pick<ImportRow, 'values' | 'problem'> {
  if (cells.length === names.length)
    return { values: Object.fromEntries(cells.map((cell, index) => [names[index] ?? '', cell])) }
  const problem = `the number of cells is ${cells.length}, that of the columns ${names.length}`
  return { values: undefined, problem }
}

/**
 * The cells of records whose quotes are in place. csv-parse sees no others: of each quote that is out of place it makes an error with
 * all that its row holds so far, and of a row that is too long it drops what follows.
 */
function cellsOf(texts: readonly string[], delimiter: string): string[][] {
  return parse(texts.join('\n'), { delimiter, record_delimiter: '\n', relax_column_count: true })
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
