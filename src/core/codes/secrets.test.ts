import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SALT_BYTES, hashTyped, newCode } from './secrets.ts'

describe('a new code', () => {
  const many = (form: 'link' | 'pin' | 'sms'): string[] => Array.from({ length: 500 }, () => newCode(form))

  it('has the shape of its form', () => {
    expect(many('link').every((code) => /^[\w-]{43}$/.test(code))).toBe(true)
    expect(many('pin').every((code) => /^\d{6}$/.test(code))).toBe(true)
    expect(many('sms').every((code) => /^[34679ACDEFGHJKMNPQRTUVWXY]{5}$/.test(code))).toBe(true)
  })

  it('is another one each time', () => {
    expect(new Set(many('link')).size).toBe(500)
    expect(new Set(many('sms')).size).toBeGreaterThan(490)
  })
})

describe('the hash of a typed code', () => {
  const place = { workspaceId: 1, purpose: 'pin', subject: 'a@b.c' }
  const salt = Buffer.alloc(SALT_BYTES, 1)
  const key = Buffer.alloc(32, 2)

  it('does not mind spaces and letter case', () => {
    expect(hashTyped(' ab3 cd\n', place, salt, key)).toEqual(hashTyped('AB3CD', place, salt, key))
  })

  it('differs by code, place, salt and key', () => {
    const hashes = [
      hashTyped('123456', place, salt, key),
      hashTyped('123457', place, salt, key),
      hashTyped('123456', { ...place, workspaceId: 2 }, salt, key),
      hashTyped('123456', { ...place, purpose: 'other' }, salt, key),
      hashTyped('123456', { ...place, subject: 'b@b.c' }, salt, key),
      hashTyped('123456', place, Buffer.alloc(SALT_BYTES, 3), key),
      hashTyped('123456', place, salt, Buffer.alloc(32, 3)),
    ]
    expect(new Set(hashes.map((hash) => hash.toString('hex'))).size).toBe(hashes.length)
  })

  it('does not run its parts together', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), fc.string(), (moved, purpose, subject) => {
        const left = hashTyped('1', { workspaceId: 1, purpose: purpose + moved, subject }, salt, key)
        const right = hashTyped('1', { workspaceId: 1, purpose, subject: moved + subject }, salt, key)
        expect(left.equals(right)).toBe(false)
      }),
    )
  })
})
