import { expect, test } from 'vitest'
import { OPERATORS, operatorsFor, withOperator } from './operators.ts'

const CITY = {
  type: 'attribute',
  name: 'city',
  path: ['0'],
  operator: 'equals',
  value: 'Dublin',
  ignoreCase: true,
}

test('what is not about the operator stays, whatever the operator becomes', () => {
  for (const operator of Object.keys(OPERATORS))
    expect(withOperator(CITY, operator, [])).toMatchObject({
      type: 'attribute',
      name: 'city',
      path: ['0'],
      operator,
    })
})

test('what was compared with stays as far as it fits', () => {
  expect(withOperator(CITY, 'in', [])).toEqual({
    type: 'attribute',
    name: 'city',
    path: ['0'],
    operator: 'in',
    values: ['Dublin'],
  })
  expect(withOperator(CITY, 'contains', [])).toMatchObject({ value: 'Dublin', ignoreCase: true })
  expect(withOperator({ operator: 'atLeast', value: 5 }, 'between', [])).toEqual({
    operator: 'between',
    from: 5,
    to: 6,
  })
  expect(withOperator({ operator: 'in', values: ['a', 'b'] }, 'equals', [])).toMatchObject({ value: 'a' })
})

test('a value has the type that is likely', () => {
  expect(withOperator({ operator: 'exists' }, 'equals', ['number'])).toEqual({ operator: 'equals', value: 0 })
  expect(withOperator({ operator: 'exists' }, 'equals', ['boolean'])).toMatchObject({ value: true })
  expect(withOperator({ operator: 'exists' }, 'equals', ['string', 'number'])).toMatchObject({ value: '' })
})

test('operators are those of the type, and the one that stands there', () => {
  expect(operatorsFor(['boolean'], 'equals')).toEqual(['equals', 'notEquals', 'in', 'exists'])
  expect(operatorsFor(['boolean'], 'startsWith')).toContain('startsWith')
  expect(operatorsFor([], 'equals')).toEqual(Object.keys(OPERATORS))
})
