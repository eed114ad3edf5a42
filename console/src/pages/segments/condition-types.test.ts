import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CONDITION_KINDS, grouped, negated, titleOf } from './condition-types.ts'

const condition = fc.constantFrom(...CONDITION_KINDS.map(({ draft }) => draft))

test('a condition that is turned around twice is what it was', () => {
  fc.assert(
    fc.property(condition, (given) => {
      expect(negated(negated(given))).toEqual(given)
    }),
  )
})

test('a negation that says more than that is wrapped, and loses nothing', () => {
  const odd = { type: 'not', condition: { type: 'anonymous' }, note: 'mine' }
  expect(negated(odd)).toEqual({ type: 'not', condition: odd })
})

test('a group holds the condition as it was', () => {
  fc.assert(
    fc.property(condition, fc.constantFrom('and', 'or'), (given, type) => {
      expect(grouped(given, type)).toEqual({ type, conditions: [given] })
    }),
  )
})

test('every condition has a title, also one that nobody knows', () => {
  for (const { draft } of CONDITION_KINDS) expect(titleOf(draft)).not.toBe('')
  expect(titleOf({ type: 'astrology' })).toBe('astrology')
  expect(titleOf({})).toBe('Unknown condition')
})
