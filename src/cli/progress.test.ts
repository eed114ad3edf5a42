import { expect, test } from 'vitest'
import { describeProgress } from './progress.ts'

test.each([
  ['says rate, share and what is left', 40, 100, '12,000 rows, 4,000 a second, 40 %, 5 s left'],
  ['of stdin knows no end', 40, undefined, '12,000 rows, 4,000 a second'],
  ['has no share of an empty file', 0, 0, '12,000 rows, 4,000 a second'],
  ['never promises more than all of it', 200, 100, '12,000 rows, 4,000 a second, 100 %, 0 s left'],
])('a progress %s', (_what, bytes, totalBytes, text) => {
  expect(describeProgress({ rows: 12_000, bytes, totalBytes, seconds: 3 })).toBe(text)
})
