import type { Json } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import { CONSENT_CHANNELS } from '../../model/attributes.ts'
import type { ConsentChannel } from '../../model/attributes.ts'
import type { Command, RawIdentifier, TransactionLine } from '../../model/command.ts'
import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { IdentifierKind } from '../../model/identity.ts'
import { VALUE_TYPES, invalid, readDecimal, readTime, readValue } from './values.ts'
import type { ValueType } from './values.ts'

/** What the rows of a file are. */
export const IMPORT_TYPES = ['profiles', 'events', 'transactions'] as const

/** One of {@link IMPORT_TYPES}. */
export type ImportType = (typeof IMPORT_TYPES)[number]

/**
 * Where a value goes, and what it is read from: a column (a path with dots in JSON), or a constant.
 * `target` may end in `:type`, as in `properties.total:number`.
 */
export type Column = { target: string } & ({ column: string } | { constant: string })

/** Turns a row into what is to be stored. @throws CDP_BODY_INVALID a value is none of its type */
export type RowMapping = (
  row: Readonly<Record<string, Json>>,
  receivedAt: Instant,
) => Omit<Command, 'pointer' | 'item'>

/** What is gathered of one row. */
interface Draft {
  identifiers: RawIdentifier[]
  attributes: [string, Json][]
  properties: [string, Json][]
  consents: { channel: ConsentChannel; state: 'granted' | 'denied' | 'unknown' }[]
  tags: string[]
  fields: Map<string, Json>
}

type Put = (draft: Draft, value: Json, pointer: string) => void

/**
 * Makes a mapping of columns.
 * @throws CDP_BODY_INVALID a target that there is not, or one that rows of this type cannot have
 */
export function compileMapping(type: ImportType, columns: readonly Column[]): RowMapping {
  const steps = columns.map((column) => compileColumn(type, column))
  return (row, receivedAt) => {
    const draft: Draft = {
      identifiers: [],
      attributes: [],
      properties: [],
      consents: [],
      tags: [],
      fields: new Map(),
    }
    for (const step of steps) step(draft, row)
    return finish(type, draft, receivedAt)
  }
}

function compileColumn(
  type: ImportType,
  column: Column,
): (draft: Draft, row: Readonly<Record<string, Json>>) => void {
  const { name, valueType } = parseTarget(column.target)
  const put = putOf(type, name)
  if (!put) throw invalid(`/${name}`, `is no target for ${type}`)
  const pointer = `/${'column' in column ? column.column : name}`
  return (draft, row) => {
    const value = 'constant' in column ? column.constant : valueAt(row, column.column)
    // An empty cell says nothing; only JSON can say null.
    if (value === undefined || value === '') return
    put(draft, value === null ? null : readValue(value, valueType, pointer), pointer)
  }
}

function parseTarget(target: string): { name: string; valueType: ValueType } {
  const [, name = target, suffix] = /^(.*):(\w+)$/.exec(target) ?? []
  const valueType = VALUE_TYPES.find((candidate) => candidate === suffix)
  return valueType ? { name, valueType } : { name: target, valueType: 'auto' }
}

function valueAt(row: Readonly<Record<string, Json>>, path: string): Json | undefined {
  if (Object.hasOwn(row, path)) return row[path]
  let value: Json | undefined = row
  for (const token of path.split('.')) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, token)) return undefined
    value = Reflect.get(value, token) as Json
  }
  return value
}

const FIELDS: Readonly<Record<ImportType, ReadonlySet<string>>> = {
  profiles: new Set(),
  events: new Set(['name', 'occurredAt', 'messageId']),
  transactions: new Set(
    `name occurredAt messageId orderId currency value revenue discount paymentMethod sku productName quantity unitPrice`.split(
      ' ',
    ),
  ),
}

function putOf(type: ImportType, name: string): Put | undefined {
  const [head, rest] = splitOnce(name)
  if (FIELDS[type].has(name)) return (draft, value) => draft.fields.set(name, value)
  if (name === 'tags') return (draft, value) => draft.tags.push(...tagsOf(value))
  if (rest === undefined) return isKind(head) && head !== 'alias' ? identifierPut(head) : undefined
  if (head === 'alias') return identifierPut('alias', rest)
  if (head === 'attributes') return (draft, value) => draft.attributes.push([rest, value])
  if (head === 'properties' && type !== 'profiles')
    return (draft, value) => draft.properties.push([rest, value])
  const channel = CONSENT_CHANNELS.find((candidate) => head === 'consents' && candidate === rest)
  return (
    channel && ((draft, value, pointer) => draft.consents.push({ channel, state: stateOf(value, pointer) }))
  )
}

