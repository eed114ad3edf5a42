import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  escapePointer,
  isJsonObject,
  jsonDepth,
  jsonEquals,
  parseJson,
  parseStoredJson,
  pointerTokens,
} from './json.ts'

/** Any JSON; its whole numbers lie where a double tells each from its neighbours. */
const anyJson = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
    fc.maxSafeInteger(),
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  ),
})).value

/** A number that no double holds, as JSON text. */
const anyExact = fc.oneof(
  fc
    .bigInt({ min: 2n ** 53n + 1n, max: 2n ** 90n })
    .filter((value) => BigInt(Number(value)) !== value)
    .map(String),
  fc.constantFrom(
    '0.12345678901234567890123',
    '1e400',
    '-1E+999',
    '9007199254740993',
    '-12345678901234567891',
  ),
)

describe('parseJson', () => {
  test('gives what JSON.parse gives when a double holds every number', () => {
    fc.assert(
      fc.property(anyJson, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent)
        const parsed = parseJson(text)
        expect(parsed.value).toEqual(JSON.parse(text))
        expect(parsed.exactNumbers).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test('hands out digits that a double cannot hold, and says exactly where they stood', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
        anyExact,
        anyJson,
        (path, exact, beside) => {
          const place = path.reduceRight(
            (inner, key) => `{"beside":1,${JSON.stringify(`k${key}`)}:[0,${inner}]}`,
            exact,
          )
          const { value, exactNumbers } = parseJson(`{"a":${JSON.stringify(beside)},"b":${place}}`)
          const [pointer = ''] = exactNumbers
          expect(exactNumbers).toHaveLength(1)
          expect(pointer).toBe(`/b${path.map((key) => `/${escapePointer(`k${key}`)}/1`).join('')}`)
          expect(valueAt(value, pointer)).toBe(exact)
        },
      ),
    )
  })

  test('keeps two ids apart that one double would make one', () => {
    const { value } = parseJson('[{"user_id":12345678901234567890},{"user_id":12345678901234567891}]')
    expect(value).toEqual([{ user_id: '12345678901234567890' }, { user_id: '12345678901234567891' }])
  })

  test('hands out every whole number beyond 2^53 - 1 as text, also one that a double happens to hold', () => {
    for (const text of ['9007199254740992', '10000000000000000', '-9007199254740992']) {
      expect(parseJson(`{"id":${text}}`)).toEqual({ value: { id: text }, exactNumbers: ['/id'] })
    }
    expect(parseJson('[9007199254740991,-9007199254740991]').exactNumbers).toEqual([])
  })

  test('takes a double that its sender printed in full for what it is', () => {
    for (const text of [
      '39.799999999999997',
      '0.30000000000000004',
      '1e21',
      '1.7976931348623157e308',
      '5e-324',
      '1e100',
      '-0.1e-100',
    ]) {
      expect(parseJson(`[${text}]`)).toEqual({ value: [Number(text)], exactNumbers: [] })
    }
  })

  test('makes no prototype of a key, and takes the last of two equal keys', () => {
    const text = '{"__proto__":{"polluted":12345678901234567890},"a":1,"a":12345678901234567891}'
    const { value, exactNumbers } = parseJson(text)
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(exactNumbers).toEqual(['/__proto__/polluted', '/a'])
    expect((value as Record<string, unknown>)['a']).toBe('12345678901234567891')
  })

  test('refuses what is not JSON, with and without long numbers', () => {
    for (const text of [
      '',
      '{',
      '[1,]',
      '{"a":1}}',
      'NaN',
      '01',
      "{'a':1}",
      '[12345678901234567890',
      '[12345678901234567890,]',
      '[0x1234567890123456]',
    ]) {
      expect(() => parseJson(text), text).toThrow(SyntaxError)
    }
  })
})

describe('pointers', () => {
  test('lead back to the tokens they were made of', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('~', '/', '~1', '~01', '')), { minLength: 1 }),
        (tokens) => {
          expect(pointerTokens(tokens.map(escapePointer).join('/'))).toEqual(tokens)
        },
      ),
    )
  })
})

describe('jsonDepth', () => {
  test('is the real depth of any JSON, whatever its texts hold', () => {
    const anyTricky = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom('[[[', '"]', '\\"{', '\\', '{"a":["', ''),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('[', '\\', '"{"', 'a'), tie('value'), { maxKeys: 3 }),
      ),
    })).value
    fc.assert(
      fc.property(anyTricky, (value) => {
        expect(jsonDepth(JSON.stringify(value), 100)).toBe(depthOf(value))
      }),
      { numRuns: 500 },
    )
  })

  test('stops counting beyond its limit, and survives what is not JSON', () => {
    expect(jsonDepth('['.repeat(1_000_000), 20)).toBe(21)
    for (const text of ['"', '"\\', ']]]', '{"a', '"\\\\"['])
      expect(jsonDepth(text, 20)).toBeLessThanOrEqual(1)
  })

  test('takes no quadratic time for a text full of backslashes', () => {
    const startedMs = performance.now()
    expect(jsonDepth(`"${'\\\\'.repeat(500_000)}"`, 20)).toBe(0)
    expect(jsonDepth(`"${'\\"'.repeat(500_000)}"`, 20)).toBe(0)
    expect(performance.now() - startedMs).toBeLessThan(2_000)
  })
})

describe('jsonEquals', () => {
  test('says the same of a value and its copy with keys in another order', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(jsonEquals(value, reversed(value))).toBe(true)
      }),
    )
  })

  test('tells apart what JSON tells apart', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (left, right) => {
        expect(jsonEquals(left, right)).toBe(canonical(left) === canonical(right))
      }),
    )
    const pairs: [unknown, unknown][] = [
      [1, '1'],
      [null, {}],
      [[], {}],
      [{ a: null }, {}],
      [{ a: 1 }, { b: 1 }],
      [[1], { 0: 1 }],
      [{ toString: 1 }, {}],
    ]
    for (const [left, right] of pairs) expect(jsonEquals(left, right)).toBe(false)
  })
})

test('only an object is a JSON object', () => {
  expect([{}, Object.create(null), [], null, 'a', 1].map(isJsonObject)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

function valueAt(value: unknown, pointer: string): unknown {
  return pointerTokens(pointer.slice(1)).reduce((inner, token) => Reflect.get(inner as object, token), value)
}

function depthOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}

/** JSON text with sorted keys; -0 is 0, as jsonEquals has it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
  return `{${entries.toSorted().join()}}`
}

describe('parseStoredJson', () => {
  test('gives a number where some double prints it, and its digits where none does', () => {
    const numbers: [text: string, value: unknown][] = [
      ['9223372036854776000', 2 ** 63],
      ['9223372036854775808', '9223372036854775808'],
      [`-1${'0'.repeat(300)}`, -1e300],
      [`-1${'0'.repeat(299)}1`, `-1${'0'.repeat(299)}1`],
      ['0.0000000000000000005', 5e-19],
      ['0.12345678901234567890', '0.12345678901234567890'],
      ['0.000000000000000000', 0],
      [`1${'0'.repeat(400)}`, `1${'0'.repeat(400)}`],
      ['333333333333.333333333333', '333333333333.333333333333'],
      ['2.5000000000000000000', 2.5],
    ]
    for (const [text, value] of numbers)
      expect(parseStoredJson(`[${text}, {"a": ${text}}]`)).toEqual([value, { a: value }])
  })

  test('gives what JSON.parse gives of what doubles print', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = JSON.stringify(value)
        expect(parseStoredJson(text)).toEqual(JSON.parse(text))
      }),
      { numRuns: 500 },
    )
  })
})
