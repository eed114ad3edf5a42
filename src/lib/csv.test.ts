import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('what is written is read again, but for formulas, which are texts', () => {
  const line = fc.array(
    fc.string().filter((text) => !/^[+-]\d/.test(text)),
    { minLength: 2, maxLength: 5 },
  )
  fc.assert(
    fc.property(line, (cells) => {
      const [read] = parse(csvLine(cells), { record_delimiter: '\r\n' })
      const isFormula = (cell: string): boolean => /^[=+\-@\t\r]/.test(cell)
      expect(read).toEqual(cells.map((cell) => (isFormula(cell) ? `'${cell}` : cell)))
    }),
  )
})

test.each(['=1+1', '+1+1', '-1%', '--1', '@SUM(A1)', '\tx', '\r=x', '-1\n=1'])('%j is no formula', (cell) => {
  expect(csvLine([cell, 1])).toMatch(/^"?'/)
})

test.each(['-5', '+48123456789', '-1.5e-3'])('%j is a number and stays one', (cell) => {
  expect(csvLine([cell, 1])).toBe(`${cell},1\r\n`)
})

test('no value is an empty cell, the empty text is one with quotes', () => {
  expect(csvLine([null, '', 'x', 0])).toBe(',"",x,0\r\n')
})
