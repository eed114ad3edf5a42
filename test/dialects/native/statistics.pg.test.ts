import { afterAll, beforeAll, expect, it } from 'vitest'
import { CAREFUL, OPERATOR, openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { codeAt } from '../../contract/credentials.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { now } from '../../../src/lib/time.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { eventually } from '../../setup/eventually.ts'

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

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** The token of a user in the first workspace. */
async function enter(
  { email, password }: { email: string; password: string },
  code?: string,
): Promise<string> {
  const tokenOf = (reply: Reply): string => (reply.body as { token: string }).token
  let token = tokenOf(await native('log-in', { body: { email, password } }))
  if (code !== undefined) token = tokenOf(await native('confirm-login', { ...as(token), body: { code } }))
  return tokenOf(await native('select-workspace', { ...as(token), body: { guid: '@guid' } }))
}

interface Shown {
  times: string[]
  events: { dialect: string; total: number; values: number[] }[]
  names: { name: string; total: number }[]
  rejections: { reason: string; total: number }[]
  latencyMs: { p50: (number | null)[] }
}

it("shows what came in over every dialect within a second, and nothing of another workspace's", async () => {
  await native('create-events', {
    body: { items: [{ identifiers: [{ kind: 'userId', value: 'h' }], name: 'Plotted' }] },
  })
  await harness.call('webengage', 'bulk-events', {
    body: { events: [{ userId: 'h', eventName: 'Plotted' }] },
  })
  const shown = await eventually(async () => {
    const reply = await native('get-history')
    expect(reply.status, reply.text).toBe(200)
    const body = reply.body as Shown
    expect(body.names).toMatchObject([{ name: 'Plotted', total: 2 }])
    return body
  })
  expect(shown.events.map(({ dialect }) => dialect)).toEqual(['native', 'webengage'])
  expect(shown.events.every(({ values }) => values.length === shown.times.length)).toBe(true)
  expect(shown.latencyMs.p50.filter((value) => value !== null).length).toBeGreaterThan(0)
  const foreign = await native('get-history', { workspace: 'Second' })
  expect(foreign.body).toMatchObject({ events: [], names: [], otherNames: { total: 0 } })
})

it('counts what is refused by reason', async () => {
  const item = { identifiers: [{ kind: 'userId', value: 'h' }], name: '' }
  expect((await native('create-events', { body: { items: [item] } })).status).toBeLessThan(500)
  await eventually(async () => {
    const { rejections } = (await native('get-history')).body as Shown
    expect(rejections).toMatchObject([{ reason: 'request_refused', total: 1 }])
  })
})

it.each([
  { from: 'yesterday' },
  { to: '2026-13-01T00:00:00Z' },
  { step: '2m' },
  { step: '1m', from: '2020-01-01T00:00:00Z', to: '2020-01-01T01:00:00Z' },
  { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
])('a history of %j is refused', async (query) => {
  expectVendorError('native', await native('get-history', { query }), 'invalid')
})

it('room on disk is for who reaches all workspaces: no admin of some, and no key', async () => {
  await database.admin.query('analyze event')
  const sizes = await native('get-storage', as(await enter(OPERATOR)))
  expect(sizes.status, sizes.text).toBe(200)
  const { tables, bytes } = sizes.body as {
    bytes: number
    tables: { name: string; bytes: number; rows: number }[]
  }
  expect(tables.reduce((sum, table) => sum + table.bytes, 0)).toBe(bytes)
  expect(tables.find(({ name }) => name === 'event')).toMatchObject({
    partitions: expect.any(Number) as number,
    // Of a partitioned table too there are statistics, which must not be added to those of its parts.
    rows: await countOf(database, 'select count(*) from event'),
  })
  expect(tables.some(({ name }) => /^event_\d/.test(name))).toBe(false)
  expectVendorError(
    'native',
    await native('get-storage', as(await enter(CAREFUL, codeAt(now())))),
    'forbidden',
  )
  expectVendorError('native', await native('get-storage'), 'forbidden')
})
