import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ACTS, ALL, GROUPS, compact, expand, summaryOf } from './role-permissions.ts'

test('what is shown short means the same, and is never longer than a role may be', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...ALL)), (permissions) => {
      const held = new Set(permissions)
      expect(expand(compact(held))).toEqual(held)
      expect(compact(held).length).toBeLessThanOrEqual(100)
    }),
  )
})

test.each([
  [['*'], ALL.length],
  [['*:read'], Object.keys(GROUPS).length],
  [['CLIENT_INFO:*'], ACTS.length],
  [['CLIENT_INFO'], 0],
  [['OTHER:read'], 0],
])('%j is %i permissions', (permissions, count) => {
  expect(expand(permissions).size).toBe(count)
})

test('a role is told in words', () => {
  expect(summaryOf(['*'])).toEqual(['Everything'])
  expect(summaryOf(['*:read', 'CLIENT_TAGS:edit'])).toEqual(['Everything: read', 'Tags: edit'])
  expect(summaryOf([])).toEqual([])
})
