import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fixturesOf } from '../../src/dialects/fixtures.ts'
import type { Fixture } from '../../src/dialects/fixtures.ts'
import { dialects } from '../../src/dialects/index.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { dialectFolders, goodWrite, runFixture } from './fixtures.ts'
import { openHarness } from './harness.ts'
import type { Harness, Reply } from './harness.ts'
import { expectVendorError } from './vendor-errors.ts'

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

it('every dialect folder is in the registry and every entry has a folder', () => {
  expect(dialects.map(({ name }) => name).sort()).toEqual(dialectFolders().sort())
})

describe.each(dialects.map((dialect) => ({ dialect, name: dialect.name })))('$name', ({ dialect, name }) => {
  const { operations } = dialect

  it.each(operations)('$id has a route and a fixture', ({ id, method, path }) => {
    expect(harness.app.http.hasRoute({ method, url: path })).toBe(true)
    expect(fixturesOf(name).some((fixture) => fixture.operation === id)).toBe(true)
  })

  it.each(fixturesOf(name))('$operation: $name', async (fixture) => {
    await runFixture(harness, name, fixture)
  })

  it.each(operations.filter(({ open }) => !open))(
    '$id without a key, or with a wrong one, is unauthenticated in its shape',
    async ({ id }) => {
      const body = fixturesOf(name).find((fixture) => fixture.operation === id)?.request
      for (const credential of ['none', 'wrong'] as const) {
        const reply = await harness.call(name, id, { ...body, credential })
        expectVendorError(name, reply, 'unauthenticated', { isMissing: credential === 'none' })
      }
    },
  )

  it('an unknown path below its prefixes is answered in its shape', async () => {
    for (const prefix of dialect.prefixes) {
      expectVendorError(name, await harness.raw('GET', `${prefix}/no/such/path/anywhere`), 'not_found')
    }
  })

  it('a known path with another method names the methods it answers to', async () => {
    const operation = operations[0]!
    const reply = await harness.raw('DELETE', operation.path.replaceAll(/:\w+/g, 'x'))
    expectVendorError(name, reply, 'method_not_allowed')
    expect(String(reply.headers['allow']).split(', ')).toContain(operation.method)
  })

  it('a malformed URL is answered in its shape', async () => {
    expectVendorError(name, await harness.raw('GET', `${dialect.prefixes[0]}/%zz`), 'not_found')
  })

  it('the trace id of the caller comes back', async () => {
    const headers = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' }
    const reply = await harness.raw('GET', `${dialect.prefixes[0]}/x`, { headers })
    expect(reply.headers['x-request-id']).toBe('4bf92f3577b34da6a3ce929d0e0e4736')
  })
})

const writers = dialects.flatMap(({ name }) => {
  const write = goodWrite(name)
  return write ? [{ name, write }] : []
})

describe.each(writers)('$name writes', ({ name, write }) => {
  const send = (call: Parameters<Harness['call']>[2]): Promise<Reply> =>
    harness.call(name, write.operation, call)

  it('bad JSON, text that is not UTF-8 and no body at all are refused in its shape', async () => {
    expectVendorError(name, await send({ rawBody: '{"users":[' }), 'invalid')
    expectVendorError(name, await send({ rawBody: Buffer.from([0x7b, 0xff, 0x7d]) }), 'invalid')
    expectVendorError(name, await send({ rawBody: '' }), 'invalid')
  })

  it('a body nested too deeply is refused in its shape', async () => {
    expectVendorError(name, await send({ rawBody: `{"a":${'['.repeat(200)}${']'.repeat(200)}}` }), 'invalid')
  })

  it('a wrong content type is refused in its shape', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expectVendorError(name, await send({ rawBody: 'a=b', headers }), 'unsupported_media')
  })

  it('an oversized body is refused in its shape', async () => {
    expectVendorError(name, await send({ rawBody: `{"x":"${'x'.repeat(300_000)}"}` }), 'too_large')
  })

  it('a replay with the same Idempotency-Key stores once and gives the same answer', async () => {
    const settled = await send(freshRequest(write, 'settled'))
    expect(settled.status).toBe(write.answer.status)
    const before = await settledCount()
    const call = { ...freshRequest(write, 'replayed'), headers: { 'idempotency-key': `k-${name}` } }
    const [first, second] = [await send(call), await send(call)]
    expect(first.status).toBe(write.answer.status)
    expect([second.status, second.text]).toEqual([first.status, first.text])
    expect(await settledCount()).toBe(before + 1)
    const other = { ...freshRequest(write, 'another body'), headers: { 'idempotency-key': `k-${name}` } }
    expectVendorError(name, await send(other), 'unprocessable')
  })

  it('an Idempotency-Key that is too long is refused in its shape', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(256) }
    expectVendorError(name, await send({ ...write.request, headers }), 'invalid')
  })

  it("one workspace never sees what another's credential wrote", async () => {
    await send(freshRequest(write, 'walled'))
    const mine = await findWalled('First')
    const theirs = await findWalled('Second')
    expect([mine.status, theirs.status]).toEqual([200, 404])
    const { id } = mine.body as { id: number }
    const foreign = await harness.call('native', 'get-profile', {
      params: { profileId: String(id) },
      workspace: 'Second',
    })
    expect(foreign.status).toBe(404)
  })

  /** Profile writes and events of this dialect, from counters that are at most a second old. */
  async function stored(): Promise<number> {
    const reply = await harness.call('native', 'get-stats')
    const { byDialect } = reply.body as { byDialect: Record<string, Record<string, number>> }
    const counts = byDialect[name]
    return (counts?.['events'] ?? 0) + (counts?.['profileWrites'] ?? 0)
  }

  /** The count once every committed flush is in it. */
  async function settledCount(): Promise<number> {
    await expect.poll(() => unfollowed()).toBe(0)
    return stored()
  }

  async function unfollowed(): Promise<number> {
    const result = await database.admin.query<{ open: number }>(
      `select count(*)::int as open from ingest_batch where xid >= (select position from follower where name = 'statistics')`,
    )
    return result.rows[0]?.open ?? 0
  }

  async function findWalled(workspace: 'First' | 'Second'): Promise<Reply> {
    const query = { kind: 'userId', value: `contract ${name} walled` }
    return harness.call('native', 'lookup-profile', { query, workspace })
  }

  /** The fixture's request for one person of its own. */
  function freshRequest(fixture: Fixture, person: string): { body: unknown } {
    return { body: renamed(fixture.request.body, `contract ${name} ${person}`) }
  }
})

/** The vendors' names for their own id of a customer. */
const USER_IDS = new Set(['userId', 'user_id', 'customer_id', 'customId', 'external_id'])

/** The body with every user id replaced; only its first item of a list. */
function renamed(body: unknown, userId: string): unknown {
  if (Array.isArray(body)) return body.slice(0, 1).map((item) => renamed(item, userId))
  if (body === null || typeof body !== 'object') return body
  const isUserId = Reflect.get(body, 'kind') === 'userId'
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      USER_IDS.has(key) || (isUserId && key === 'value')
        ? userId
        : typeof value === 'object'
          ? renamed(value, userId)
          : value,
    ]),
  )
}
