import { expect, test } from 'vitest'
import { changeRole, placesOf, togglePlace } from './places.ts'

test('somebody who was given no role is a reader', () => {
  const workspaces = [{ guid: 'a', name: 'A', role: null }]
  expect(placesOf({ workspaces })).toEqual([{ guid: 'a', role: 'reader' }])
  expect(placesOf(undefined)).toEqual([])
})

test('a workspace that is taken off and put back loses its role, and no other does', () => {
  const places = [
    { guid: 'a', role: 'editor' },
    { guid: 'b', role: 'editor' },
  ]
  const without = togglePlace(places, 'a')
  expect(without).toEqual([{ guid: 'b', role: 'editor' }])
  expect(togglePlace(without, 'a')).toEqual([
    { guid: 'b', role: 'editor' },
    { guid: 'a', role: 'reader' },
  ])
})

test('a role changes in one workspace', () => {
  const places = togglePlace(togglePlace([], 'a'), 'b')
  expect(changeRole(places, 'b', 'editor')).toEqual([
    { guid: 'a', role: 'reader' },
    { guid: 'b', role: 'editor' },
  ])
})
