import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asKind, kindOf, listKindOf, tagOf, valuesOfTags } from './values.ts'

const scalar = fc.oneof(
  fc.string(),
  fc.constantFrom('5', 'true', 'null', '"quoted"', '', ' blank '),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.boolean(),
)

test('a list is the same after it was shown as tags, whatever texts look like', () => {
  fc.assert(
    fc.property(fc.array(scalar, { minLength: 1 }), (values) => {
      const kind = listKindOf(values) ?? 'text'
      const tags = values.map((value) => tagOf(value, kind))
      expect(valuesOfTags(tags, kind)).toEqual(values)
      const mixed = values.map((value) => tagOf(value, 'mixed'))
      expect(valuesOfTags(mixed, 'mixed')).toEqual(values)
    }),
  )
})

test('what is no number is no member of a list of numbers', () => {
  expect(valuesOfTags(['1', 'x', '2.5', ''], 'number')).toEqual([1, 2.5])
})

test('a value of another kind is as near as there is one', () => {
  expect(asKind('12', 'number')).toBe(12)
  expect(asKind('x', 'number')).toBe(0)
  expect(asKind(12, 'text')).toBe('12')
  expect(asKind('false', 'boolean')).toBe(false)
  expect(asKind('x', 'null')).toBeNull()
})

test('a value has the kind that it was changed to, and does not change when it has it already', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom('text', 'number', 'boolean', 'null', 'json'),
      (value, kind) => {
        const changed = asKind(value, kind)
        expect(kindOf(changed)).toBe(kind)
        if (kindOf(value) === kind) expect(changed).toBe(value)
      },
    ),
  )
})
