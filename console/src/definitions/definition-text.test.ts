import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compactText, definitionText, readDefinitionText } from './definition-text.ts'

test('any JSON is the same after it was written and read, also when an address held it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (given) => {
      const value: unknown = JSON.parse(JSON.stringify(given))
      expect(readDefinitionText(definitionText(value))).toEqual({ value })
      expect(readDefinitionText(compactText(definitionText(value)))).toEqual({ value })
    }),
  )
})

test('what is no JSON stays as it was written and says why', () => {
  expect(compactText('{"type":')).toBe('{"type":')
  expect(readDefinitionText('{"type":').problem).toContain('This is no JSON')
  expect(readDefinitionText(' ').problem).toBe('There is no definition yet.')
})

test('a number that would become another one is refused', () => {
  expect(readDefinitionText('{"a":[1e999]}').problem).toBe('A number in it is too large.')
})
