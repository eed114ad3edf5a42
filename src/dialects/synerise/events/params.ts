import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { EventSource, PaymentInfo, ProductSchema, freeForm, money, nullable } from '../shared/schemas.ts'

/**
 * What the events of the vendor's types carry. Each takes members of the sender's own beside those that are listed.
 * Whether the object itself is required stands on the vendor's page of the event.
 * @source reference chapter 7, vendor's pages of the single events
 */

const text = () => nullable(Type.String())

/** An object that may be missing: the vendor's page does not mark it as required. */
const optional = (schema: TSchema) => nullable(schema)

/** Whatever the sender wants to say. */
export const FREE = optional(freeForm())

/** A started app. */
export const APPLICATION = Type.Object({ applicationName: Type.String(), version: Type.String() })

/**
 * A product that goes into a cart or out of it.
 * @assumed `source` is not required: one of the three public clients does without it
 */
export const CART = Type.Object({
  sku: Type.String({ minLength: 1 }),
  quantity: Type.Number(),
  finalUnitPrice: money(),
  source: nullable(EventSource()),
  name: text(),
  category: text(),
  categories: nullable(Type.Array(Type.String())),
  offline: nullable(Type.Boolean()),
  regularUnitPrice: nullable(money()),
  discountedUnitPrice: nullable(money()),
  ItemUrlAddress: text(),
  url: text(),
  producer: text(),
})

const VIEWED = {
  productId: text(),
  name: text(),
  source: nullable(EventSource()),
  category: text(),
  url: text(),
  campaignHash: text(),
}

/** A product that somebody looks at. */
export const PRODUCT_VIEW = optional(Type.Object({ ...VIEWED, fromRecommendation: nullable(Type.Boolean()) }))

/** A recommendation that was shown or clicked, as the deprecated operations take it. */
export const RECOMMENDATION = optional(Type.Object({ ...VIEWED, campaignId: text() }))

/** A recommendation that was shown. */
export const RECOMMENDATION_VIEW = Type.Object({
  correlationId: Type.String({ minLength: 1 }),
  items: nullable(Type.Array(Type.String())),
  campaignId: text(),
})

/** A result of a search that was clicked. */
export const SEARCH_CLICK = Type.Object({
  correlationId: Type.String({ minLength: 1 }),
  item: Type.String({ minLength: 1 }),
  position: Type.Integer({ minimum: 1 }),
  searchType: Type.Enum(['full-text-search', 'autocomplete']),
})

/** The company that a profile belongs to from now on. */
export const COMPANY = Type.Object({ companyId: Type.Number() })

/** Where somebody is. */
export const LOCATION = optional(Type.Object({ lat: Type.Number(), lon: Type.Number() }))

/** A purchase that was cancelled, or completed without its products as events of their own. */
export const ORDER = optional(
  Type.Object({
    orderId: text(),
    orderStatus: text(),
    discountAmount: nullable(money()),
    discountPercent: nullable(Type.Number()),
    discountCode: text(),
    value: nullable(money()),
    revenue: nullable(money()),
    products: nullable(Type.Array(ProductSchema, { maxItems: 1_000 })),
    source: nullable(EventSource()),
    paymentInfo: nullable(PaymentInfo()),
  }),
)
