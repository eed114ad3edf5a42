import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeCursor, encodeCursor } from './cursor.ts'
import { isUuid, newSecret, newTraceId, newUuid, sha256, sha256Of, uuidFromHash } from './ids.ts'
import { fitsCodePoints, isStorableText, toStorableText } from './text.ts'

const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('\0', '\uD83D', '\uDE00', '😀', 'a'),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    ),
  )
  .map((units) => units.join(''))

describe('storable text', () => {
  test('is what survives a round trip through UTF-8 and holds no NUL', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const survives = Buffer.from(text, 'utf8').toString('utf8') === text && !text.includes('\0')
        expect(isStorableText(text)).toBe(survives)
        expect(isStorableText(toStorableText(text))).toBe(true)
        if (survives) expect(toStorableText(text)).toBe(text)
        expect(toStorableText(text)).toHaveLength(text.length)
      }),
    )
  })

  test('is measured in code points, halves of a pair counting by themselves', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 40 }), (text, limit) => {
        expect(fitsCodePoints(text.toWellFormed(), limit)).toBe(
          Array.from(text.toWellFormed()).length <= limit,
        )
      }),
    )
    expect(fitsCodePoints('😀'.repeat(255), 255)).toBe(true)
    expect(fitsCodePoints('😀'.repeat(256), 255)).toBe(false)
    expect(fitsCodePoints(`${'😀'.repeat(254)}ab`, 255)).toBe(false)
  })
})

describe('cursors', () => {
  test('give back the parts they were made of, in characters that a URL needs not escape', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.integer())), (parts) => {
        const cursor = encodeCursor(parts)
        expect(cursor).toMatch(/^[\w-]*$/)
        expect(decodeCursor(cursor)).toEqual(parts)
      }),
    )
  })

  test('are undefined when they are none of ours', () => {
    for (const text of [
      '',
      '!',
      'bm90IGpzb24',
      ...['{}', 'null', '1', '[null]', '[[1]]', '[true]'].map((json) =>
        Buffer.from(json).toString('base64url'),
      ),
    ]) {
      expect(decodeCursor(text), text).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => decodeCursor(text)).not.toThrow()
      }),
    )
  })
})

describe('ids', () => {
  test('of version 7 sort in the order they were made', () => {
    const made = Array.from({ length: 5_000 }, newUuid)
    expect(made.toSorted()).toEqual(made)
    expect(made.every(isUuid)).toBe(true)
  })

  test('hash texts so that where one ends and the next begins matters', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (left, right) => {
        const same = JSON.stringify(left) === JSON.stringify(right)
        expect(sha256Of(...left).equals(sha256Of(...right))).toBe(same)
      }),
    )
    expect(sha256Of('ab', 'c').equals(sha256Of('a', 'bc'))).toBe(false)
    expect(sha256('abc').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })

  test('made of a hash are UUIDs, the same for the same input', () => {
    const id = uuidFromHash(sha256('x'))
    expect([isUuid(id), id[14], uuidFromHash(sha256('x'))]).toEqual([true, '8', id])
    expect('89ab').toContain(id[19])
  })

  test('that are secret are long and never twice the same', () => {
    const secrets = Array.from({ length: 100 }, () => newSecret('tk_'))
    expect(new Set(secrets).size).toBe(100)
    for (const secret of secrets) expect(secret).toMatch(/^tk_[\w-]{32}$/)
    expect(newTraceId()).toMatch(/^[0-9a-f]{32}$/)
  })
})
