import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
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

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

/** Two definitions of each kind of thing that has one. */
const DEFINITIONS = {
  segment: [
    { type: 'tag', name: 'vip' },
    { type: 'tag', name: 'new' },
  ],
  aggregate: [{ function: 'count' }, { function: 'count', name: 'Bought' }],
  expression: [
    { type: 'attribute', name: 'city' },
    { type: 'attribute', name: 'company' },
  ],
} as const

describe.each(['segment', 'aggregate', 'expression'] as const)('a %s', (kind) => {
  const [first, second] = DEFINITIONS[kind]

  const make = async (): Promise<{ params: Record<string, string>; etag: string }> => {
    const { body, headers } = await native(`create-${kind}`, {
      body: { name: randomUUID(), definition: first },
    })
    return { params: { [`${kind}Id`]: (body as { id: string }).id }, etag: String(headers['etag']) }
  }

  it('is changed under If-Match only as it was read, and every change makes another version', async () => {
    const { params, etag } = await make()
    const put = (ifMatch: string, body: object): Promise<Reply> =>
      native(`put-${kind}`, { params, body, headers: { 'if-match': ifMatch } })
    const name = randomUUID()
    const renamed = await put(etag, { name, definition: first })
    expect([renamed.status, renamed.headers['etag']]).toEqual([200, '"2"'])
    expectVendorError('native', await put(etag, { name, definition: second }), 'precondition')
    expectVendorError('native', await put('W/"2"', { name, definition: second }), 'precondition')
    const read = await native(`get-${kind}`, { params })
    expect([read.headers['etag'], read.body]).toMatchObject(['"2"', { name, definition: first, version: 2 }])
    const redefined = await put('"2"', { name, definition: second })
    expect([redefined.status, redefined.headers['etag']]).toEqual([200, '"3"'])
    expect((await put('*', { name: randomUUID(), definition: second })).status).toBe(200)
    expect((await native(`put-${kind}`, { params, body: { name, definition: first } })).status).toBe(200)
  })

  it('that many change at once from one version is changed by one of them', async () => {
    const { params, etag } = await make()
    const replies = await Promise.all(
      Array.from({ length: 5 }, () =>
        native(`put-${kind}`, {
          params,
          body: { name: randomUUID(), definition: second },
          headers: { 'if-match': etag },
        }),
      ),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412, 412])
    const { body } = await native(`get-${kind}`, { params })
    expect(body).toEqual(replies.find(({ status }) => status === 200)?.body)
  })

  it('is deleted under If-Match only as it was read', async () => {
    const { params, etag } = await make()
    const remove = (ifMatch: string): Promise<Reply> =>
      native(`delete-${kind}`, { params, headers: { 'if-match': ifMatch } })
    await native(`put-${kind}`, { params, body: { name: randomUUID(), definition: first } })
    expectVendorError('native', await remove(etag), 'precondition')
    expect((await native(`get-${kind}`, { params })).status).toBe(200)
    expect((await remove('"2"')).status).toBe(204)
    expect((await remove('"2"')).status).toBe(404)
  })

  it('that was changed gives the stored answer to a retry, also when its If-Match is stale by then', async () => {
    const { params, etag } = await make()
    const call = {
      params,
      body: { name: randomUUID(), definition: second },
      headers: { 'if-match': etag, 'idempotency-key': randomUUID() },
    }
    const [once, twice] = [await native(`put-${kind}`, call), await native(`put-${kind}`, call)]
    expect([once.status, twice.status, twice.body]).toEqual([200, 200, once.body])
    expect(twice.headers['etag']).toBe('"2"')
  })
})
