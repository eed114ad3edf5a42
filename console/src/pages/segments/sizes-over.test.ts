import { expect, test } from 'vitest'
import { sizesOver } from './sizes-over.ts'

const [ONE, TWO, NOW] = [
  { at: '2026-11-26T10:00:00Z', size: 1 },
  { at: '2026-11-26T11:00:00Z', size: 2 },
  { at: '2026-11-26T12:00:00Z', size: 2 },
]

test('sizes rise with time, and the line goes on to now', () => {
  expect(sizesOver([TWO, ONE], NOW)).toEqual({
    times: [ONE, TWO, NOW].map(({ at }) => Date.parse(at)),
    values: [1, 2, 2],
  })
})

test('nothing is added that is older than what is there, or unknown', () => {
  expect(sizesOver([NOW], ONE).values).toEqual([2])
  expect(sizesOver([], undefined)).toEqual({ times: [], values: [] })
})
