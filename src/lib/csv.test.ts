import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvLine } from './csv.ts'

test('what is written is read again, but for formulas, which are texts', () => {
  const line = fc.array(fc.string(), { minLength: 2, maxLength: 5 })
  fc.assert(
    fc.property(line, (cells) => {
      const [read] = parse(csvLine(cells), { record_delimiter: '\r\n' })
      expect(read).toEqual(cells.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell)))
    }),
  )
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\r=x'])('%j is no formula', (cell) => {
  expect(csvLine([cell, 1])).toMatch(/^"?'/)
})
