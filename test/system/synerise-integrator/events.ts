import { expect } from 'vitest'
import { EVENT_TYPES, operationIdOf } from '../../../src/dialects/synerise/events/types.ts'
import type { EventType } from '../../../src/dialects/synerise/events/types.ts'
import { goodFixture } from '../../contract/fixtures.ts'
import { loggedIn } from './persons.ts'
import { newProfile } from './profiles.ts'
import type { World } from './world.ts'

const BUYER = 'buyer'

interface EventAnswer {
  action: string
}

/** Chapter 7. */
export async function callEvents(world: World): Promise<void> {
  const { call } = world
  const clientId = await newProfile(world, BUYER)
  await call('create-transaction', { body: purchase('order-1') })
  await call('batch-transactions', { body: [purchase('order-2'), purchase('order-3')] })
  await callLists(world, clientId)
  const [late, early] = [LAST, EVENT_TYPES.filter((type) => !LAST.includes(operationIdOf(type)))]
  const keys = await publicKeys(world)
  for (const type of early.filter(isOfReference)) await callType(world, type, keys)
  await call('batch-events', { body: BATCH })
  await call('server-time', { as: '' })
  for (const type of EVENT_TYPES.filter((each) => late.includes(operationIdOf(each))))
    await callType(world, type, keys)
  await expectStored(world, clientId)
}

/** The reference has these two behind all others. */
const LAST = ['recommendation-view-event', 'item-search-click-event']

const isOfReference = (type: EventType): boolean => operationIdOf(type) !== 'completed-transaction-event'

const BATCH = [
  { type: 'custom', action: 'page.visit', label: 'Visit', client: { customId: BUYER } },
  { type: 'searched', label: 'Search', client: { customId: BUYER }, params: { query: 'scarf' } },
]

const price = { amount: 19.99, currency: 'PLN' }

const purchase = (orderId: string): object => ({
  client: { customId: BUYER },
  orderId,
  paymentInfo: { method: 'CASH' },
  products: [{ sku: 'p-1', name: 'Coffee', quantity: 1, finalUnitPrice: price }],
  revenue: price,
  value: price,
  source: 'POS',
})

async function callLists(world: World, clientId: number): Promise<void> {
  const query = { action: 'transaction.charge', limit: '10' }
  const events = await world.call<EventAnswer[]>('list-client-events', { params: { clientId }, query })
  expect(events).toHaveLength(3)
  const { token: as } = await loggedIn(world)
  const own = await world.call<EventAnswer[]>('list-own-events', { as })
  expect(own.map(({ action }) => action)).toContain('client.register')
}

/** What pages of the shop and older clients carry. */
async function publicKeys({ native }: World): Promise<{ tracker: string; ai: string }> {
  const make = async (scope: string): Promise<string> =>
    (await native<{ secret: string }>('create-key', { body: { scope, permissions: [] } })).secret
  return { tracker: await make('tracker'), ai: await make('ai') }
}

/** Sends an event of a type by its workspace and, where they may, by a page and by an older client. */
async function callType(
  world: World,
  type: EventType,
  { tracker, ai }: { tracker: string; ai: string },
): Promise<void> {
  const id = operationIdOf(type)
  const shown = goodFixture('synerise', id)?.request.body as object
  const body = { ...shown, client: { customId: BUYER }, time: new Date().toISOString() }
  await world.call(id, { body })
  if (!type.callers.includes('T')) return
  await world.before(id, { body, as: '', query: { token: tracker } })
  await world.before(id, { body, as: '', headers: { 'x-api-key': ai } })
}

/** Everything that was accepted is on the timeline. */
async function expectStored(world: World, clientId: number): Promise<void> {
  const events = await world.before<EventAnswer[]>('list-client-events', {
    params: { clientId },
    query: { limit: '500' },
  })
  const stored = new Set(events.map(({ action }) => action))
  const sent = EVENT_TYPES.filter(isOfReference).map(({ action }) => action ?? 'ticket.bought')
  expect([...sent, 'product.buy', 'page.visit'].filter((action) => !stored.has(action))).toEqual([])
}
