import { expect, test } from 'vitest'
import { findSegment } from './find-segment.ts'

const items = [{ id: 'a', name: 'Anglers' }]

test('a segment has the name that the list has', () => {
  expect(findSegment({ items, nextCursor: 'more' }, 'a')).toEqual({ name: 'Anglers' })
})

test('a segment is gone only when the list is whole without it', () => {
  expect(findSegment({ items, nextCursor: null }, 'b')).toBe('gone')
  expect(findSegment({ items, nextCursor: 'more' }, 'b')).toBe('unknown')
})
