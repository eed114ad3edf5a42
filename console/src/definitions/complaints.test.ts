import { expect, test } from 'vitest'
import { ProblemError } from '../api/problem.ts'
import { complaintsIn, withoutPlace } from './complaints.ts'

test('only what is wrong with the definition is said at its parts', () => {
  const errors = [
    { pointer: '/name', detail: 'taken' },
    { pointer: '/definition/conditions/0', detail: 'wrong' },
    { pointer: '/definitions', detail: 'another member' },
  ]
  const error = new ProblemError({ title: 'Wrong', detail: 'Wrong', errors })
  expect(complaintsIn(error).map(({ detail }) => detail)).toEqual(['wrong'])
  expect(complaintsIn(new Error('offline'))).toEqual([])
  expect(complaintsIn(null)).toEqual([])
})

test('a complaint that stands at its place does not repeat where that is', () => {
  expect(withoutPlace('conditions.3.value: must be a number')).toBe('value: must be a number')
  expect(withoutPlace('the definition: must be an object')).toBe('the definition: must be an object')
  expect(withoutPlace('name: must be one of a.b: c')).toBe('name: must be one of a.b: c')
})
