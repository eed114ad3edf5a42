import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let people = 0

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const someone = (): string => `person-${++people}`

const call = (operation: string, options: Call = {}): Promise<Reply> =>
  harness.call('native', operation, options)

const userId = (value: string) => ({ kind: 'userId', value })

interface Result {
  status: string
  profileId: number
  eventId?: string
}

const write = async (
  operation: 'write-profiles' | 'create-events',
  ...items: object[]
): Promise<Result[]> => {
  const reply = await call(operation, { body: { items } })
  expect(reply.status, reply.text).toBe(200)
  return (reply.body as { items: Result[] }).items
}

const profile = async (who: string, facts: object = {}): Promise<number> => {
  const [result] = await write('write-profiles', { identifiers: [userId(who)], ...facts })
  return result?.profileId ?? 0
}

const read = async (profileId: number): Promise<Reply> =>
  call('get-profile', { params: { profileId: String(profileId) } })

const patch = (profileId: number, body: object, headers: Record<string, string> = {}): Promise<Reply> =>
  call('patch-profile', { params: { profileId: String(profileId) }, body, headers })

describe('profiles and events', () => {
  it('are written item by item, and read back', async () => {
    const who = someone()
    const [stored] = await write('write-profiles', {
      identifiers: [userId(who), { kind: 'alias', label: 'crm', value: who }],
      attributes: { firstName: 'Ana', plan: 'gold', visits: 1 },
      consents: [{ channel: 'sms', state: 'denied' }],
      tags: ['b', 'a'],
    })
    await write('write-profiles', {
      profileId: stored?.profileId,
      attributes: { plan: null },
      operators: { visits: { increment: 2 }, list: { add: ['x'] } },
    })
    expect((await read(stored?.profileId ?? 0)).body).toMatchObject({
      attributes: { firstName: 'Ana', visits: 3, list: ['x'] },
      consents: [{ channel: 'sms', state: 'denied', source: 'native' }],
      tags: ['a', 'b'],
    })
  })

  it('a named profile must exist; its neighbours are stored', async () => {
    const results = await write(
      'create-events',
      { profileId: 999_999_999, name: 'a' },
      { identifiers: [userId(someone())], name: 'a' },
      { identifiers: [userId(someone())], name: 'a', occurredAt: 'yesterday' },
    )
    expect(results.map(({ status }) => status)).toEqual(['refused', 'stored', 'refused'])
  })

  it('a purchase is a transaction with exact money', async () => {
    const who = someone()
    const lines = [{ sku: 's', name: 'S', quantity: '3', unitPrice: '0.10' }]
    const transaction = { orderId: 'o-1', currency: 'EUR', value: '12345678901234567.30', lines }
    await write('create-events', { identifiers: [userId(who)], name: 'Paid', transaction })
    const { body } = await call('list-transactions', {
      params: { profileId: String(await profile(who)) },
    })
    expect(body).toMatchObject({ items: [{ value: '12345678901234567.30', source: 'native', lines }] })
  })

  test.each([
    ['no items', { items: [] }],
    ['more than 1,000', { items: Array.from({ length: 1_001 }, () => ({})) }],
    ['a misspelt member', { item: [{}] }],
  ])('a request with %s is refused', async (_what, body) => {
    for (const operation of ['write-profiles', 'create-events'])
      expectVendorError('native', await call(operation, { body }), 'invalid')
  })

  it('need the permission', async () => {
    await database.admin.query(`update api_key set permissions = '{profiles:read}' where scope = 'native'`)
    harness.app.credentials.forget()
    try {
      const body = { items: [{ identifiers: [userId(someone())] }] }
      for (const operation of ['write-profiles', 'create-events', 'merge-profiles'])
        expectVendorError('native', await call(operation, { body }), 'forbidden')
      for (const operation of ['patch-profile', 'delete-profile', 'unmerge-profile', 'list-events'])
        expectVendorError('native', await call(operation, { body: {} }), 'forbidden')
    } finally {
      await database.admin.query(`update api_key set permissions = '{*}' where scope = 'native'`)
      harness.app.credentials.forget()
    }
  })
})

