import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVENT_TYPES, operationIdOf } from '../../../src/dialects/synerise/events/types.ts'
import { fixturesOf } from '../../../src/dialects/fixtures.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openEvents } from '../../setup/synerise-events.ts'

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

const { someone, send, clientIdOf, eventsOf } = openEvents(() => harness)

/** Params that the type takes, and such that it refuses if there are any, from its fixtures. */
const examplesOf = (id: string): { good: unknown; bad: unknown; field: string | undefined } => {
  const own = fixturesOf('synerise').filter(({ operation }) => operation === id)
  const paramsOf = (isGood: boolean): { params?: unknown; answer?: { errors: { field: string }[] } } => {
    const found = own.find(({ answer }) => answer.status < 300 === isGood)
    const { params } = (found?.request.body ?? {}) as { params?: unknown }
    return { params, answer: found?.answer.body as { errors: { field: string }[] } }
  }
  const [good, bad] = [paramsOf(true), paramsOf(false)]
  return { good: good.params, bad: bad.params, field: bad.answer?.errors[0]?.field }
}

const typed = EVENT_TYPES.filter(({ action }) => action !== undefined)

describe.each(typed)('an event of type $type', (eventType) => {
  const { type, action, status } = eventType
  const id = operationIdOf(eventType)
  const { good, bad, field } = examplesOf(id)

  it('is stored under the action of its type, whatever action the caller sends', async () => {
    const customId = someone()
    const reply = await send(id, { label: 'x', action: 'my.own', client: { customId }, params: good })
    expect([reply.status, reply.text]).toEqual([status, ''])
    const [event] = await eventsOf(customId)
    expect(event).toMatchObject({ action, ...(good !== undefined && { params: good }) })
  })

  it('is the same in a batch, in every spelling of its type', async () => {
    const customId = someone()
    const item = { label: 'x', client: { customId }, params: good }
    const spellings = [...new Set([type, type.replace('/', '-')])]
    const reply = await send(
      'batch-events',
      spellings.map((spelling) => ({ ...item, type: spelling })),
    )
    expect([reply.status, reply.text]).toEqual([202, ''])
    const actions = (await eventsOf(customId)).map((event) => event.action)
    expect(actions).toEqual(spellings.map(() => action))
  })

  it.runIf(field !== undefined)('is refused in a batch as it is alone, with its place', async () => {
    const customId = someone()
    await send('create-client', { customId })
    const item = { label: 'x', client: { customId } }
    const reply = await send('batch-events', [
      { ...item, type: 'shared' },
      { ...item, type, params: bad },
    ])
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({ path: '/events/batch', errors: [{ field: `[1].${field}` }] })
    expect(await eventsOf(customId)).toEqual([])
  })
})

describe('a batch of events', () => {
  it('takes a thousand events, and not one more', async () => {
    const customId = someone()
    const item = { type: 'shared', label: 'x', client: { customId } }
    expect(
      (
        await send(
          'batch-events',
          Array.from({ length: 1_000 }, () => item),
        )
      ).status,
    ).toBe(202)
    const native = await harness.call('native', 'list-events', {
      params: { profileId: await clientIdOf(customId) },
      query: { limit: '500' },
    })
    expect((native.body as { items: unknown[] }).items).toHaveLength(500)
    expect(
      (
        await send(
          'batch-events',
          Array.from({ length: 1_001 }, () => item),
        )
      ).status,
    ).toBe(400)
    expect((await send('batch-events', [])).status).toBe(400)
  })

  it('stores once under an Idempotency-Key', async () => {
    const customId = someone()
    const body = [{ type: 'shared', label: 'x', client: { customId } }]
    const headers = { 'idempotency-key': `batch of ${customId}` }
    for (let n = 0; n < 2; n++)
      expect((await harness.call('synerise', 'batch-events', { body, headers })).status).toBe(202)
    expect(await eventsOf(customId)).toHaveLength(1)
  })

  it('makes no product.buy of a purchase, and neither does an event', async () => {
    const customId = someone()
    const product = { sku: 'a', name: 'A', quantity: 1, finalUnitPrice: { amount: 1, currency: 'PLN' } }
    const event = { label: 'x', client: { customId }, params: { orderId: '1', products: [product] } }
    await send('completed-transaction-event', event)
    await send('batch-events', [{ ...event, type: 'custom', action: 'transaction.charge' }])
    const actions = (await eventsOf(customId)).map(({ action }) => action)
    expect(actions).toEqual(['transaction.charge', 'transaction.charge'])
  })
})

it('the permissions are spelt as the vendor spells them', () => {
  const permissionOf = Object.fromEntries(EVENT_TYPES.map(({ type, permission }) => [type, permission]))
  expect(permissionOf).toMatchObject({
    'push/received': 'API_PUSH_RECIVED_EVENTS_CREATE',
    'recommendation-seen': 'API_RECOMENDATION_SEEN_EVENTS_CREATE',
    'recommendation-view': 'API_RECOMMENDATION_VIEW_EVENT_CREATE',
    'item-search-click': 'API_ITEM_SEARCH_CLICK_EVENT_CREATE',
  })
})
