import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness, openTestApp } from '../contract/harness.ts'
import type { Call, Harness, Reply } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

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

interface Named {
  name: string
  count: number
  firstSeenAt: string
  lastSeenAt: string
  dialects: { dialect: string; count: number }[]
}

const names = async (
  query: Record<string, string> = {},
  call: Call = {},
): Promise<{ items: Named[]; nextCursor: string | null }> => {
  const reply = await harness.call('native', 'list-event-names', { ...call, query })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as { items: Named[]; nextCursor: string | null }
}

const find = async (name: string): Promise<Named | undefined> =>
  (await names({ search: name })).items.find((item) => item.name === name)

const sendSynerise = (action: string, customId = 'c'): Promise<Reply> =>
  harness.call('synerise', 'custom-event', { body: { label: 'x', action, client: { customId } } })

const sendNative = (name: string): Promise<Reply> =>
  harness.call('native', 'create-events', {
    body: { items: [{ identifiers: [{ kind: 'userId', value: 'n' }], name }] },
  })

describe('the catalogue of events', () => {
  it('has a name as soon as its first event is committed, also one without properties', async () => {
    expect((await sendSynerise('seen.at-once')).status).toBe(202)
    expect(await find('seen.at-once')).toMatchObject({ dialects: [{ dialect: 'synerise' }] })
  })

  it('counts what every dialect sent under a name, altogether and apart', async () => {
    for (let n = 0; n < 3; n++) await sendSynerise('counted')
    expect((await sendNative('counted')).status).toBeLessThan(300)
    await expect
      .poll(() => find('counted'))
      .toMatchObject({
        count: 4,
        dialects: [
          { dialect: 'native', count: 1 },
          { dialect: 'synerise', count: 3 },
        ],
      })
    const { firstSeenAt = '', lastSeenAt = '' } = (await find('counted')) ?? {}
    expect(Date.parse(lastSeenAt)).toBeGreaterThan(Date.parse(firstSeenAt))
  })

  it('counts an event once, however often it is sent, and one that takes the place of another not again', async () => {
    const body = {
      label: 'x',
      action: 'salted',
      client: { customId: 'c' },
      eventSalt: 'the salt',
      time: '2024-01-01T00:00:00Z',
    }
    for (let n = 0; n < 3; n++) await harness.call('synerise', 'custom-event', { body })
    const headers = { 'idempotency-key': 'named once' }
    const again = { ...body, action: 'replayed', eventSalt: undefined }
    for (let n = 0; n < 3; n++) await harness.call('synerise', 'custom-event', { body: again, headers })
    await sendSynerise('the.last')
    await expect.poll(async () => (await find('the.last'))?.count).toBe(1)
    expect([(await find('salted'))?.count, (await find('replayed'))?.count]).toEqual([1, 1])
  })

  it('has every product of a purchase, and nothing of a request that was refused', async () => {
    const money = { amount: 1, currency: 'PLN' }
    const product = { sku: 'a', name: 'A', quantity: 1, finalUnitPrice: money }
    const purchase = {
      client: { customId: 'c' },
      orderId: 'o',
      paymentInfo: { method: 'CASH' },
      products: [product, product],
      revenue: money,
      value: money,
      source: 'POS',
    }
    await harness.call('synerise', 'create-transaction', { body: purchase })
    const item = { label: 'x', client: { customId: 'c' }, type: 'custom' }
    const refused = [
      { ...item, action: 'never.stored' },
      { ...item, action: 'x', params: { email: 'nobody@example.com' } },
    ]
    expect((await harness.call('synerise', 'batch-events', { body: refused })).status).toBe(400)
    await expect.poll(async () => (await find('product.buy'))?.count).toBe(2)
    expect((await find('transaction.charge'))?.count).toBe(1)
    expect(await find('never.stored')).toBeUndefined()
  })

  it('counts on in another process, and under names that an object has of its own', async () => {
    await sendNative('__proto__')
    const other = await openTestApp(database.db)
    await other.http.ready()
    const { headers } = harness.credentialOf('synerise')
    const payload = { label: 'x', action: 'shared.name', client: { customId: 'c' } }
    await sendSynerise('shared.name')
    const url = '/v4/events/custom'
    expect((await other.http.inject({ method: 'POST', url, headers, payload })).statusCode).toBe(202)
    await other.close()
    await expect.poll(async () => (await find('shared.name'))?.count).toBe(2)
    expect((await find('__proto__'))?.count).toBe(1)
  })

  it('is listed page by page in order, by dialect and by a part of the name', async () => {
    for (const name of ['paged.c', 'paged.a', 'paged.b']) await sendSynerise(name)
    await sendNative('paged.b')
    const first = await names({ search: 'PAGED', limit: '2' })
    expect(first.items.map(({ name }) => name)).toEqual(['paged.a', 'paged.b'])
    const second = await names({ search: 'PAGED', limit: '2', cursor: first.nextCursor ?? '' })
    expect([second.items.map(({ name }) => name), second.nextCursor]).toEqual([['paged.c'], null])
    const native = await names({ search: 'paged', dialect: 'native' })
    expect(native.items).toMatchObject([{ name: 'paged.b', dialects: [{ dialect: 'native' }] }])
  })

  it('refuses a cursor that is not its own and a parameter that it does not know', async () => {
    const unknown: Record<string, string>[] = [{ cursor: 'x' }, { nmae: 'x' }]
    for (const query of unknown) {
      const reply = await harness.call('native', 'list-event-names', {
        query,
      })
      expect([reply.status, (reply.body as { code: string }).code]).toEqual([400, 'CDP_QUERY_INVALID'])
    }
  })

  it('is that of one workspace', async () => {
    await sendSynerise('of.the.first')
    const items = (await names({ search: 'of.the.first' }, { workspace: 'Second' })).items
    expect(items).toEqual([])
  })
})
