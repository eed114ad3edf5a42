import { expect, test } from 'vitest'
import { withFunction } from './aggregate-functions.ts'

test('an aggregate has what its function takes, and keeps its events', () => {
  const sum = { function: 'sum', property: { name: 'total' }, name: 'Order Completed' }
  expect(withFunction(sum, 'count')).toEqual({ function: 'count', name: 'Order Completed' })
  expect(withFunction(sum, 'top')).toEqual({ ...sum, function: 'top', limit: 3 })
  expect(withFunction({ ...sum, function: 'top', limit: 5 }, 'max')).toEqual({ ...sum, function: 'max' })
  expect(withFunction({ function: 'count' }, 'sum')).toEqual({ function: 'sum', property: { name: '' } })
})
