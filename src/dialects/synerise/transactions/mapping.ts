import type { Json } from '../../../lib/json.ts'
import type { Instant } from '../../../lib/time.ts'
import type { Command, EventPart, Notice, TransactionWrite } from '../../../model/command.ts'
import { CdpError } from '../../../model/errors.ts'
import { mapEventClient } from '../shared/identity.ts'
import { mapParams } from '../shared/params.ts'
import { mapTime } from '../shared/time.ts'
import type { Product, Transaction } from './schemas.ts'

const CHARGE = 'transaction.charge'

const BUY = 'product.buy'

/**
 * A purchase → the transaction, one charge event, and one event for each product, whose ids derive from the charge.
 * @source reference 0.15
 * @throws CDP_BODY_INVALID a time that is none, or money in more than one currency
 */
export function mapTransaction(
  transaction: Transaction,
  { pointer, receivedAt }: { pointer: string; receivedAt: Instant },
): Command {
  assertOneCurrency(transaction, pointer)
  const { client, recordedAt: time, eventSalt, metadata, products } = transaction
  const notices: Notice[] = []
  const place = { time, eventSalt, action: CHARGE, pointer: `${pointer}/recordedAt`, receivedAt }
  return {
    ...mapEventClient(client),
    event: {
      name: CHARGE,
      ...mapTime(place, notices),
      properties: {
        ...mapParams(metadata ?? {}, `${pointer}/metadata`, notices),
        ...chargeParams(transaction),
      },
      parts: products.map((product) => mapProduct(product, transaction)),
      partIdsProperty: 'productEventsUUIDs',
    },
    transaction: mapPurchase(transaction),
    pointer,
    item: transaction,
    notices,
  }
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
function mapProduct(product: Product, { orderId, source }: Transaction): EventPart {
  const { sku, name, quantity, finalUnitPrice, ...others } = product
  const properties = {
    ...(others as Record<string, Json>),
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

/** @source reference 0.10 */
function assertOneCurrency(transaction: Transaction, pointer: string): void {
  const { value, revenue, discountAmount, products } = transaction
  const prices = products.map((product, index): [string, { currency: string }] => [
    `products/${index}/finalUnitPrice`,
    product.finalUnitPrice,
  ])
  const all: [string, { currency: string } | null | undefined][] = [
    ['revenue', revenue],
    ['discountAmount', discountAmount],
    ...prices,
  ]
  const other = all.find(([, money]) => money && money.currency !== value.currency)
  if (!other) return
  const detail = 'all amounts of a transaction must have one currency'
  throw new CdpError('CDP_BODY_INVALID', { pointer: `${pointer}/${other[0]}/currency`, detail })
}
