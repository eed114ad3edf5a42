import { StringDecoder } from 'node:string_decoder'

/** A line of a text, without its end. */
export interface Line {
  /** From 1. */
  number: number
  /** Of a line that is too long only its beginning. */
  text: string
  isTooLong: boolean
}

/**
 * The lines of a stream of UTF-8, with bounded memory: a line that never ends is read to its end and cut.
 * @param lengthMax longest line in characters
 */
export async function* readLines(source: AsyncIterable<Buffer>, lengthMax: number): AsyncGenerator<Line> {
  const decoder = new StringDecoder('utf8')
  const open = { number: 1, text: '', isTooLong: false }
  for await (const bytes of source) yield* linesIn(decoder.write(bytes), open, lengthMax)
  yield* linesIn(decoder.end(), open, lengthMax)
  if (open.text !== '') yield lineOf(open)
}

function* linesIn(text: string, open: Line, lengthMax: number): Generator<Line> {
  const parts = text.split('\n')
  for (const [index, part] of parts.entries()) {
    const isTooLong = open.text.length + part.length > lengthMax
    open.isTooLong ||= isTooLong
    open.text += isTooLong ? part.slice(0, Math.max(0, lengthMax - open.text.length)) : part
    if (index === parts.length - 1) return
    yield lineOf(open)
    Object.assign(open, { number: open.number + 1, text: '', isTooLong: false })
  }
}

function lineOf({ number, text, isTooLong }: Line): Line {
  return { number, text: text.endsWith('\r') ? text.slice(0, -1) : text, isTooLong }
}
