import { expect, test } from 'vitest'
import { fieldGroups } from './export-fields.ts'

const own = {
  names: ['city'],
  aggregates: [{ id: 'a', name: 'Orders' }],
  expressions: [{ id: 'e', name: 'Spent' }],
}
const nothing = { chosen: [], typed: '' }

test('profiles have facts, computed values and attributes', () => {
  const groups = fieldGroups('profiles', own, nothing)
  expect(groups.map(({ group }) => group)).toEqual([
    'Of every row',
    'Aggregates',
    'Expressions',
    'Attributes',
  ])
  expect(groups.at(1)?.items).toEqual([{ value: 'aggregate.a', label: 'Orders' }])
  expect(groups.at(3)?.items).toEqual([{ value: 'attributes.city', label: 'city' }])
})

test('events have facts and properties, and nothing that is computed of people', () => {
  const groups = fieldGroups('events', own, nothing)
  expect(groups.map(({ group }) => group)).toEqual(['Of every row', 'Properties'])
})

test('what is chosen or looked for can be chosen, once', () => {
  const groups = fieldGroups('profiles', own, {
    chosen: ['attributes.city', 'email', 'attributes.shoeSize'],
    typed: 'zip',
  })
  expect(groups.at(-1)?.items.map(({ value }) => value)).toEqual([
    'attributes.city',
    'attributes.zip',
    'attributes.shoeSize',
  ])
})
