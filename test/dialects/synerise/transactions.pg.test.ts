import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
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

  /** Sku and quantity of each product.buy, in the order in which the charge lists them, and the ids. */
  const boughtBy = async (customId: string): Promise<{ ids: string[]; bought: unknown[] }> => {
    const events = await eventsOf(customId)
    const charge = events.find(({ action }) => action === 'transaction.charge')
    const ids = charge?.params['productEventsUUIDs'] as string[]
    const buys = new Map(events.map(({ uuid, params }) => [uuid, [params['$sku'], params['$quantity']]]))
    expect(events).toHaveLength(ids.length + 1)
    return { ids, bought: ids.map((id) => buys.get(id)) }
  }

  it('keeps ids and order of its products through every update, with more of them and with fewer', async () => {
    const customId = someone()
    const update = (products: [string, number, number][]): Promise<Reply> =>
      send('batch-transactions', [purchase(customId, products)])
    await update([
      ['a', 1, 1],
      ['b', 1, 1],
    ])
    const first = await boughtBy(customId)
    await update([
      ['a', 2, 1],
      ['b', 3, 1],
      ['c', 4, 1],
    ])
    const more = await boughtBy(customId)
    expect(more.bought).toEqual([
      ['a', 2],
      ['b', 3],
      ['c', 4],
    ])
    expect(more.ids.slice(0, 2)).toEqual(first.ids)
    await update([['b', 5, 1]])
    expect(await boughtBy(customId)).toEqual({ ids: first.ids.slice(0, 1), bought: [['b', 5]] })
  })

  it('loses by an update what that sends as null, and is never stored with one', async () => {
    const customId = someone()
    const product = { sku: 'a', name: 'A', quantity: 1, finalUnitPrice: money(1) }
    const full = { metadata: { coupon: 'SPRING', shop: 1 }, discountAmount: money(2) }
    await send('create-transaction', purchase(customId, [], { ...full, products: [{ ...product, tax: 23 }] }))
    const none = { metadata: { coupon: null, shop: 1 }, discountAmount: null }
    await send(
      'create-transaction',
      purchase(customId, [], { ...none, products: [{ ...product, tax: null }] }),
    )
    const events = await eventsOf(customId)
    const charge = events.find(({ action }) => action === 'transaction.charge')
    expect(charge?.params).toMatchObject({ shop: 1 })
    expect(Object.keys(charge?.params ?? {})).not.toContain('coupon')
    expect(Object.keys(charge?.params ?? {})).not.toContain('$discountAmount')
    const buy = events.find(({ action }) => action === 'product.buy')
    expect(Object.keys(buy?.params ?? {})).not.toContain('tax')
    const params = { profileId: await clientIdOf(customId) }
    const { body } = await harness.call('native', 'list-transactions', { params })
    expect(body).toMatchObject({ items: [{ discount: null }] })
  })

  const product = { sku: 'a', name: 'A', quantity: 1, finalUnitPrice: money(1) }

  it.each([
    ['a discount left out', { discountAmount: undefined }],
    ['no discount', { discountAmount: null }],
    ['a discount', { discountAmount: money(0.01) }],
    ['money of nothing', { value: money(0), revenue: money(0) }],
    ['prices of its currency', { products: [{ ...product, regularPrice: money(2), discountPrice: null }] }],
  ])('with %s is taken', async (_what, other) => {
    expect((await send('create-transaction', purchase(someone(), [], other))).status).toBe(202)
  })

  const dollars = { amount: 1, currency: 'USD' }

  it.each([
    ['revenue', { revenue: dollars }, 'revenue.currency'],
    ['a discount', { discountAmount: dollars }, 'discountAmount.currency'],
    ...['finalUnitPrice', 'netUnitPrice', 'regularPrice', 'discountPrice'].map(
      (price): [string, object, string] => [
        price,
        { products: [product, { ...product, [price]: dollars }] },
        `products[1].${price}.currency`,
      ],
    ),
  ])('with %s in another currency is refused, alone and in a batch', async (_what, other, field) => {
    const body = purchase(someone(), [], other)
    const alone = await send('create-transaction', body)
    expect([alone.status, alone.body]).toMatchObject([400, { errors: [{ field }] }])
    const batch = await send('batch-transactions', [purchase(someone(), []), body])
    expect([batch.status, batch.body]).toMatchObject([400, { errors: [{ field: `[1].${field}` }] }])
  })

  it('without a property of its own is refused field by field, without a nested one as a whole', async () => {
    const { orderId: _left, ...body } = purchase(someone(), [])
    const shapes = {
      field: { message: 'Some fields did not pass validation', errors: [{ rejectedValue: null }] },
      whole: { error: 'Bad Request', message: expect.stringContaining('is required') },
    }
    const good = purchase(someone(), [])
    expect((await send('create-transaction', body)).body).toMatchObject(shapes.field)
    expect((await send('batch-transactions', [good, body])).body).toMatchObject(shapes.field)
    const nested = { ...good, products: [{ ...product, finalUnitPrice: { amount: 1 } }] }
    for (const reply of [
      await send('create-transaction', nested),
      await send('batch-transactions', [nested]),
    ]) {
      expect(reply.body).toMatchObject(shapes.whole)
      expect(reply.body).not.toHaveProperty('errors')
    }
  })

  it('is one of a thousand at most in a batch, which is stored whole or not at all', async () => {
    const customId = someone()
    await send('create-client', { customId })
    const one = purchase(customId, [], { eventSalt: undefined })
    const reply = await send(
      'batch-transactions',
      Array.from({ length: 1_001 }, () => ({})),
    )
    expect(reply.body).toMatchObject({ errors: [{ message: 'body: at most 1000 items allowed' }] })
    expectVendorError('synerise', await send('batch-transactions', [one, { ...one, orderId: '' }]), 'invalid')
    expect(await eventsOf(customId)).toEqual([])
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
