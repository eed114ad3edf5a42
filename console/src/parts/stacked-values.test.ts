import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stackedValues } from './stacked-values.ts'

test('each line is as far above the one before it as its own value, and none adds nothing', () => {
  const value = fc.option(fc.integer({ min: 0, max: 1_000 }))
  const lines = fc
    .integer({ min: 1, max: 8 })
    .chain((length) => fc.array(fc.array(value, { minLength: length, maxLength: length }), { minLength: 1 }))
  fc.assert(
    fc.property(lines, (all) => {
      const stacked = stackedValues(all.map((values) => ({ values })))
      for (const [line, values] of all.entries())
        for (const [index, own] of values.entries())
          expect((stacked[line]?.[index] ?? 0) - (stacked[line - 1]?.[index] ?? 0)).toBe(own ?? 0)
    }),
  )
})
