import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const PEOPLE = 'type=profiles&map=userId=id&map=attributes.age:number=age'

const upload = (text: string, headers: Record<string, string>): Promise<Reply> =>
  harness.raw('POST', `/api/v1/imports?${PEOPLE}`, {
    headers: { ...harness.credentialOf('native').headers, ...headers },
    payload: text,
  })

const idOf = (reply: Reply): number => {
  expect(reply.status, reply.text).toBe(202)
  return (reply.body as { id: number }).id
}

const finished = async (id: number): Promise<unknown> => {
  const read = async (): Promise<{ state: string }> =>
    (await harness.call('native', 'get-import', { params: { importId: String(id) } })).body as {
      state: string
    }
  await expect.poll(async () => (await read()).state).toMatch(/done|failed/)
  return read()
}

describe('a form', () => {
  const boundary = 'a-boundary'
  const part = (head: string, text: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${text}\r\n`
  const send = (parts: string, type = `multipart/form-data; boundary=${boundary}`): Promise<Reply> =>
    upload(`${parts}--${boundary}--\r\n`, { 'content-type': type })
  const file = (name: string, text: string, type = 'application/octet-stream'): string =>
    part(`name="file"; filename="${name}"\r\nContent-Type: ${type}`, text)

  test('brings a file as its one part, whose form is told by its name or its type', async () => {
    const rows = Array.from({ length: 1_200 }, (_, n) => `form${n},${n % 90}`)
    const csv = await send(file('People.CSV', ['id,age', ...rows].join('\n')))
    expect(await finished(idOf(csv))).toMatchObject({ state: 'done', created: 1_200, refused: 0 })
    const lines = await send(file('p.jsonl', '{"id":"form-lines","age":4}\n'))
    expect(await finished(idOf(lines))).toMatchObject({ created: 1, refused: 0 })
    const typed = await send(file('people', 'id,age\nform-typed,4\n', 'text/csv; charset=utf-8'))
    expect(await finished(idOf(typed))).toMatchObject({ created: 1, refused: 0 })
  })

  test.each([
    ['without a file', '', 'The form has no file.'],
    [
      'with a field before its file',
      part('name="type"', 'x') + file('a.csv', 'id\nq1\n'),
      'The form must have one part',
    ],
    [
      'with a part behind its file',
      file('a.csv', 'id\nq2\n') + file('b.csv', 'id\nq3\n'),
      'The form must have one part',
    ],
  ])('%s is refused, and nothing of it is stored', async (_how, parts, detail) => {
    const before = await countOf(database, 'select count(*) from import')
    const reply = await send(parts)
    expectVendorError('native', reply, 'invalid')
    expect(reply.text).toContain(detail)
    expect(await countOf(database, 'select count(*) from import')).toBe(before)
  })

  test('that is cut off, names no boundary or holds another kind of file is refused', async () => {
    const type = `multipart/form-data; boundary=${boundary}`
    const cut = await upload(file('a.csv', 'id\nq4\n').slice(0, -10), { 'content-type': type })
    expectVendorError('native', cut, 'invalid')
    expectVendorError('native', await send(file('a.csv', 'id\nq5\n'), 'multipart/form-data'), 'invalid')
    expectVendorError('native', await send(file('a.xlsx', 'PK')), 'unsupported_media')
    expect(await countOf(database, "select count(*) from import where state = 'receiving'")).toBe(0)
  })

  test('counts once with an Idempotency-Key, however its parts are cut', async () => {
    const headers = { 'idempotency-key': 'form', 'content-type': `multipart/form-data; boundary=${boundary}` }
    const body = `${file('a.csv', 'id,age\nform-once,4\n')}--${boundary}--\r\n`
    const first = await upload(body, headers)
    const other = await upload('id,age\nform-once,4\n', { ...headers, 'content-type': 'text/csv' })
    expect([idOf(other), other.text]).toEqual([idOf(first), first.text])
  })
})

describe('a CSV file', () => {
  const csv = { 'content-type': 'text/csv' }

  test('whose first row cannot be read is refused, for without columns no row has a meaning', async () => {
    const before = await countOf(database, 'select count(*) from import')
    const reply = await upload('id,"age\n1,4\n', csv)
    expectVendorError('native', reply, 'invalid')
    expect(reply.text).toContain('the quote that opens on line 1 is not closed')
    expect(await countOf(database, 'select count(*) from import')).toBe(before)
  })

  test('in which quotes are out of place loses those rows only, each with its reason', async () => {
    const id = idOf(
      await upload('id,age\nquotes1,4\nquo"tes2,5\n"quotes"3,6\nquotes4,7,8\n"quotes5",9\n', csv),
    )
    expect(await finished(id)).toMatchObject({ created: 2, refused: 3 })
    const { body } = await harness.call('native', 'list-import-refusals', {
      params: { importId: String(id) },
    })
    expect(JSON.stringify(body)).toContain('a quote stands within a cell that does not begin with one')
  })
})
