import { expect, test } from 'vitest'
import { countsShown, totalOf } from './erasure-words.ts'

test('a receipt tells what went, the most first', () => {
  const counts = { profiles: 1, companyRelations: 2, notes: 0, events: 12 }
  expect(countsShown(counts)).toEqual([
    ['events', 12],
    ['company relations', 2],
    ['profiles', 1],
  ])
  expect(totalOf(counts)).toBe(15)
})
