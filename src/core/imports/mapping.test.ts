import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Json } from '../../lib/json.ts'
import { CdpError } from '../../model/errors.ts'
import { compileMapping } from './mapping.ts'
import type { Column, ImportType } from './mapping.ts'

const RECEIVED_AT = Date.UTC(2026, 0, 31)

const map = (type: ImportType, columns: Column[], row: Record<string, Json>) =>
  compileMapping(type, columns)(row, RECEIVED_AT)

const same = (...names: string[]): Column[] => names.map((name) => ({ target: name, column: name }))

describe('a row', () => {
  it('of a profile gives identifiers, attributes, consents and tags', () => {
    const columns = [
      ...same('userId', 'email', 'alias.crm', 'attributes.plan', 'consents.sms', 'tags'),
      { target: 'attributes.age:number', column: 'Age' },
      { target: 'attributes.vip:boolean', constant: 'yes' },
    ]
    const row = {
      userId: 'u',
      email: 'a@x.example',
      'alias.crm': '7',
      'attributes.plan': 'gold',
      'consents.sms': 'no',
      tags: 'a | b',
      Age: '26',
    }
    expect(map('profiles', columns, row)).toEqual({
      identifiers: [
        { kind: 'userId', value: 'u' },
        { kind: 'email', value: 'a@x.example' },
        { kind: 'alias', label: 'crm', value: '7' },
      ],
      attributes: { values: { email: 'a@x.example', plan: 'gold', age: 26, vip: true } },
      consents: [{ channel: 'sms', state: 'denied' }],
      tags: ['a', 'b'],
      notices: [],
    })
  })

  it('of an event has a name, a time and properties; empty cells say nothing', () => {
    const columns = [
      ...same('userId', 'occurredAt', 'messageId'),
      { target: 'name', constant: 'Seen' },
      { target: 'properties.total:number', column: 'amount' },
      { target: 'properties.note', column: 'note' },
      { target: 'properties.deep', column: 'a.b' },
    ]
    const row = { userId: 'u', occurredAt: '20240229', messageId: '', amount: '1.5', note: '', a: { b: [1] } }
    expect(map('events', columns, row)).toEqual({
      identifiers: [{ kind: 'userId', value: 'u' }],
      event: { name: 'Seen', occurredAt: Date.UTC(2024, 1, 29), properties: { total: 1.5, deep: [1] } },
      notices: [],
    })
  })

  it('of a transaction has exact money and a line', () => {
    const columns = same('userId', 'orderId', 'currency', 'value', 'sku', 'quantity')
    const row = { userId: 'u', orderId: '1', currency: 'EUR', value: '0.10', sku: 's', quantity: '3' }
    expect(map('transactions', columns, row)).toMatchObject({
      event: { name: 'Purchase', properties: { orderId: '1', value: 0.1, currency: 'EUR' } },
      transaction: {
        value: '0.10',
        revenue: '0.10',
        lines: [{ sku: 's', name: 's', quantity: '3', unitPrice: '0.10' }],
      },
    })
  })
})

test.each([
  ['profiles', 'properties.x'],
  ['profiles', 'occurredAt'],
  ['events', 'orderId'],
  ['events', 'alias'],
  ['events', 'consents.fax'],
  ['events', 'nonsense'],
] as const)('for %s there is no target %s', (type, target) => {
  expect(() => compileMapping(type, same(target))).toThrow(CdpError)
})

test.each([
  ['occurredAt', 'tomorrow'],
  ['properties.n:number', 'x'],
  ['properties.b:boolean', 'maybe'],
  ['properties.j:json', '{'],
  ['properties.u:unix', '1e300'],
])('a value that %s cannot be names its column', (target, value) => {
  const columns: Column[] = [
    { target, column: 'the column' },
    { target: 'name', constant: 'e' },
  ]
  expect(() => map('events', columns, { 'the column': value })).toThrow(
    target === 'occurredAt' ? /^occurredAt: / : /^the column: /,
  )
})

test.each([1_700_000_000, '1700000000'])(
  'seconds since 1970 are a time, as number and as text (%s)',
  (day) => {
    const columns: Column[] = [
      { target: 'occurredAt:unix', column: 'day' },
      { target: 'name', constant: 'e' },
    ]
    expect(map('events', columns, { day }).event?.occurredAt).toBe(Date.UTC(2023, 10, 14, 22, 13, 20))
  },
)

test('whatever a row holds, it is mapped or refused with a sentence', () => {
  const columns = same('userId', 'orderId', 'currency', 'value', 'occurredAt', 'tags', 'consents.email')
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...columns.map(({ target }) => target)), fc.jsonValue()),
      (row) => {
        try {
          map('transactions', columns, row as Record<string, Json>)
        } catch (error) {
          expect(error).toBeInstanceOf(CdpError)
          expect((error as CdpError).message).toMatch(/: (must|is)/)
        }
      },
    ),
  )
})
