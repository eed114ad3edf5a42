import { expect, it } from 'vitest'
import { isUuid, newTraceId, newUuid, sha256Of, uuidFromHash } from './ids.ts'

it('ids of one process are unique and grow strictly, also within a millisecond', () => {
  const ids = Array.from({ length: 20_000 }, newUuid)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.every((id) => isUuid(id) && id[14] === '7')).toBe(true)
})

it('parts of a hash cannot be shifted into one another', () => {
  expect(sha256Of('ab', 'c').equals(sha256Of('a', 'bc'))).toBe(false)
})

it('the same hash gives the same UUID', () => {
  expect(uuidFromHash(sha256Of('x'))).toBe(uuidFromHash(sha256Of('x')))
  expect(isUuid(uuidFromHash(sha256Of('x')))).toBe(true)
})

it('a trace id is 32 hexadecimal digits', () => {
  expect(newTraceId()).toMatch(/^[0-9a-f]{32}$/)
})
