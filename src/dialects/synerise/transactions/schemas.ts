import { Type } from 'typebox'
import type { Static } from 'typebox'
import { EventClientSchema } from '../shared/identity.ts'
import { EventSource, PaymentInfo, ProductSchema, freeForm, money, nullable } from '../shared/schemas.ts'

/** A purchase. @source reference 0.15 */
export const TransactionSchema = Type.Object({
  client: EventClientSchema,
  orderId: Type.String({ minLength: 1, maxLength: 255 }),
  paymentInfo: PaymentInfo(),
  products: Type.Array(ProductSchema, { maxItems: 1_000 }),
  revenue: money(),
  value: money(),
  source: EventSource(),
  recordedAt: nullable(Type.String()),
  discountAmount: nullable(money({ exclusiveMinimum: 0 })),
  metadata: nullable(freeForm()),
  eventSalt: nullable(Type.String()),
})

/** @assumed no limit of items is printed: 1,000 as in the vendor's other batches */
export const TransactionBatchBody = Type.Array(TransactionSchema, { minItems: 1, maxItems: 1_000 })

/** A purchase in a request. */
export type Transaction = Static<typeof TransactionSchema>

/** A line of a purchase in a request. */
export type Product = Static<typeof ProductSchema>
