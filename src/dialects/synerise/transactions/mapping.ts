import type { Json } from '../../../lib/json.ts'
import type { Instant } from '../../../lib/time.ts'
import type { Command, EventPart, Notice, TransactionWrite } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { mapEventClient } from '../shared/identity.ts'
import { mapParams } from '../shared/params.ts'
import { mapTime, withOffsets } from '../shared/time.ts'
import type { Product, Transaction } from './schemas.ts'

const CHARGE = 'transaction.charge'

const BUY = 'product.buy'

/** What the mapping needs beside the purchase. */
export interface TransactionContext {
  /** JSON pointer of the purchase in the body. */
  pointer: string
  receivedAt: Instant
  /** The zone of the workspace. */
  timezone: string
}

/**
 * A purchase → the transaction, one charge event, and one event for each product, whose ids derive from the charge. A null
 * takes away what an earlier one with the same salt had, so it is not kept.
 * @assumed overwriting takes the place of the whole: what the new one leaves out goes like what it sends as null
 * @source reference 0.15, Batch add or update transactions
 * @throws CDP_BODY_INVALID a time that is none, or money in more than one currency
 */
export function mapTransaction(transaction: Transaction, context: TransactionContext): Command {
  const { pointer, receivedAt, timezone } = context
  assertOneCurrency(transaction, pointer)
  const { client, recordedAt: time, eventSalt, metadata, products } = transaction
  const notices: Notice[] = []
  const place = { time, eventSalt, action: CHARGE, pointer: `${pointer}/recordedAt`, receivedAt }
  const custom = mapParams(metadata ?? {}, { pointer: `${pointer}/metadata`, timezone, notices })
  return {
    ...mapEventClient(client),
    event: {
      name: CHARGE,
      ...mapTime(place, notices),
      properties: { ...withoutNulls(custom), ...chargeParams(transaction) },
      parts: products.map((product) => mapProduct(product, transaction, timezone)),
      partIdsProperty: 'productEventsUUIDs',
    },
    transaction: mapPurchase(transaction),
    pointer,
    item: transaction,
    notices,
  }
}

/** @source reference, Batch add or update transactions: null deletes a custom value and resets any other */
function withoutNulls(values: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}

/** @source reference 0.15, stored charge parameters */
function chargeParams(transaction: Transaction): Record<string, Json> {
  const { orderId, value, revenue, paymentInfo, source, discountAmount, products } = transaction
  return {
    $totalAmount: value.amount,
    $revenue: revenue.amount,
    $currency: value.currency,
    $paymentType: { method: paymentInfo.method },
    $orderID: orderId,
    $source: source,
    ...(discountAmount && { $discountAmount: discountAmount.amount }),
    products: products.map((product) => ({
      $sku: product.sku,
      $quantity: product.quantity,
      $finalUnitPrice: product.finalUnitPrice.amount,
      $name: product.name,
      $currency: product.finalUnitPrice.currency,
    })),
  }
}

/** @assumed what the vendor does not name with a `$` keeps the sender's name */
function mapProduct(product: Product, { orderId, source }: Transaction, timezone: string): EventPart {
  const { sku, name, quantity, finalUnitPrice, ...others } = product
  const properties = {
    ...withOffsets(withoutNulls(others as Record<string, Json>), timezone),
    $sku: sku,
    $name: name,
    $quantity: quantity,
    $finalUnitPrice: finalUnitPrice.amount,
    $currency: finalUnitPrice.currency,
    $orderID: orderId,
    $source: source,
  }
  return { name: BUY, properties }
}

/** Numbers come from JSON: their shortest text is what the sender wrote, so that sums of it are exact. */
function mapPurchase(transaction: Transaction): TransactionWrite {
  const { orderId, value, revenue, discountAmount, paymentInfo, products } = transaction
  return {
    orderId,
    currency: value.currency,
    value: String(value.amount),
    revenue: String(revenue.amount),
    ...(discountAmount && { discount: String(discountAmount.amount) }),
    paymentMethod: paymentInfo.method,
    lines: products.map(({ sku, name, quantity, finalUnitPrice }) => ({
      sku,
      name,
      quantity: String(quantity),
      unitPrice: String(finalUnitPrice.amount),
    })),
  }
}

const PRICES = ['finalUnitPrice', 'netUnitPrice', 'regularPrice', 'discountPrice'] as const

/** @source reference 0.10 */
function assertOneCurrency(transaction: Transaction, pointer: string): void {
  const { value, revenue, discountAmount, products } = transaction
  const prices = products.flatMap((product, index) =>
    PRICES.map((price) => [`products/${index}/${price}`, product[price]] as const),
  )
  const all = [['revenue', revenue] as const, ['discountAmount', discountAmount] as const, ...prices]
  const other = all.find(([, money]) => money && money.currency !== value.currency)
  if (!other) return
  const detail = 'all amounts of a transaction must have one currency'
  throw new CdpError('CDP_BODY_INVALID', { pointer: `${pointer}/${other[0]}/currency`, detail })
}
