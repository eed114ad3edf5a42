import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
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

const create = (body: object): Promise<Reply> => harness.call('synerise', 'create-client', { body })

const fetchBy = (identifierType: string, identifierValue: string): Promise<Reply> =>
  harness.call('synerise', 'fetch-client', { params: { identifierType, identifierValue } })

type Shown = Record<string, unknown> & { clientId: number }

const find = async (customId: string): Promise<Shown> => {
  const reply = await fetchBy('by-custom-id', customId)
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Shown
}

const reasonsOf = async (reply: Reply): Promise<string[]> => {
  const ledger = await harness.call('native', 'list-rejections', { query: { limit: '500' } })
  const { items } = ledger.body as { items: { traceId: string; reason: string; pointer: string }[] }
  return items
    .filter(({ traceId }) => traceId === reply.headers['x-request-id'])
    .map(({ reason, pointer }) => `${reason} ${pointer}`)
    .sort()
}

describe('one profile', () => {
  it('is found by each identifier, in each spelling of the path', async () => {
    const [customId, uuid] = [someone(), crypto.randomUUID()]
    const email = `${customId}+x@example.com`
    await create({ customId, uuid, email, phone: '+48600100200' })
    const { clientId } = await find(customId)
    const byId = await harness.call('synerise', 'get-client', { params: { clientId: String(clientId) } })
    expect(byId.body).toMatchObject({ clientId, customId, uuid, email })
    for (const spelling of ['by-custom-id', 'by-customid', 'by-customId'])
      expect((await fetchBy(spelling, customId)).body).toMatchObject({ clientId })
    expect((await fetchBy('by-email', email.toUpperCase())).body).toMatchObject({ clientId })
    expect((await fetchBy('by-uuid', uuid)).body).toMatchObject({ clientId })
    expect((await fetchBy('by-phone', '+48 600 100 200')).body).toMatchObject({ clientId })
    expect((await fetchBy('by-nonsense', 'x')).status).toBe(404)
  })

  it('gets a uuid of its own when none is sent', async () => {
    const customId = someone()
    await create({ customId })
    expect((await find(customId))['uuid']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('keeps what is not sent; null resets a field and deletes an attribute', async () => {
    const customId = someone()
    await create({ customId, firstName: 'Ana', city: 'Brno', sex: 'MALE', attributes: { a: 1, b: [2] } })
    await create({ customId, lastName: 'Diaz', city: null, sex: 'NOT_SPECIFIED', attributes: { a: null } })
    expect(await find(customId)).toMatchObject({
      firstName: 'Ana',
      lastName: 'Diaz',
      city: null,
      sex: 'NOT_SPECIFIED',
      attributes: { b: [2] },
    })
  })

  it('takes agreements as booleans, texts and numbers, and only those that are sent', async () => {
    const customId = someone()
    await create({ customId, agreements: { email: 'True', sms: 1, push: 'FALSE', webpush: true } })
    await create({ customId, agreements: { sms: 0 } })
    expect((await find(customId))['agreements']).toEqual({
      email: true,
      sms: false,
      push: false,
      webPush: true,
      bluetooth: false,
      rfid: false,
      wifi: false,
    })
  })

  it('gets tags, which are made when they are new, and keeps those it has', async () => {
    const customId = someone()
    await create({ customId, tags: ['new', 'vip'] })
    await create({ customId, tags: ['vip', 'old'] })
    expect((await find(customId))['tags']).toEqual(['new', 'old', 'vip'])
    const { rows } = await database.admin.query(`select 1 from tag where name = 'vip'`)
    expect(rows).toHaveLength(1)
  })

  it('ignores reserved attributes and says so in the ledger', async () => {
    const customId = someone()
    const reply = await create({ customId, attributes: { clientId: 1, status: 'x', gender: 'x', mine: 1 } })
    expect((await find(customId))['attributes']).toEqual({ mine: 1 })
    expect(await reasonsOf(reply)).toEqual([
      'attribute_name_reserved /attributes/clientId',
      'attribute_name_reserved /attributes/gender',
      'attribute_name_reserved /attributes/status',
    ])
  })

  it('known by its phone only is anonymous, and the same phone is the same profile', async () => {
    await create({ phone: '+48600100999', firstName: 'A' })
    await create({ phone: '+48 600-100-999', lastName: 'B' })
    expect((await fetchBy('by-phone', '+48600100999')).body).toMatchObject({
      anonymous: true,
      firstName: 'A',
      lastName: 'B',
    })
  })

  it('that clashes with another is not changed, though the answer is 202', async () => {
    const [a, b] = [someone(), someone()]
    const uuid = crypto.randomUUID()
    await create({ uuid, email: `${a}@example.com` })
    await create({ customId: b })
    const reply = await create({ uuid, customId: b, firstName: 'never' })
    expect([reply.status, reply.text]).toEqual([202, ''])
    expect(await find(b)).toMatchObject({ firstName: null })
    expect(await reasonsOf(reply)).toEqual(['identity_conflict '])
  })
})

describe('updates and deletes', () => {
  it('reach a profile by id, e-mail and customId, and no other', async () => {
    const customId = someone()
    const email = `${customId}@example.com`
    await create({ customId, email })
    const { clientId } = await find(customId)
    const update = (id: string, params: Record<string, string>, body: object) =>
      harness.call('synerise', id, { params, body })
    const replies = [
      await update('update-client', { clientId: String(clientId) }, { firstName: 'by id' }),
      await update('update-client-by-email', { clientEmail: email }, { lastName: 'by e-mail' }),
      await update('update-client-by-custom-id', { customId }, { city: 'by customId' }),
    ]
    expect(replies.map(({ status, text }) => [status, text])).toEqual([
      [202, ''],
      [202, ''],
      [202, ''],
    ])
    expect(await find(customId)).toMatchObject({
      clientId,
      firstName: 'by id',
      lastName: 'by e-mail',
      city: 'by customId',
    })
    const unknown = await update('update-client-by-email', { clientEmail: 'no@example.com' }, { city: 'x' })
    expectVendorError('synerise', unknown, 'not_found')
  })

  it('may give a profile another e-mail and customId', async () => {
    const customId = someone()
    await create({ customId, email: `${customId}@example.com` })
    const { clientId } = await find(customId)
    const changed = { customId: `${customId}-new`, email: `${customId}-new@example.com` }
    await harness.call('synerise', 'update-client', { params: { clientId: String(clientId) }, body: changed })
    expect(await find(changed.customId)).toMatchObject({ clientId, ...changed })
    expectVendorError('synerise', await fetchBy('by-custom-id', customId), 'not_found')
    expectVendorError('synerise', await fetchBy('by-email', `${customId}@example.com`), 'not_found')
  })

  it('a deleted profile is gone with all that belongs to it, and may come again as a new one', async () => {
    const customId = someone()
    await create({ customId, email: `${customId}@example.com`, tags: ['x'], agreements: { sms: true } })
    const { clientId } = await find(customId)
    await harness.call('synerise', 'custom-event', {
      body: { label: 'x', action: 'a', client: { customId } },
    })
    const reply = await harness.call('synerise', 'delete-client', { params: { clientId: String(clientId) } })
    expect([reply.status, reply.text]).toEqual([202, ''])
    for (const path of ['by-custom-id', 'by-customid'])
      expectVendorError('synerise', await fetchBy(path, customId), 'not_found')
    for (const table of [
      'event',
      'consent',
      'tag_assignment',
      'identifier',
      'profile_change',
      'profile_search',
    ]) {
      const { rows } = await database.admin.query(`select 1 from ${table} where profile_id = $1`, [clientId])
      expect([table, rows]).toEqual([table, []])
    }
    await create({ customId })
    expect((await find(customId)).clientId).not.toBe(clientId)
  })

  it("another workspace's profile is not found", async () => {
    const customId = someone()
    await create({ customId })
    const params = { clientId: String((await find(customId)).clientId) }
    for (const operation of ['get-client', 'delete-client'])
      expectVendorError(
        'synerise',
        await harness.call('synerise', operation, { params, workspace: 'Second' }),
        'not_found',
      )
    const update = { params, body: { firstName: 'x' }, workspace: 'Second' as const }
    expectVendorError('synerise', await harness.call('synerise', 'update-client', update), 'not_found')
  })
})

describe('a batch', () => {
  const batch = (body: unknown): Promise<Reply> => harness.call('synerise', 'batch-clients', { body })

  it('stores the good items and answers for the bad ones, with 207', async () => {
    const [good, other] = [someone(), someone()]
    const reply = await batch([{ customId: good, firstName: 'A' }, { email: 'none' }, 7, { customId: other }])
    expect(reply.status).toBe(207)
    expect(reply.body).toEqual([
      { code: 400, field: '[1].email', message: expect.any(String), rejectedValue: 'none' },
      { code: 400, field: '[2]', message: expect.any(String), rejectedValue: '7' },
    ])
    expect(await find(good)).toMatchObject({ firstName: 'A' })
    expect(await find(other)).toMatchObject({ customId: other })
    expect(await reasonsOf(reply)).toEqual(['request_refused /1/email', 'request_refused /2'])
  })

  it('updates by clientId; one that nobody has creates nothing alone, and is as if absent beside another', async () => {
    const [customId, created] = [someone(), someone()]
    await create({ customId })
    const { clientId } = await find(customId)
    const unknown = clientId + 1_000_000
    const reply = await batch([
      { clientId, firstName: 'by id' },
      { clientId: unknown, firstName: 'nobody' },
      { clientId: unknown, customId: created },
    ])
    expect([reply.status, reply.text]).toEqual([202, ''])
    expect(await find(customId)).toMatchObject({ firstName: 'by id' })
    expect((await find(created)).clientId).not.toBe(unknown)
    expect(await reasonsOf(reply)).toEqual(['profile_unknown /1'])
  })

  test.each([
    ['no items', []],
    ['more than 1,000 items', Array.from({ length: 1_001 }, () => ({ customId: 'x' }))],
    ['no list', { customId: 'x' }],
  ])('of %s is refused', async (_what, body) => {
    expectVendorError('synerise', await batch(body), 'invalid')
  })
})

describe('the list', () => {
  it('is filtered without regard to case, sorted, and cut into pages', async () => {
    const mark = someone()
    for (const [firstName, city] of [
      ['Cid', 'A'],
      ['ana', 'B'],
      ['Bob', 'C'],
    ])
      await create({ customId: someone(), firstName, city, lastName: mark })
    await create({ customId: someone(), lastName: mark, email: `${mark}@example.com` })
    const list = async (query: Record<string, string>): Promise<unknown[]> => {
      const reply = await harness.call('synerise', 'list-clients', {
        query: { 'filters[lastName]': mark.toUpperCase(), ...query },
      })
      expect(reply.status, reply.text).toBe(200)
      return (reply.body as Shown[]).map(({ firstName }) => firstName)
    }
    expect(await list({ sortBy: 'firstName', sortOrder: 'ASC' })).toEqual(['ana', 'Bob', 'Cid', null])
    expect(await list({ sortBy: 'firstName', sortOrder: 'DESC' })).toEqual(['Cid', 'Bob', 'ana', null])
    expect(await list({ sortBy: 'city', sortOrder: 'DESC', pageSize: '2' })).toEqual(['Bob', 'ana'])
    expect(await list({ sortBy: 'city', sortOrder: 'DESC', pageSize: '2', pageIndex: '2' })).toEqual([
      'Cid',
      null,
    ])
    expect(await list({ 'filters[anonymous]': 'true', sortBy: 'firstName' })).toEqual(['ana', 'Bob', 'Cid'])
    expect(await list({ 'filters[firstName]': 'ANA' })).toEqual(['ana'])
    expect(await list({ 'filters[email]': `${mark}@EXAMPLE.com` })).toEqual([null])
  })

  test.each([{ pageSize: '0' }, { pageIndex: '0' }, { sortBy: 'age' }, { pageSize: 'x' }])(
    'refuses %o',
    async (query) => {
      expectVendorError('synerise', await harness.call('synerise', 'list-clients', { query }), 'invalid')
    },
  )
})
