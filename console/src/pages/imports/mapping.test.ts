import fc from 'fast-check'
import { expect, test } from 'vitest'
import { complaintsOf, guessMapping, mapTexts } from './mapping.ts'

const columns = fc.uniqueArray(
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.constantFrom('id', 'user_id', 'userId', 'E-mail', 'mail'),
  ),
  { maxLength: 12 },
)
const type = fc.constantFrom('profiles' as const, 'events' as const, 'transactions' as const)

test('a guess takes every column somewhere, and no two to one place', () => {
  fc.assert(
    fc.property(columns, type, (names, rows) => {
      const mapping = guessMapping(names, rows)
      expect(mapping.map(({ column }) => column)).toEqual(names)
      const targets = mapping.map(({ target }) => target)
      expect(new Set(targets).size).toBe(targets.length)
      expect(complaintsOf(mapping, rows, 'Bought').some((complaint) => complaint.startsWith('Two'))).toBe(
        false,
      )
    }),
  )
})

test('what files call things is understood, types go behind targets, and what is left out is not sent', () => {
  const mapping = guessMapping(['Customer ID', 'e-mail', 'Age'], 'profiles')
  expect(mapping.map(({ target }) => target)).toEqual(['userId', 'email', 'attributes.Age'])
  const typed = mapping.map((entry, index) =>
    index === 2 ? { ...entry, valueType: 'number' } : index === 1 ? { ...entry, target: '' } : entry,
  )
  expect(mapTexts(typed)).toEqual(['userId=Customer ID', 'attributes.Age:number=Age'])
})

test('rows that name nobody, or events without a name, are told of before they are sent', () => {
  const nobody = [{ column: 'a', target: 'attributes.a', valueType: '' }]
  expect(complaintsOf(nobody, 'profiles', '')).toHaveLength(1)
  expect(complaintsOf(nobody, 'events', '')).toHaveLength(2)
  expect(complaintsOf([{ column: 'a', target: 'email', valueType: '' }], 'events', 'Seen')).toEqual([])
})
