import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { EventClientSchema } from '../shared/identity.ts'

const nullable = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]))

/** @source reference 0.10 */
const money = (limits: { minimum: number } | { exclusiveMinimum: number } = { minimum: 0 }) =>
  Type.Object({ amount: Type.Number(limits), currency: Type.String({ pattern: '^[A-Z]{3}$' }) })

/** One line; members that are not listed are the sender's own. @source reference 0.14 */
const ProductSchema = Type.Object({
  sku: Type.String({ minLength: 1 }),
  name: Type.String(),
  quantity: Type.Number(),
  finalUnitPrice: money(),
  netUnitPrice: nullable(money()),
  regularPrice: nullable(money()),
  discountPrice: nullable(money()),
  discountPercent: nullable(Type.Number()),
  tax: nullable(Type.Number()),
  categories: nullable(Type.Array(Type.String())),
  image: nullable(Type.String()),
  url: nullable(Type.String()),
})

/** A purchase. @source reference 0.15 */
export const TransactionSchema = Type.Object({
  client: EventClientSchema,
  orderId: Type.String({ minLength: 1, maxLength: 255 }),
  paymentInfo: Type.Object({ method: Type.String({ minLength: 1 }) }),
  products: Type.Array(ProductSchema, { maxItems: 1_000 }),
  revenue: money(),
  value: money(),
  // @source reference 0.13
  source: Type.Enum(['WEB_DESKTOP', 'WEB_MOBILE', 'MOBILE_APP', 'POS', 'MOBILE', 'DESKTOP']),
  recordedAt: nullable(Type.String()),
  discountAmount: nullable(money({ exclusiveMinimum: 0 })),
  metadata: nullable(Type.Record(Type.String(), Type.Unknown())),
  eventSalt: nullable(Type.String()),
})

/** @assumed no limit of items is printed: 1,000 as in the vendor's other batches */
export const TransactionBatchBody = Type.Array(TransactionSchema, { minItems: 1, maxItems: 1_000 })

/** A purchase in a request. */
export type Transaction = Static<typeof TransactionSchema>

/** A line of a purchase in a request. */
export type Product = Static<typeof ProductSchema>