describe('a patch', () => {
  it('changes what it names, and nothing when the profile was changed since it was read', async () => {
    const profileId = await profile(someone(), { attributes: { a: 1, b: 2 } })
    const etag = String((await read(profileId)).headers['etag'])
    const first = await patch(profileId, { attributes: { a: 10, b: null } }, { 'if-match': etag })
    expect(first.status, first.text).toBe(204)
    expectVendorError(
      'native',
      await patch(profileId, { attributes: { a: 20 } }, { 'if-match': etag }),
      'precondition',
    )
    const after = await read(profileId)
    expect(after.body).toMatchObject({ attributes: { a: 10 } })
    expect(after.headers['etag']).toBe(first.headers['etag'])
    expect((await patch(profileId, { attributes: { a: 30 } }, { 'if-match': '*' })).status).toBe(204)
    expectVendorError('native', await patch(profileId, {}, { 'if-match': 'W/"1"' }), 'precondition')
  })

  it('may come as a merge patch', async () => {
    const profileId = await profile(someone())
    const headers = { 'content-type': 'application/merge-patch+json' }
    expect((await patch(profileId, { attributes: { a: 1 } }, headers)).status).toBe(204)
  })

  it('by the id of a merged profile reaches the survivor', async () => {
    const [from, into] = [await profile(someone()), await profile(someone())]
    await call('merge-profiles', { body: { from, into } })
    expect((await patch(from, { attributes: { a: 1 } })).status).toBe(204)
    expect((await read(into)).body).toMatchObject({ attributes: { a: 1 } })
  })
})

describe('a merge', () => {
  it('can be tried, done and taken back', async () => {
    const names = [someone(), someone()] as const
    const from = await profile(names[0], { attributes: { plan: 'free', city: 'Brno' } })
    const into = await profile(names[1], { attributes: { plan: 'gold' } })
    const merge = async (dryRun: boolean): Promise<unknown> =>
      (await call('merge-profiles', { body: { from, into, dryRun } })).body
    const expected = { id: into, attributes: { plan: 'gold', city: 'Brno' } }
    expect(await merge(true)).toMatchObject({ dryRun: true, profile: expected })
    expect((await read(from)).body).toMatchObject({ id: from })
    expect(await merge(false)).toMatchObject({ dryRun: false, profile: expected })
    expect((await read(from)).body).toMatchObject({ id: into, mergedFrom: from })
    const taken = await call('unmerge-profile', { params: { profileId: String(from) } })
    expect(taken.body).toMatchObject({
      survivorId: into,
      profile: { id: from, attributes: { city: 'Brno' } },
    })
    expect((await read(into)).body).toMatchObject({ attributes: { plan: 'gold' } })
  })

  it("never reaches another workspace's profile", async () => {
    const [from, into] = [await profile(someone()), await profile(someone())]
    for (const dryRun of [true, false])
      expectVendorError(
        'native',
        await call('merge-profiles', { body: { from, into, dryRun }, workspace: 'Second' }),
        'not_found',
      )
  })
})

describe('a deletion', () => {
  it('takes the profile and everything that was merged into it', async () => {
    const [from, into] = [await profile(someone()), await profile(someone())]
    await call('merge-profiles', { body: { from, into } })
    const reply = await call('delete-profile', { params: { profileId: String(from) } })
    expect([reply.status, reply.text]).toEqual([204, ''])
    for (const id of [from, into]) expectVendorError('native', await read(id), 'not_found')
  })
})

