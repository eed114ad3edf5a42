import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { DAY_MS, now, useClock } from '../../../src/lib/time.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let restoreClock = (): void => undefined

/** A workspace whose files are more than one read of the disk. */
const PEOPLE = 3_000

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  await harness.app.http.listen({ port: 0, host: '127.0.0.1' })
  for (let from = 0; from < PEOPLE; from += 1_000) {
    const items = Array.from({ length: 1_000 }, (_, n) => ({
      identifiers: [{ kind: 'userId', value: `u${from + n}` }],
      attributes: { note: `some text that makes the row longer ${n}` },
    }))
    expect((await harness.call('native', 'write-profiles', { body: { items } })).status).toBeLessThan(300)
  }
})

afterEach(() => restoreClock())

afterAll(async () => {
  await harness.close()
  await database.close()
})

interface Shown {
  id: number
  state: string
  bytes: number
  rows: number
  download: { url: string; expiresAt: string } | null
}

const create = (body: object, more: Call = {}): Promise<Reply> =>
  harness.call('native', 'create-export', { body, ...more })

const call = (operation: string, id: number, more: Call = {}): Promise<Reply> =>
  harness.call('native', operation, { params: { exportId: String(id) }, ...more })

async function ready(body: object): Promise<Shown & { path: string }> {
  const reply = await create(body)
  expect(reply.status, reply.text).toBe(202)
  const { id } = reply.body as Shown
  expect(reply.headers['location']).toBe(`/api/v1/exports/${id}`)
  const read = async (): Promise<Shown> => (await call('get-export', id)).body as Shown
  await expect.poll(async () => (await read()).state).toBe('ready')
  const shown = await read()
  return { ...shown, path: shown.download!.url.replace(/^https?:\/\/[^/]+/, '') }
}

const fetchFile = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
  harness.raw('GET', path, { headers })

test('a file is fetched by its link alone, with a name and a type, and is the rows', async () => {
  const shown = await ready({ fields: ['userId'] })
  expect(shown).toMatchObject({ rows: PEOPLE })
  const reply = await fetchFile(shown.path)
  expect(reply.status).toBe(200)
  expect(reply.headers).toMatchObject({
    'content-type': 'application/x-ndjson',
    'content-disposition': `attachment; filename="profiles-${shown.id}.ndjson"`,
    'content-length': String(shown.bytes),
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-transform',
  })
  const users = reply.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { userId: string })
  expect(users.map(({ userId }) => userId)).toEqual(Array.from({ length: PEOPLE }, (_, n) => `u${n}`))
})

test('a download that is resumed in ranges is the whole, whatever coding a client accepts', async () => {
  const { path, bytes } = await ready({ gzip: true })
  const { port } = harness.app.http.server.address() as AddressInfo
  const get = async (
    headers: Record<string, string> = {},
  ): Promise<{ status: number; bytes: Buffer; range: unknown }> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { 'accept-encoding': 'gzip, br', ...headers },
    })
    expect(response.headers.get('content-encoding')).toBeNull()
    return {
      status: response.status,
      bytes: Buffer.from(await response.arrayBuffer()),
      range: response.headers.get('content-range'),
    }
  }
  const whole = await get()
  expect([whole.status, whole.bytes.length]).toEqual([200, bytes])
  const parts: Buffer[] = []
  const step = Math.ceil(bytes / 3)
  for (let from = 0; from < bytes; from += step) {
    const end = Math.min(from + step, bytes) - 1
    const part = await get({ range: `bytes=${from}-${from + step - 1}` })
    expect([part.status, part.range]).toEqual([206, `bytes ${from}-${end}/${bytes}`])
    parts.push(part.bytes)
  }
  expect(Buffer.concat(parts).equals(whole.bytes)).toBe(true)
  expect((await get({ range: 'bytes=-10' })).bytes.equals(whole.bytes.subarray(-10))).toBe(true)
  expect((await get({ range: `bytes=${bytes - 4}-` })).bytes.equals(whole.bytes.subarray(-4))).toBe(true)
  const beyond = await get({ range: `bytes=${bytes}-` })
  expect([beyond.status, beyond.range, beyond.bytes.length]).toEqual([416, `bytes */${bytes}`, 0])
  for (const range of ['lines=1-2', 'bytes=1-2,5-6', 'bytes=9-2', 'bytes=-'])
    expect((await get({ range })).status).toBe(200)
})

test('a part is only added to the version that it is of', async () => {
  const { path } = await ready({ fields: ['userId'] })
  const { headers } = await fetchFile(path)
  const range = 'bytes=0-4'
  expect((await fetchFile(path, { range, 'if-range': String(headers['etag']) })).status).toBe(206)
  for (const other of ['"another"', `W/${String(headers['etag'])}`, 'Thu, 01 Jan 2026 00:00:00 GMT'])
    expect((await fetchFile(path, { range, 'if-range': other })).status).toBe(200)
})

test('a client that goes away in the middle leaves no file open', async () => {
  const { path } = await ready({})
  const { port } = harness.app.http.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.destroy()
  expect((await fetchFile(path, { range: 'bytes=0-0' })).status).toBe(206)
})

