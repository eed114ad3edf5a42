import { expect, test } from 'vitest'
import { readsOn } from './reads-on.ts'

const LIST = { hasNextPage: true, isFetchingNextPage: false, isFetchNextPageError: false }

test('a list with more reads on by itself, one page at a time', () => {
  expect(readsOn(LIST)).toBe(true)
  expect(readsOn({ ...LIST, hasNextPage: false })).toBe(false)
  expect(readsOn({ ...LIST, isFetchingNextPage: true })).toBe(false)
})

test('a list whose next page failed waits until somebody asks: it was asked for again at once, without an end', () => {
  expect(readsOn({ ...LIST, isFetchNextPageError: true })).toBe(false)
})
