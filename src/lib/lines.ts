import { StringDecoder } from 'node:string_decoder'

/** A line of a text, without its end. */
export interface Line {
  /** From 1. */
  number: number
  /** Of a line that is too long only its beginning. */
  text: string
  /** How it ends; empty where the text does. */
  end: string
  isTooLong: boolean
}

/** Ends of lines, as Unix, Windows and old Macs write them; kept by a split. */
const ENDS = /(\r\n|\n|\r)/

/**
 * The lines of a stream of UTF-8, or of UTF-16 where it begins with the mark of that, with bounded memory: a line that never ends
 * is read to its end and cut.
 * @param lengthMax longest line in characters
 */
export async function* readLines(source: AsyncIterable<Buffer>, lengthMax: number): AsyncGenerator<Line> {
  const open: Line = { number: 1, text: '', end: '', isTooLong: false }
  let decoder: StringDecoder | undefined
  let held = ''
  for await (const bytes of source) {
    decoder ??= new StringDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8')
    const text = held + decoder.write(bytes)
    // It may be the first half of an end.
    held = text.endsWith('\r') ? '\r' : ''
    yield* linesIn(text.slice(0, text.length - held.length), open, lengthMax)
  }
  yield* linesIn(held + (decoder?.end() ?? ''), open, lengthMax)
  if (open.text !== '') yield lineOf(open, '')
}

function* linesIn(text: string, open: Line, lengthMax: number): Generator<Line> {
  const parts = text.split(ENDS)
  for (let index = 0; index < parts.length; index += 2) {
    const [part = '', end] = parts.slice(index, index + 2)
    const isTooLong = open.text.length + part.length > lengthMax
    open.isTooLong ||= isTooLong
    open.text += isTooLong ? part.slice(0, Math.max(0, lengthMax - open.text.length)) : part
    if (end === undefined) return
    yield lineOf(open, end)
    Object.assign(open, { number: open.number + 1, text: '', isTooLong: false })
  }
}

/** The mark at the beginning of a text is none of it. */
function lineOf({ number, text, isTooLong }: Line, end: string): Line {
  return { number, text: number === 1 ? text.replace(/^\uFEFF/, '') : text, end, isTooLong }
}
