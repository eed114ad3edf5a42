import { expect, test } from 'vitest'
import { readSample } from './sample.ts'

test('a table is read by the delimiter that its head has most of, and a line that was cut is left out', () => {
  const sample = readSample('\uFEFFid;name;note\r\n1;"Ana; K";x\r\n2;Bo', true)
  expect(sample).toEqual({
    format: 'csv',
    delimiter: ';',
    columns: ['id', 'name', 'note'],
    rows: [{ id: '1', name: 'Ana; K', note: 'x' }],
  })
})

test('members of members of JSON lines stand under paths', () => {
  const { format, columns, rows } = readSample(
    '{"user":{"id":7},"tags":["a"]}\n{"user":{"id":"8"},"x":null}\n',
    false,
  )
  expect({ format, columns }).toEqual({ format: 'ndjson', columns: ['user.id', 'tags', 'x'] })
  expect(rows).toEqual([
    { 'user.id': '7', tags: '["a"]' },
    { 'user.id': '8', x: 'null' },
  ])
})

test.each(['', '\n\n', '{"half": '])('of %j nothing can be made, and that is said', (text) => {
  expect(() => readSample(text, false)).toThrow(Error)
})
