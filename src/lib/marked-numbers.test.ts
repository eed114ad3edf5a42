import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from './json.ts'

const PIECES = `{ } [ ] , : " "a" "\\"" \\ - 0 1 e5 .5 null 12345678901234567890 012345678901234567890 -1e999 1.e999 "12345678901234567890"`

/** What JSON is made of, and what it is not made of. */
const anyPiece = fc.constantFrom(' ', '\n', ...PIECES.split(' '))

const anyMembers = fc.dictionary(
  fc.string(),
  fc.array(fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null))),
  { noNullPrototype: true },
)

describe('a text with long numbers', () => {
  test('is JSON exactly where JSON.parse takes it', () => {
    const isJson = (parse: (text: string) => unknown, text: string): boolean => {
      try {
        parse(text)
        return true
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
        return false
      }
    }
    const check = (text: string): void => expect(isJson(parseJson, text), text).toBe(isJson(JSON.parse, text))
    fc.assert(
      fc.property(fc.array(fc.array(anyPiece, { maxLength: 7 }), { maxLength: 3 }), (groups) => {
        check(groups.flat().join(''))
        for (const pieces of groups) {
          check(`[12345678901234567890,${pieces.join('')}]`)
          check(`{"a":12345678901234567890,${pieces.join('')}}`)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('is refused in the words of the text that was sent', () => {
    // Marks have a # in them.
    expect(() => parseJson('[12345678901234567890,]')).toThrow(/^[^#]+$/)
    expect(() => parseJson('{12345678901234567890:1}')).toThrow(SyntaxError)
    expect(() => parseJson('{12345678901234567890 \n :1}')).toThrow(SyntaxError)
  })

  test('gives what the texts beside them say, whatever they look like', () => {
    fc.assert(
      fc.property(anyMembers, fc.string(), (beside, key) => {
        const text = `{"a":12345678901234567890,${JSON.stringify(`k${key}`)}:${JSON.stringify(beside)}}`
        const { a, ...rest } = parseJson(text).value as Record<string, unknown>
        expect(a).toBe('12345678901234567890')
        expect(rest).toEqual({ [`k${key}`]: beside })
      }),
      { numRuns: 500 },
    )
  })
})