test('a link that is forged, of another export or over is refused, and says nothing of what there is', async () => {
  const { id, path, download } = await ready({ fields: ['userId'] })
  const url = new URL(path, 'http://x')
  const changed = (name: string, value: string): string => {
    const other = new URL(url)
    other.searchParams.set(name, value)
    return other.pathname + other.search
  }
  const foreign = harness.credentialOf('native', 'Second').params['guid'] ?? ''
  const forged = [
    changed('signature', 'AAAA'),
    changed('signature', ''),
    changed('expires', String(Number(url.searchParams.get('expires')) + 1)),
    changed('expires', 'never'),
    changed('workspace', foreign),
    path.replace(`/${id}/`, `/${id + 1}/`),
    path.replace(`/${id}/`, '/none/'),
    url.pathname,
  ]
  const answers = await Promise.all(forged.map((link) => fetchFile(link)))
  for (const answer of answers) expectVendorError('native', answer, 'forbidden')
  expect(new Set(answers.map(({ body }) => (body as { detail: string }).detail)).size).toBe(1)
  expect(Date.parse(download!.expiresAt)).toBeLessThanOrEqual(now() + DAY_MS)
  const later = now() + DAY_MS + 1_000
  restoreClock = useClock(() => later)
  expectVendorError('native', await fetchFile(path), 'forbidden')
  // Whoever may read the export gets another link to the same file.
  const again = (await call('get-export', id)).body as Shown
  expect((await fetchFile(again.download!.url.replace(/^https?:\/\/[^/]+/, ''))).status).toBe(200)
})

test('an export of one workspace is not found by another, and its list does not hold it', async () => {
  const { id } = await ready({ fields: ['userId'] })
  for (const operation of ['get-export', 'cancel-export', 'delete-export'])
    expectVendorError('native', await call(operation, id, { workspace: 'Second' }), 'not_found')
  const list = await harness.call('native', 'list-exports', { workspace: 'Second' })
  expect(list.body).toEqual({ items: [], nextCursor: null })
  const own = await harness.call('native', 'list-exports', { query: { limit: '1' } })
  const { items, nextCursor } = own.body as { items: Shown[]; nextCursor: string }
  expect(items).toMatchObject([{ id }])
  const next = await harness.call('native', 'list-exports', { query: { cursor: nextCursor, limit: '500' } })
  expect((next.body as { items: Shown[] }).items.map((item) => item.id)).not.toContain(id)
  const wrong = await harness.call('native', 'list-exports', { query: { cursor: 'x' } })
  expectVendorError('native', wrong, 'invalid')
})

test('an export is cancelled while it waits for its rows', async () => {
  await database.admin.query('begin; lock table profile in access exclusive mode')
  const { id } = (await create({})).body as Shown
  const cancelled = await call('cancel-export', id)
  await database.admin.query('rollback')
  expect(cancelled.body).toMatchObject({ id, state: 'cancelled', endedAt: expect.any(String) })
  expectVendorError('native', await call('cancel-export', id), 'conflict')
})

test('a deleted export is gone with its file and its link', async () => {
  const { id, path } = await ready({ fields: ['userId'] })
  expect((await call('delete-export', id)).status).toBe(204)
  expectVendorError('native', await call('get-export', id), 'not_found')
  expectVendorError('native', await fetchFile(path), 'not_found')
})

test('what cannot be exported is refused with its place', async () => {
  const refused: [object, string][] = [
    [{ fields: ['colour'] }, '/fields/0'],
    [{ fields: [] }, '/fields'],
    [{ kind: 'people' }, '/kind'],
    [{ format: 'xml' }, '/format'],
    [{ format: 'parquet', gzip: true }, '/gzip'],
    [{ kind: 'events', segmentId: 'x' }, '/segmentId'],
    [{ from: '2026-01-01' }, '/from'],
    [{ kind: 'events', from: 'yesterday' }, '/from'],
    [{ kind: 'events', from: '2026-02-01', to: '2026-01-01' }, '/to'],
    [{ kind: 'events', from: '2026-02-01', to: '2026-02-01T01:00:00+01:00' }, '/to'],
    [{ colour: 1 }, '/colour'],
    [{ fields: ['x'.repeat(2_000)] }, '/fields/0'],
  ]
  for (const [body, pointer] of refused) {
    const reply = await create(body)
    expectVendorError('native', reply, 'invalid')
    expect(reply.body).toMatchObject({ errors: [{ pointer }] })
  }
  expectVendorError('native', await create({ segmentId: 'none' }), 'not_found')
})

test('asking for it twice with one Idempotency-Key is asking once; reading and asking need their permissions', async () => {
  const headers = { 'idempotency-key': 'export-1' }
  const [first, second] = [
    await create({ format: 'csv' }, { headers }),
    await create({ format: 'csv' }, { headers }),
  ]
  expect(second.body).toEqual(first.body)
  expectVendorError('native', await create({ format: 'ndjson' }, { headers }), 'unprocessable')
  const made = await harness.call('native', 'create-key', {
    body: { scope: 'native', permissions: ['exports:read'] },
  })
  const authorization = `Bearer ${(made.body as { secret: string }).secret}`
  const reader = { headers: { authorization } }
  expect((await harness.call('native', 'list-exports', reader)).status).toBe(200)
  expectVendorError('native', await create({}, reader), 'forbidden')
})
