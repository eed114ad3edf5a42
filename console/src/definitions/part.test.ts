import fc from 'fast-check'
import { expect, test } from 'vitest'
import { movedBy, withItem, withMember } from './part.ts'

const item = fc.string()

test('a member that is moved up and down again stands where it was', () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 2 }), fc.nat(), (list, place) => {
      const index = 1 + (place % (list.length - 1))
      expect(movedBy(movedBy(list, index, -1), index - 1, 1)).toEqual(list)
    }),
  )
})

test('moving loses nothing, and no end is passed', () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1 }), fc.nat(), fc.integer(), (list, place, places) => {
      const moved = movedBy(list, place % list.length, places)
      expect(moved.toSorted()).toEqual(list.toSorted())
    }),
  )
})

test('what is added beside a member and removed again leaves the list as it was', () => {
  fc.assert(
    fc.property(fc.array(item, { minLength: 1 }), fc.nat(), item, (list, place, added) => {
      const index = place % list.length
      const more = withItem(list, index, ...list.slice(index, index + 1), added)
      expect(withItem(more, index + 1)).toEqual(list)
    }),
  )
})

test('a member that is changed keeps its place, and undefined takes it away', () => {
  expect(JSON.stringify(withMember({ a: 1, b: 2 }, 'a', 3))).toBe('{"a":3,"b":2}')
  expect(withMember({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 })
})
