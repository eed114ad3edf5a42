import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openImporter, readRows } from '../../../src/core/imports/index.ts'
import type { ImportRow } from '../../../src/core/imports/index.ts'
import { findWorkspace } from '../../../src/core/workspaces/index.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openWritePath } from '../../setup/ingest.ts'

let database: TestDatabase
let harness: Harness
let port: number

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db, {}, { bodyBytesMax: 2_000 })
  await harness.app.http.listen({ port: 0, host: '127.0.0.1' })
  port = (harness.app.http.server.address() as AddressInfo).port
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

interface Shown {
  id: number
  state: string
  refusals: { row: number; code: string; item: unknown }[]
  [name: string]: unknown
}

/** Uploads a file as a client does; the query may name a parameter several times. */
const upload = (text: string, query: string, headers: Record<string, string> = {}): Promise<Reply> =>
  harness.raw('POST', `/api/v1/imports?${query}`, {
    headers: { ...harness.credentialOf('native').headers, 'content-type': 'text/csv', ...headers },
    payload: text,
  })

const call = (operation: string, id: number, more: Call = {}): Promise<Reply> =>
  harness.call('native', operation, { params: { importId: String(id) }, ...more })

const idOf = (reply: Reply): number => {
  expect(reply.status, reply.text).toBe(202)
  return (reply.body as Shown).id
}

const finished = async (id: number): Promise<Shown> => {
  const read = async (): Promise<Shown> => (await call('get-import', id)).body as Shown
  await expect.poll(async () => (await read()).state).toMatch(/done|failed/)
  return read()
}

const PEOPLE = 'type=profiles&map=userId=id&map=attributes.age:number=age'

test('a file is longer than other bodies may be, and every row of it is stored', async () => {
  const rows = Array.from({ length: 2_500 }, (_, n) => `f${n},${n % 90}`)
  const reply = await upload(['id,age', ...rows, ''].join('\n'), PEOPLE, {
    'content-type': 'text/csv; charset=utf-8',
  })
  expect(reply.headers['location']).toBe(`/api/v1/imports/${idOf(reply)}`)
  expect(await finished(idOf(reply))).toMatchObject({ state: 'done', processed: 2_500, created: 2_500 })
  const found = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: 'f91' } })
  expect(found.body).toMatchObject({ attributes: { age: 1 } })
})