describe('the list of profiles', () => {
  it('is searched, filtered, sorted and cut into pages that stay right while profiles come in', async () => {
    const mark = someone()
    for (const [firstName, email] of [
      ['Cid', `c-${mark}@example.com`],
      ['ana', undefined],
      ['Bob', `b-${mark}@example.com`],
    ])
      await profile(someone(), { attributes: { firstName, lastName: mark, ...(email && { email }) } })
    const list = async (
      query: Record<string, string>,
    ): Promise<{ names: unknown[]; nextCursor: string | null }> => {
      const reply = await call('list-profiles', { query: { lastName: mark, ...query } })
      expect(reply.status, reply.text).toBe(200)
      const { items, nextCursor } = reply.body as {
        items: { attributes: { firstName: string } }[]
        nextCursor: string | null
      }
      return { names: items.map(({ attributes }) => attributes.firstName), nextCursor }
    }
    expect((await list({})).names).toEqual(['Bob', 'ana', 'Cid'])
    expect((await list({ search: `-${mark.toUpperCase()}@EX` })).names).toEqual(['Bob', 'Cid'])
    expect((await list({ hasEmail: 'false' })).names).toEqual(['ana'])
    const first = await list({ sort: 'firstName', limit: '2' })
    expect(first.names).toEqual(['ana', 'Bob'])
    await profile(someone(), { attributes: { firstName: 'Aaron', lastName: mark } })
    const second = await list({ sort: 'firstName', limit: '2', cursor: first.nextCursor ?? '' })
    expect(second).toEqual({ names: ['Cid'], nextCursor: null })
    expect((await list({ sort: 'email', limit: '4' })).names).toEqual(['Bob', 'Cid', 'ana', 'Aaron'])
    const nulls = await list({ sort: 'email', limit: '3' })
    expect((await list({ sort: 'email', cursor: nulls.nextCursor ?? '' })).names).toEqual(['Aaron'])
  })

  it('gives profiles by their ids in one page: those merged away as whom they became, nobody for unknown ones', async () => {
    const [into, from, other] = [await profile(someone()), await profile(someone()), await profile(someone())]
    await call('merge-profiles', { body: { from, into } })
    const foreign = await call('write-profiles', {
      workspace: 'Second',
      body: { items: [{ identifiers: [userId(someone())] }] },
    })
    const [{ profileId: foreignId } = { profileId: 0 }] = (foreign.body as { items: Result[] }).items
    const ids = [other, from, foreignId, 999_999_999, into, other].join(',')
    const { status, body } = await call('list-profiles', { query: { ids } })
    const { items, nextCursor } = body as { items: { id: number; mergedFrom?: number }[]; nextCursor: null }
    const found = items.map(({ id, mergedFrom }) => ({ id, mergedFrom }))
    const expected = [{ id: other }, { id: into, mergedFrom: from }, { id: into }]
    expect([status, found, nextCursor]).toEqual([200, expected, null])
  })

  it('takes up to 100 ids, and nothing beside them', async () => {
    const many = (count: number): string => Array.from({ length: count }, (_, n) => n + 1).join(',')
    expect((await call('list-profiles', { query: { ids: many(100) } })).status).toBe(200)
    for (const [query, pointer] of [
      [{ ids: many(101) }, '/ids'],
      [{ ids: '1,,2' }, '/ids'],
      [{ ids: '0' }, '/ids'],
      [{ ids: '9007199254740993' }, '/ids'],
      [{ ids: '1', limit: '1' }, '/limit'],
      [{ ids: '1', city: 'Oslo' }, '/city'],
    ] as const) {
      const { status, body } = await call('list-profiles', { query })
      expect([status, body]).toMatchObject([400, { code: 'CDP_QUERY_INVALID', errors: [{ pointer }] }])
    }
  })

  it('takes no cursor of another order, and no wildcard of the caller', async () => {
    const { body } = await call('list-profiles', { query: { limit: '1' } })
    const { nextCursor } = body as { nextCursor: string }
    const query = { sort: 'email', cursor: nextCursor }
    expectVendorError('native', await call('list-profiles', { query }), 'invalid')
    expect((await call('list-profiles', { query: { search: '%' } })).body).toMatchObject({ items: [] })
  })
})

describe('the change log', () => {
  it('names each change, its source and its credential, newest first, over merges and pages', async () => {
    const [who, other] = [someone(), someone()]
    const profileId = await profile(who, { attributes: { plan: 'free' } })
    await profile(who, { attributes: { plan: 'gold' } })
    const from = await profile(other, { attributes: { city: 'Brno' } })
    await call('merge-profiles', { body: { from, into: profileId } })
    const params = { profileId: String(profileId) }
    const all = (await call('list-changes', { params })).body as { items: Record<string, unknown>[] }
    expect(all.items.map(({ changes }) => changes)).toEqual([
      [{ name: 'city', before: null, after: 'Brno' }],
      [{ name: 'plan', before: 'free', after: 'gold' }],
      [{ name: 'plan', before: null, after: 'free' }],
    ])
    expect(all.items[0]).toMatchObject({ profileId: from, dialect: 'native', credential: expect.any(String) })
    const first = (await call('list-changes', { params, query: { limit: '2' } })).body
    const { nextCursor } = first as { nextCursor: string }
    const second = (await call('list-changes', { params, query: { cursor: nextCursor } })).body
    expect(second).toEqual({ items: all.items.slice(2), nextCursor: null })
    const none = await call('list-changes', { params, query: { to: '2020-01-01' } })
    expect(none.body).toEqual({ items: [], nextCursor: null })
  })
})