function splitOnce(name: string): [string, string | undefined] {
  const dot = name.indexOf('.')
  return dot === -1 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)]
}

function isKind(name: string): name is IdentifierKind {
  return Object.hasOwn(IDENTIFIER_KINDS, name)
}

function identifierPut(kind: IdentifierKind, label?: string): Put {
  return (draft, value) => {
    if (value === null) return
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    draft.identifiers.push(label === undefined ? { kind, value: text } : { kind, label, value: text })
    // The raw form of a contact is an attribute as well.
    if (kind === 'email' || kind === 'phone') draft.attributes.push([kind, text])
  }
}

/** Tags in one cell are separated by `|` or `,`. */
function tagsOf(value: Json): string[] {
  const list = Array.isArray(value)
    ? value.map((tag) => textOf(tag, '/tags'))
    : textOf(value, '/tags').split(/[|,]/)
  return list.map((tag) => tag.trim()).filter((tag) => tag !== '')
}

function stateOf(value: Json, pointer: string): 'granted' | 'denied' | 'unknown' {
  if (value === null || value === 'unknown') return 'unknown'
  if (value === 'granted' || value === 'denied') return value
  return readValue(value, 'boolean', pointer) === true ? 'granted' : 'denied'
}

function finish(type: ImportType, draft: Draft, receivedAt: Instant): ReturnType<RowMapping> {
  const { identifiers, attributes, consents, tags } = draft
  return {
    identifiers,
    ...(attributes.length > 0 && { attributes: { values: Object.fromEntries(attributes) } }),
    ...(consents.length > 0 && { consents }),
    ...(tags.length > 0 && { tags }),
    ...(type !== 'profiles' && eventOf(type, draft, receivedAt)),
    notices: [],
  }
}

function eventOf(
  type: ImportType,
  draft: Draft,
  receivedAt: Instant,
): Pick<Command, 'event' | 'transaction'> {
  const { fields, properties } = draft
  const occurredAt = fields.get('occurredAt')
  const messageId = fields.get('messageId')
  const name = fields.get('name') ?? (type === 'transactions' ? 'Purchase' : undefined)
  if (typeof name !== 'string') throw invalid('/name', 'is required')
  const transaction = type === 'transactions' ? transactionOf(draft) : undefined
  const money = transaction && {
    orderId: transaction.orderId,
    value: Number(transaction.value),
    currency: transaction.currency,
  }
  return {
    event: {
      name,
      occurredAt: occurredAt === undefined ? receivedAt : readTime(occurredAt, '/occurredAt'),
      properties: { ...money, ...Object.fromEntries(properties) },
      ...(messageId !== undefined && { messageId: textOf(messageId, '/messageId') }),
    },
    ...(transaction && { transaction }),
  }
}

function transactionOf({ fields }: Draft): NonNullable<Command['transaction']> {
  const value = decimalField(fields, 'value')
  const discount = fields.get('discount')
  const paymentMethod = fields.get('paymentMethod')
  return {
    orderId: textField(fields, 'orderId'),
    currency: textField(fields, 'currency'),
    value,
    revenue: fields.has('revenue') ? decimalField(fields, 'revenue') : value,
    ...(discount !== undefined && { discount: readDecimal(discount, '/discount') }),
    ...(paymentMethod !== undefined && { paymentMethod: textOf(paymentMethod, '/paymentMethod') }),
    lines: linesOf(fields, value),
  }
}

/** A row with a `sku` is a purchase of one line; without a price that line has the whole value. */
function linesOf(fields: ReadonlyMap<string, Json>, value: string): TransactionLine[] {
  const sku = fields.get('sku')
  if (sku === undefined) return []
  return [
    {
      sku: textOf(sku, '/sku'),
      name: textOf(fields.get('productName') ?? sku, '/productName'),
      quantity: fields.has('quantity') ? decimalField(fields, 'quantity') : '1',
      unitPrice: fields.has('unitPrice') ? decimalField(fields, 'unitPrice') : value,
    },
  ]
}

function textField(fields: ReadonlyMap<string, Json>, name: string): string {
  const value = fields.get(name)
  if (value === undefined) throw invalid(`/${name}`, 'is required')
  return textOf(value, `/${name}`)
}

function textOf(value: Json, pointer: string): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw invalid(pointer, 'must be a text')
}

function decimalField(fields: ReadonlyMap<string, Json>, name: string): string {
  return readDecimal(fields.get(name) ?? null, `/${name}`)
}
