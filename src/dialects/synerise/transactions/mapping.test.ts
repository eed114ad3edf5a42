import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapTransaction } from './mapping.ts'
import type { Transaction } from './schemas.ts'

const context = { pointer: '', receivedAt: Date.UTC(2026, 0, 31), timezone: 'UTC' }

const amounts = fc.integer({ min: 0, max: 10_000_000 }).map((cents) => cents / 100)

const products = fc.array(
  fc.record({
    sku: fc.string({ minLength: 1 }),
    name: fc.string(),
    quantity: fc.integer({ min: 1, max: 100 }),
    finalUnitPrice: amounts.map((amount) => ({ amount, currency: 'PLN' })),
    tax: fc.oneof(fc.constant(null), fc.integer()),
  }),
  { maxLength: 20 },
)

const purchases = fc.record({
  products,
  value: amounts,
  metadata: fc.dictionary(fc.string(), fc.jsonValue()),
})

const purchaseOf = ({
  value,
  metadata,
  ...rest
}: typeof purchases extends fc.Arbitrary<infer T> ? T : never) =>
  ({
    client: { customId: 'c' },
    orderId: 'o',
    paymentInfo: { method: 'CASH' },
    revenue: { amount: value, currency: 'PLN' },
    value: { amount: value, currency: 'PLN' },
    source: 'POS',
    metadata,
    ...rest,
  }) as Transaction

describe('a purchase', () => {
  it('has one part a product, in their order, and money whose text is the number that was sent', () => {
    fc.assert(
      fc.property(purchases, (drawn) => {
        const { event, transaction } = mapTransaction(purchaseOf(drawn), context)
        const skus = drawn.products.map(({ sku }) => sku)
        expect(event?.parts?.map(({ properties }) => properties['$sku'])).toEqual(skus)
        expect(transaction?.lines.map(({ sku }) => sku)).toEqual(skus)
        expect(Number(transaction?.value)).toBe(drawn.value)
        expect(transaction?.lines.map(({ unitPrice }) => Number(unitPrice))).toEqual(
          drawn.products.map(({ finalUnitPrice }) => finalUnitPrice.amount),
        )
      }),
    )
  })

  it('is stored without a null of its own, whatever else it carries', () => {
    fc.assert(
      fc.property(purchases, (drawn) => {
        const { event } = mapTransaction(purchaseOf(drawn), context)
        const stored = [event?.properties, ...(event?.parts ?? []).map(({ properties }) => properties)]
        for (const properties of stored) expect(Object.values(properties ?? {})).not.toContain(null)
      }),
    )
  })
})
