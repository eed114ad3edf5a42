import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { idNumber } from '../../../model/schema-parts.ts'

/** A member that clients may leave out or send as null. */
export const nullable = <Schema extends TSchema>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()]))

/** The number of a client; 0 is nobody's. */
export const clientNumber = () => idNumber({ minimum: 0 })

/** Any object: its members are the sender's own. */
export const freeForm = () => Type.Record(Type.String(), Type.Unknown())

/** An amount with its currency. @source reference 0.10 */
export const money = (limits: { minimum: number } | { exclusiveMinimum: number } = { minimum: 0 }) =>
  Type.Object({ amount: Type.Number(limits), currency: Type.String({ pattern: '^[A-Z]{3}$' }) })

/** Where something happened. @source reference 0.13 */
export const EventSource = () =>
  Type.Enum(['WEB_DESKTOP', 'WEB_MOBILE', 'MOBILE_APP', 'POS', 'MOBILE', 'DESKTOP'])

/** How something was paid. @source reference 0.15 */
export const PaymentInfo = () => Type.Object({ method: Type.String({ minLength: 1 }) })

/** One line of a purchase; members that are not listed are the sender's own. @source reference 0.14 */
export const ProductSchema = Type.Object({
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
