import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EMPTY_PART, EXPRESSION_KINDS, partsIn, withType } from './expression-kinds.ts'

const TYPES = Object.keys(EXPRESSION_KINDS)
const LISTS = TYPES.filter((type) => EXPRESSION_KINDS[type]?.isList)
const ATTRIBUTE = { type: 'attribute', name: 'city' }

test('what is made of values begins with the value that stood there', () => {
  for (const type of TYPES) {
    const made = withType(ATTRIBUTE, type)
    if (partsIn(made).length > 0) expect(partsIn(made)[0]).toBe(ATTRIBUTE)
  }
  expect(withType(ATTRIBUTE, 'divide')).toEqual({ type: 'divide', left: ATTRIBUTE, right: EMPTY_PART })
  expect(withType(ATTRIBUTE, 'if')).toEqual({ type: 'if', condition: ATTRIBUTE, whenTrue: EMPTY_PART })
})

test('parts stay as far as there is a place for them', () => {
  const two = { type: 'add', operands: [ATTRIBUTE, EMPTY_PART] }
  expect(withType(two, 'subtract')).toEqual({ type: 'subtract', left: ATTRIBUTE, right: EMPTY_PART })
  expect(withType(two, 'round')).toEqual({ type: 'round', operand: ATTRIBUTE })
  expect(withType(two, 'literal')).toEqual({ type: 'literal', value: '' })
})

test('lists become other lists and back without loss', () => {
  const list = fc.constantFrom(...LISTS)
  const operands = fc.array(fc.constantFrom(ATTRIBUTE, EMPTY_PART), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(list, list, operands, (type, other, parts) => {
      const part = { type, operands: parts }
      expect(withType(withType(part, other), type)).toEqual(part)
    }),
  )
})

test('a part has all that its type must have', () => {
  expect(withType(ATTRIBUTE, 'substring')).toEqual({ type: 'substring', start: 0, operand: ATTRIBUTE })
  expect(withType(ATTRIBUTE, 'attribute')).toBe(ATTRIBUTE)
  expect(withType(ATTRIBUTE, 'astrology')).toBe(ATTRIBUTE)
})
