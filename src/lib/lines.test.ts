import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLines } from './lines.ts'
import type { Line } from './lines.ts'

async function linesOf(parts: readonly Buffer[], lengthMax: number): Promise<Line[]> {
  async function* source(): AsyncGenerator<Buffer> {
    yield* parts
  }
  const lines: Line[] = []
  for await (const line of readLines(source(), lengthMax)) lines.push(line)
  return lines
}

test('lines are the same wherever the stream is cut, also inside a character', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ' '))),
      fc.integer({ min: 1, max: 7 }),
      async (texts, size) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
          bytes.subarray(n * size, (n + 1) * size),
        )
        const lines = await linesOf(parts, 1_000)
        expect(lines.map(({ text }) => text)).toEqual(texts)
        expect(lines.map(({ number }) => number)).toEqual(texts.map((_text, index) => index + 1))
      },
    ),
  )
})

test('a line that is too long is cut, and the next one is whole', async () => {
  const parts = ['abc', 'defghi', 'j\r', '\nnext\rmore\n\nlast'].map((text) => Buffer.from(text))
  expect(await linesOf(parts, 5)).toEqual([
    { number: 1, text: 'abcde', end: '\r\n', isTooLong: true },
    { number: 2, text: 'next', end: '\r', isTooLong: false },
    { number: 3, text: 'more', end: '\n', isTooLong: false },
    { number: 4, text: '', end: '\n', isTooLong: false },
    { number: 5, text: 'last', end: '', isTooLong: false },
  ])
})

test.each(['utf8', 'utf16le'] as const)(
  'a text of %s may say so with a mark, which is none of it',
  async (encoding) => {
    const bytes = Buffer.from('\uFEFFname\r\nZoë', encoding)
    const parts = [bytes.subarray(0, 9), bytes.subarray(9)]
    expect((await linesOf(parts, 5)).map(({ text }) => text)).toEqual(['name', 'Zoë'])
  },
)
