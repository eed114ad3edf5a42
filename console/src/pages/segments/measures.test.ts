import { expect, test } from 'vitest'
import { partOf } from '../../definitions/part.ts'
import { MEASURES, operatorsOfMeasure, withFunction } from './measures.ts'

const SUM = { function: 'sum', name: 'total', path: ['net'], operator: 'atLeast', value: 100 }

test('a measure has a test that its function takes', () => {
  const befores = [undefined, SUM, { function: 'first', operator: 'before', value: '2026-03-01' }]
  const measures = befores.flatMap((before) =>
    Object.keys(MEASURES).flatMap((made) => withFunction(before, made) ?? []),
  )
  expect(measures).toHaveLength(3 * 7)
  for (const measure of measures.map(partOf))
    expect(operatorsOfMeasure(measure)).toContain(measure['operator'])
})

test('property and number stay as long as the function has them', () => {
  expect(withFunction(SUM, 'avg')).toEqual({ ...SUM, function: 'avg' })
  expect(withFunction(SUM, 'count')).toEqual({ function: 'count', operator: 'atLeast', value: 100 })
  expect(withFunction(SUM, 'once')).toBeUndefined()
  expect(withFunction(SUM, 'last')).toEqual({
    function: 'last',
    operator: 'before',
    value: { offset: -30, unit: 'day' },
  })
})
