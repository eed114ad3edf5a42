import { expect, test } from 'vitest'
import { renderTable } from './output.ts'

test('a table has its columns under one another and no space at the end of a line', () => {
  const rows = [
    ['NAME', 'ID'],
    ['a longer name', '1'],
    ['x', '22', 'more'],
  ]
  expect(renderTable(rows)).toBe('NAME           ID\na longer name  1\nx              22  more\n')
})

test('a table without rows is nothing', () => {
  expect(renderTable([])).toBe('')
})
