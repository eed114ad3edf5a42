import type { Line } from './lines.ts'

/** A record of a CSV text. */
export interface CsvRecord {
  /** On which it ends, from 1. */
  line: number
  /** As it stands in the text, without its end: several lines where a quoted cell has some. Of one that is too long only its beginning. */
  text: string
  /** Why it cannot be read. */
  problem: string | undefined
}

/**
 * The records of a CSV text (RFC 4180), by one look at each character, and without its empty lines. Quotes that are out of place
 * spoil one record and no other: it ends with its line. A quote that is never closed spoils all up to the next one.
 * @param lengthMax longest record in characters
 */
export async function* readCsvRecords(
  lines: AsyncIterable<Line>,
  delimiter: string,
  lengthMax: number,
): AsyncGenerator<CsvRecord> {
  let open: OpenRecord | undefined
  let last = 0
  for await (const line of lines) {
    last = line.number
    if (!open && line.text === '') continue
    open = extended(open, line, delimiter, lengthMax)
    if (open.quotedFrom !== undefined) continue
    yield { line: last, text: open.text, problem: open.problem }
    open = undefined
  }
  if (open)
    yield {
      line: last,
      text: open.text,
      problem: open.problem ?? `the quote that opens on line ${open.quotedFrom} is not closed`,
    }
}

interface OpenRecord {
  text: string
  /** What ended the line before. */
  end: string
  isTooLong: boolean
  problem: string | undefined
  /** The line of the quote that is still open. */
  quotedFrom: number | undefined
}

function extended(
  open: OpenRecord | undefined,
  line: Line,
  delimiter: string,
  lengthMax: number,
): OpenRecord {
  const { isQuoted, problem } = lookAt(line.text, delimiter, open !== undefined)
  const { text, isTooLong } = textWith(open, line, lengthMax)
  return {
    text,
    end: line.end,
    isTooLong,
    problem: isTooLong ? 'the row is too long' : problem,
    // What was cut off a line may have closed the quote.
    quotedFrom: isQuoted && !line.isTooLong ? (open?.quotedFrom ?? line.number) : undefined,
  }
}

/** The text so far with another line, cut where it gets too long: from then on no line is added, for each would copy all of it. */
function textWith(
  open: OpenRecord | undefined,
  line: Line,
  lengthMax: number,
): Pick<OpenRecord, 'text' | 'isTooLong'> {
  if (!open) return line
  if (open.isTooLong) return open
  const text = `${open.text}${open.end}${line.text}`
  return text.length > lengthMax
    ? { text: text.slice(0, lengthMax), isTooLong: true }
    : { text, isTooLong: line.isTooLong }
}

/** Whether a quoted cell goes on after this line, and what is wrong with its quotes. @param isOpen one goes on in this line */
function lookAt(
  text: string,
  delimiter: string,
  isOpen: boolean,
): { isQuoted: boolean; problem?: string | undefined } {
  let at = 0
  for (let isQuoted = isOpen; ; isQuoted = true) {
    if (isQuoted) {
      const quote = closingQuote(text, at)
      if (quote === -1) return { isQuoted: true }
      if (quote + 1 === text.length) return { isQuoted: false }
      at = quote + 1 + delimiter.length
      if (!text.startsWith(delimiter, quote + 1))
        return { isQuoted: false, problem: 'a quote ends before its cell does' }
    }
    const quote = text.indexOf('"', at)
    if (quote === -1) return { isQuoted: false }
    const before = quote - delimiter.length
    if (quote !== at && !(before >= at && text.startsWith(delimiter, before)))
      return { isQuoted: false, problem: 'a quote stands within a cell that does not begin with one' }
    at = quote + 1
  }
}

/** Where a quoted cell ends: two quotes are one of its text. @returns -1 not in this line */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}
