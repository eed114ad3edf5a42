import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
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

describe('a transaction', () => {
  const money = (amount: number) => ({ amount, currency: 'PLN' })

  const purchase = (customId: string, products: [string, number, number][], other: object = {}) => ({
    client: { customId },
    orderId: `order of ${customId}`,
    paymentInfo: { method: 'CASH' },
    products: products.map(([sku, quantity, price]) => ({
      sku,
      name: `Product ${sku}`,
      quantity,
      finalUnitPrice: money(price),
      color: 'red',
    })),
    revenue: money(59.97),
    value: money(59.97),
    source: 'POS',
    recordedAt: '2024-04-01T10:00:00Z',
    metadata: { coupon: 'SPRING', ip: 'ignored' },
    eventSalt: `salt of ${customId}`,
    ...other,
  })

  it('is one charge and one product.buy for each product', async () => {
    const customId = someone()
    const reply = await send(
      'create-transaction',
      purchase(customId, [
        ['a', 2, 19.99],
        ['b', 1, 19.99],
      ]),
    )
    expect([reply.status, reply.text]).toEqual([202, ''])
    const events = await eventsOf(customId)
    const charge = events.find(({ action }) => action === 'transaction.charge')
    const buys = events.filter(({ action }) => action === 'product.buy')
    expect(charge?.params).toMatchObject({
      coupon: 'SPRING',
      $totalAmount: 59.97,
      $revenue: 59.97,
      $currency: 'PLN',
      $paymentType: { method: 'CASH' },
      $orderID: `order of ${customId}`,
      $source: 'POS',
      products: [
        { $sku: 'a', $quantity: 2, $finalUnitPrice: 19.99, $name: 'Product a', $currency: 'PLN' },
        { $sku: 'b', $quantity: 1, $finalUnitPrice: 19.99, $name: 'Product b', $currency: 'PLN' },
      ],
      productEventsUUIDs: expect.any(Array),
    })
    expect(new Set(charge?.params['productEventsUUIDs'] as string[])).toEqual(
      new Set(buys.map(({ uuid }) => uuid)),
    )
    expect(buys.map(({ params }) => [params['$sku'], params['color']]).sort()).toEqual([
      ['a', 'red'],
      ['b', 'red'],
    ])
    const native = await harness.call('native', 'list-transactions', {
      params: { profileId: await clientIdOf(customId) },
    })
    expect(native.body).toMatchObject({
      items: [
        {
          id: charge?.uuid,
          orderId: `order of ${customId}`,
          currency: 'PLN',
          value: '59.97',
          lines: [
            { sku: 'a', quantity: '2', unitPrice: '19.99' },
            { sku: 'b', quantity: '1', unitPrice: '19.99' },
          ],
        },
      ],
      nextCursor: null,
    })
  })

  it('sent again with its salt is the same one, with the ids of its products', async () => {
    const customId = someone()
    await send('create-transaction', purchase(customId, [['a', 1, 1]]))
    const before = await eventsOf(customId)
    const body = [purchase(customId, [['a', 5, 1]], { value: money(5) })]
    expect((await send('batch-transactions', body)).status).toBe(202)
    const after = await eventsOf(customId)
    expect(after.map(({ uuid }) => uuid).sort()).toEqual(before.map(({ uuid }) => uuid).sort())
    expect(after.find(({ action }) => action === 'product.buy')?.params['$quantity']).toBe(5)
  })

  it('sent twice without a salt is two', async () => {
    const customId = someone()
    for (let n = 0; n < 2; n++)
      await send('create-transaction', purchase(customId, [], { eventSalt: undefined }))
    expect(await eventsOf(customId)).toHaveLength(2)
  })

  test.each([
    ['negative money', { value: money(-1) }],
    ['money that no double holds', '{"amount":12345678901234567891,"currency":"PLN"}'],
    ['an unknown source', { source: 'WEB' }],
    ['an empty order id', { orderId: '' }],
    ['no payment method', { paymentInfo: {} }],
  ])('with %s is refused', async (_what, other) => {
    const body = purchase(someone(), [], typeof other === 'string' ? { value: '@value' } : other)
    const rawBody = JSON.stringify(body).replace('"@value"', typeof other === 'string' ? other : '')
    expectVendorError(
      'synerise',
      await harness.call('synerise', 'create-transaction', { rawBody }),
      'invalid',
    )
  })
})
