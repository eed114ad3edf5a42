import { describe, expect, test } from 'vitest'
import { newUuid } from '../lib/ids.ts'
import { CdpError, ERRORS, STATUS_OF_KIND, toCdpError } from './errors.ts'
import { pageOf, readPlace } from './page.ts'
import type { InstantPlace } from './page.ts'

describe('a page', () => {
  const rows = Array.from({ length: 5 }, (_, n): InstantPlace => ({ at: 1_000 - n, id: newUuid() }))
  const page = (given: readonly InstantPlace[], limit: number) =>
    pageOf(
      given,
      limit,
      (row) => row,
      ({ at }) => at,
    )

  test('shows its limit, and leads on only when there was a surplus row', () => {
    expect(page(rows, 5)).toEqual({ items: [1_000, 999, 998, 997, 996], nextCursor: null })
    expect(page([], 5)).toEqual({ items: [], nextCursor: null })
    const { items, nextCursor } = page(rows, 4)
    expect(items).toHaveLength(4)
    expect(readPlace(nextCursor ?? '')).toEqual(rows[3])
  })

  test('has no place without a cursor, and refuses a cursor that no list gave', () => {
    expect(readPlace(undefined)).toBeUndefined()
    const foreign = [
      '',
      'x',
      ...[
        '[1]',
        '["a","b"]',
        `[9007199254740991,"${newUuid()}"]`,
        `[-8640000000000000,"${newUuid()}"]`,
        `[1.5,"${newUuid()}"]`,
        '[1,"no uuid"]',
      ].map(encode),
    ]
    for (const cursor of foreign) {
      expect(() => readPlace(cursor), cursor).toThrow(
        expect.objectContaining({ code: 'CDP_QUERY_INVALID' }) as Error,
      )
    }
  })
})

describe('an error', () => {
  test('has the kind, the status and the sentence of the table', () => {
    for (const [code, { kind, message }] of Object.entries(ERRORS)) {
      const error = new CdpError(code as keyof typeof ERRORS)
      expect({ kind: error.kind, message: error.message }).toEqual({ kind, message })
      expect(STATUS_OF_KIND[error.kind]).toBeGreaterThanOrEqual(400)
      expect(code).toMatch(/^CDP_[A-Z_]+$/)
      expect(message).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('that nobody threw on purpose is internal and keeps its cause for the log', () => {
    const cause = new Error('select secret from table')
    const error = toCdpError(cause)
    expect(error).toMatchObject({ code: 'CDP_INTERNAL', cause })
    expect(error.message).not.toContain('secret')
    expect(toCdpError(error)).toBe(error)
  })
})

function encode(json: string): string {
  return Buffer.from(json).toString('base64url')
}