test('refused rows are shown with their line, and fetched as a file that no spreadsheet runs', async () => {
  const reply = await upload('id,age\nr1,old\n=1+1,2\n,"=HYPERLINK(1)"\n', PEOPLE)
  const id = idOf(reply)
  const refusals = [
    { row: 2, code: 'CDP_BODY_INVALID', item: { id: 'r1', age: 'old' } },
    { row: 4, code: 'CDP_BODY_INVALID', item: { id: '', age: '=HYPERLINK(1)' } },
  ]
  expect(await finished(id)).toMatchObject({ created: 1, refused: 2, refusals })
  const lines = (await call('list-import-refusals', id)).text.trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(refusals)
  const csv = await call('list-import-refusals', id, { query: { format: 'csv' } })
  expect(csv.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="import-${id}-refusals.csv"`,
  })
  expect(csv.text.split('\r\n')[1]).toBe(
    '2,CDP_BODY_INVALID,age: must be a number,/age,"{""id"":""r1"",""age"":""old""}"',
  )
})

test('a line that begins like a formula is a text in the file of refused rows', async () => {
  const reply = await harness.raw('POST', '/api/v1/imports?type=profiles&map=userId=id', {
    headers: { ...harness.credentialOf('native').headers, 'content-type': 'application/x-ndjson' },
    payload: '=cmd|x\n{"id":"l1"}\n',
  })
  await finished(idOf(reply))
  const csv = await call('list-import-refusals', idOf(reply), { query: { format: 'csv' } })
  expect(csv.text.split('\r\n')[1]).toBe("1,CDP_BODY_UNPARSABLE,the line is not JSON,/1,'=cmd|x")
})

test('without a mapping the first row that can be read names the columns, and what others have beside them is noted', async () => {
  const lines = [
    '{"userId":',
    '{"userId":"named-1","attributes.plan":"gold"}',
    '{"userId":"named-2","attributes.size":"M"}',
  ]
  const type = { 'content-type': 'application/x-ndjson' }
  const reply = await upload(lines.join('\n'), 'type=profiles', type)
  expect(await finished(idOf(reply))).toMatchObject({ created: 2, refused: 1, refusals: [{ row: 1 }] })
  const query = { reason: 'field_unknown' }
  const { items } = (await harness.call('native', 'list-rejections', { query })).body as {
    items: { pointer: string }[]
  }
  expect(items.map(({ pointer }) => pointer)).toEqual(['/3/attributes.size'])
})

test('a dry run checks and counts, and stores nothing', async () => {
  const id = idOf(await upload('id,age\nd1,1\nd2,x\n', `${PEOPLE}&dryRun=true`))
  expect(await finished(id)).toMatchObject({ dryRun: true, processed: 2, created: 0, refused: 1 })
  const found = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: 'd1' } })
  expect(found.status).toBe(404)
})

test('the same file by the command line, by the API, and again, stores no event twice', async () => {
  const text = 'who,day\nc1,20240101\nc2,20240102\nc1,20240101\n'
  const query = 'type=events&map=userId=who&map=occurredAt=day&set=name=Seen'
  expect(await finished(idOf(await upload(text, query)))).toMatchObject({ created: 2, updated: 1 })
  expect(await finished(idOf(await upload(text, query)))).toMatchObject({ processed: 3, updated: 0 })
  const path = await openWritePath(database.db)
  const columns = [
    { target: 'userId', column: 'who' },
    { target: 'occurredAt', column: 'day' },
    { target: 'name', constant: 'Seen' },
  ]
  const workspace = await findWorkspace(database.db, 'First')
  const importer = openImporter({ workspace, plan: { type: 'events', columns }, ingest: path.ingest })
  const rows: ImportRow[] = []
  for await (const row of readRows(Readable.from([Buffer.from(text)]), 'csv', ',')) rows.push(row)
  expect(await importer.store(rows)).toEqual({ refused: [], duplicates: 3 })
  await path.close()
  expect(await countOf(database, `select count(*) from event where name = 'Seen'`)).toBe(3)
})

test('the same upload under its Idempotency-Key is one import; another file under it is refused', async () => {
  const headers = { 'idempotency-key': 'upload' }
  const first = await upload('id,age\nk1,1\n', PEOPLE, headers)
  const second = await upload('id,age\nk1,1\n', PEOPLE, headers)
  expect([second.status, second.text]).toEqual([202, first.text])
  expectVendorError('native', await upload('id,age\nk2,1\n', PEOPLE, headers), 'unprocessable')
  expectVendorError(
    'native',
    await upload('id,age\nk1,1\n', `${PEOPLE}&dryRun=true`, headers),
    'unprocessable',
  )
  expectVendorError('native', await upload('id\n', PEOPLE, { 'idempotency-key': 'x'.repeat(256) }), 'invalid')
})

test.each([
  ['another content type', { 'content-type': 'application/json' }, PEOPLE, 'unsupported_media'],
  ['an unknown parameter', {}, `${PEOPLE}&colour=red`, 'invalid'],
  ['a type that there is not', {}, 'type=things', 'invalid'],
  ['a mapping without a column', {}, 'type=profiles&map=userId', 'invalid'],
  ['a delimiter of two characters', {}, `${PEOPLE}&delimiter=ab`, 'invalid'],
  ['a target of another type', {}, 'type=profiles&map=orderId=id', 'invalid'],
  ['columns that are no targets', {}, 'type=profiles', 'invalid'],
] as const)('%s is refused and leaves nothing', async (_what, headers, query, kind) => {
  const before = await countOf(database, 'select count(*) from import')
  expectVendorError('native', await upload('id,age\n1,2\n', query, headers), kind)
  expect(await countOf(database, 'select count(*) from import')).toBe(before)
})

test('a call without a file is refused', async () => {
  const { headers } = harness.credentialOf('native')
  expectVendorError(
    'native',
    await harness.raw('POST', `/api/v1/imports?${PEOPLE}`, { headers }),
    'unsupported_media',
  )
})

test('an import waits where it is brought paused, goes on, and one of another workspace is not found', async () => {
  const id = idOf(await upload('id,age\np1,1\n', `${PEOPLE}&paused=true`))
  const theirs: Call = { workspace: 'Second' }
  for (const operation of [
    'get-import',
    'pause-import',
    'resume-import',
    'cancel-import',
    'list-import-refusals',
  ])
    expectVendorError('native', await call(operation, id, theirs), 'not_found')
  expect((await harness.call('native', 'list-imports', theirs)).body).toEqual({ items: [], nextCursor: null })
  expect((await call('resume-import', id)).body).toMatchObject({ state: 'queued' })
  expect(await finished(id)).toMatchObject({ created: 1 })
  expectVendorError('native', await call('cancel-import', id), 'conflict')
})

test('imports are listed page by page, those of other APIs among them', async () => {
  const body = { apptoken: '@apptoken', columns: ['user_id'], rows: [['x1']], async: 1 }
  const vendors = (await harness.call('xtremepush', 'import-profile', { body })).body as { task_id: number }
  const seen: Shown[] = []
  let cursor: string | undefined
  do {
    const query = { limit: '3', ...(cursor !== undefined && { cursor }) }
    const page = (await harness.call('native', 'list-imports', { query })).body as {
      items: Shown[]
      nextCursor: string | null
    }
    seen.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  const ids = seen.map(({ id }) => id)
  expect(ids).toEqual(ids.toSorted((a, b) => b - a))
  expect(ids.length).toBe(await countOf(database, 'select count(*) from import'))
  expect(seen[0]).toMatchObject({ id: vendors.task_id, dialect: 'xtremepush', total: 1 })
  const foreign = await harness.call('native', 'list-imports', { query: { cursor: 'WyJ4Il0' } })
  expectVendorError('native', foreign, 'invalid')
})

/** Sends a request head and parts of its body over a socket of its own. */
async function raw(parts: readonly string[], end: 'answer' | 'destroy'): Promise<string> {
  const { authorization } = harness.credentialOf('native').headers
  const head = [
    `POST /api/v1/imports?${PEOPLE} HTTP/1.1`,
    'host: x',
    `authorization: ${authorization}`,
    'content-type: text/csv',
    'transfer-encoding: chunked',
  ]
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (data: Buffer) => (answer += data.toString()))
  socket.on('error', () => undefined)
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  for (const part of parts) socket.write(`${part.length.toString(16)}\r\n${part}\r\n`)
  if (end === 'destroy') {
    await expect
      .poll(() => countOf(database, `select count(*) from import where state = 'receiving'`))
      .toBe(1)
    socket.destroy()
  } else await expect.poll(() => answer).toContain('\r\n\r\n')
  socket.destroy()
  return answer
}

const lines = (count: number): string => Array.from({ length: count }, (_, n) => `g${n},1\n`).join('')

test('a client that goes away in the middle leaves nothing behind', async () => {
  const before = await countOf(database, 'select count(*) from import')
  await raw(['id,age\n', lines(1_500)], 'destroy')
  await expect.poll(() => countOf(database, 'select count(*) from import')).toBe(before)
  expect(await countOf(database, `select count(*) from profile where attributes ? 'g1'`)).toBe(0)
})

test('a file that is too large is refused while it comes, and its client reads why', async () => {
  const before = await countOf(database, 'select count(*) from import')
  const answer = await raw(['id,age\n', ...Array.from({ length: 20 }, () => lines(5_000))], 'answer')
  expect(answer).toMatch(/^HTTP\/1.1 413 /)
  expect(answer).toContain('CDP_BODY_TOO_LARGE')
  await expect.poll(() => countOf(database, 'select count(*) from import')).toBe(before)
})
