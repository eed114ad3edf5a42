import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nameColumns } from './columns.ts'
import type { ImportRow } from './row-mapper.ts'
import { readRows } from './rows.ts'

async function rowsOf(text: string, delimiter = ',', size = 7): Promise<ImportRow[]> {
  const bytes = Buffer.from(text)
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  )
  const rows: ImportRow[] = []
  for await (const row of readRows(Readable.from(parts), 'csv', delimiter)) rows.push(row)
  return rows
}

/** What is told of rows, in the order of the file. */
const told = async (text: string): Promise<unknown[]> =>
  (await rowsOf(text)).map(({ line, values, problem }) => [line, values ?? problem])

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`

test('cells are read as they were written, whatever they hold and wherever the stream is cut', async () => {
  const anyCell = fc.string({
    unit: fc.constantFrom('a', 'ü', '😀', '"', ',', ';', '\t', ' ', '\n', '\r', '0'),
    maxLength: 6,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyCell, anyCell, anyCell), { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constantFrom(',', ';', '\t'),
      fc.integer({ min: 1, max: 9 }),
      async (table, end, delimiter, size) => {
        const lines = [['x', '__proto__', ''], ...table].map((cells) => cells.map(quoted).join(delimiter))
        const rows = await rowsOf(lines.join(end), delimiter, size)
        expect(rows.map(({ problem }) => problem)).toEqual(table.map(() => undefined))
        expect(rows.map(({ values }) => Object.entries(values!))).toEqual(
          table.map(([x, proto, empty]) => [
            ['x', x],
            ['__proto__', proto],
            ['', empty],
          ]),
        )
      },
    ),
  )
})

test('what is wrong with a row is told of it, and its neighbours are read', async () => {
  const stray = 'a quote stands within a cell that does not begin with one'
  const early = 'a quote ends before its cell does'
  expect(
    await told(
      'id,name\n1,Ana\n2,A"na"\n3,"An"a\n4,"An" ,\n\n5,"A\nn,""a"\n6\n7,a,b\n8,"Ana"\n9,"a\nb"c\n10,\n',
    ),
  ).toEqual([
    [2, { id: '1', name: 'Ana' }],
    [3, stray],
    [4, early],
    [5, early],
    [8, { id: '5', name: 'A\nn,"a' }],
    [9, 'the number of cells is 1, that of the columns 2'],
    [10, 'the number of cells is 3, that of the columns 2'],
    [11, { id: '8', name: 'Ana' }],
    [13, early],
    [14, { id: '10', name: '' }],
  ])
})

test('a quote that is never closed spoils no more than up to the next one, else all the rest', async () => {
  expect(await told('id,name\n1,"Ana\n2,Eva\n3,"Ida"\n4,Ole\n5,"Una\n6,Pia\n')).toEqual([
    [4, 'a quote ends before its cell does'],
    [5, { id: '4', name: 'Ole' }],
    [7, 'the quote that opens on line 6 is not closed'],
  ])
})

test('a row that is too long is refused with its beginning, and those after it are read', async () => {
  const long = 'm'.repeat(4 * 1024 ** 2)
  const manyLines = `"${`${'m'.repeat(1023)}\n`.repeat(5_000)}"`
  const rows = await rowsOf(`id,name\n1,${long}\n2,Ana\n3,${manyLines}\n4,Eva\n`, ',', 64 * 1024)
  expect(rows.map(({ line, values, problem }) => [line, values ?? problem])).toEqual([
    [2, 'the row is too long'],
    [3, { id: '2', name: 'Ana' }],
    [5_004, 'the row is too long'],
    [5_005, { id: '4', name: 'Eva' }],
  ])
  for (const { text } of rows) expect(text.length).toBeLessThanOrEqual(4 * 1024 ** 2)
})

test('a file of another form, full of quotes, takes no longer for each character than any other', async () => {
  const deep = '{"a":'.repeat(800_000)
  expect(await rowsOf(`id,name\n${deep}\n${deep}\n`, ',', 64 * 1024)).toHaveLength(2)
})

test('a file whose first row cannot be read has no columns', async () => {
  await expect(rowsOf('id,"name\n1,Ana\n')).rejects.toMatchObject({
    code: 'CDP_BODY_INVALID',
    message: expect.stringContaining('the quote that opens on line 1 is not closed'),
  })
  await expect(rowsOf(','.repeat(10_000), ',', 64 * 1024)).rejects.toMatchObject({ code: 'CDP_BODY_INVALID' })
  expect(await rowsOf('')).toEqual([])
  expect(await rowsOf('\uFEFFid,name\r\n')).toEqual([])
})

test('columns are looked for in no more rows than fit into memory', async () => {
  async function* rows(): AsyncGenerator<ImportRow> {
    for (let line = 1; ; line++)
      yield { line, text: 'm'.repeat(4 * 1024 ** 2), values: undefined, problem: 'x' }
  }
  await expect(nameColumns(rows())).rejects.toMatchObject({
    message: expect.stringContaining('None of the first 5 rows can be read.'),
  })
})
