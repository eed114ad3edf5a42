import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromFormText, toFormText, typeOfValue } from './attribute-value.ts'

test('a value that is shown in a form and not touched is the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      // JSON has no negative zero.
      fc.pre(value !== null && JSON.stringify(value) === JSON.stringify(JSON.parse(JSON.stringify(value))))
      const known = JSON.parse(JSON.stringify(value)) as unknown
      expect(fromFormText(typeOfValue(known), toFormText(known))).toEqual(known)
    }),
  )
})

test.each(['', 'one', '1,5', '0x10', 'Infinity'])('%j is no number', (text) => {
  expect(() => fromFormText('number', text)).toThrow(SyntaxError)
})
