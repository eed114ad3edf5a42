import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toRfc3339 } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { unwrapEvent } from './aliases.ts'
import { mapCustomer, mapEvent } from './mapping.ts'
import type { Customer, CustomerEvent } from './schemas.ts'

const RECEIVED_AT = Date.UTC(2026, 0, 31)

const context = { pointer: '', receivedAt: RECEIVED_AT }

const someEvent: CustomerEvent = {
  type: 'order_shipped',
  external_id: 'e-1',
  customer: { external_id: 'c-1' },
}

const primitives = fc.dictionary(
  fc.string({ minLength: 1 }).map((name) => `${name}!`),
  fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
  { maxKeys: 20 },
)

const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })

describe('who a customer is', () => {
  const identity = fc.record({
    external_id: optional(fc.constantFrom('c-1', 'c-2')),
    email: optional(fc.constant('ana@example.com')),
    phone_number: optional(fc.constant('+353850123456')),
  })

  it('is the id with whatever contacts, or exactly one contact; all else is refused', () => {
    fc.assert(
      fc.property(identity, (customer) => {
        const contacts = [customer.email, customer.phone_number].filter((contact) => contact !== undefined)
        const isKnown = customer.external_id !== undefined || contacts.length === 1
        const map = () => mapEvent({ ...someEvent, customer: customer as CustomerEvent['customer'] }, context)
        if (!isKnown) {
          expect(map).toThrow(CdpError)
          return
        }
        const values = map().identifiers.map(({ value }) => value)
        expect(values).toEqual([customer.external_id, ...contacts].filter((value) => value !== undefined))
      }),
    )
  })
})

describe('an event', () => {
  it('keeps all its properties and all of the customer, under whatever names', () => {
    fc.assert(
      fc.property(primitives, primitives, (properties, ofCustomer) => {
        const customer = { external_id: 'c-1', custom_properties: ofCustomer }
        const { event, attributes } = mapEvent(
          { ...someEvent, customer, custom_properties: properties },
          context,
        )
        expect(event?.properties).toEqual({ ...properties })
        expect(attributes?.values).toEqual({ ...ofCustomer })
      }),
    )
  })

  it('happens at its time, or now', () => {
    const instants = fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2030-01-01'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(optional(instants), (date) => {
        const occurred_at = date && toRfc3339(date.getTime())
        const { event } = mapEvent({ ...someEvent, ...(occurred_at && { occurred_at }) }, context)
        expect(event?.occurredAt).toBe(date?.getTime() ?? RECEIVED_AT)
        expect(event?.originalTime).toBe(occurred_at)
      }),
    )
  })

  it('keeps its source among the properties, unless a property has that name', () => {
    const named = mapEvent({ ...someEvent, source: 'Quizapp' }, context)
    expect([named.event?.properties, named.notices]).toEqual([{ source: 'Quizapp' }, []])
    const both = mapEvent({ ...someEvent, source: 'Quizapp', custom_properties: { source: 'own' } }, context)
    expect(both.event?.properties).toEqual({ source: 'own' })
    expect(both.notices).toEqual([{ reason: 'attribute_name_reserved', pointer: '/source' }])
  })
})

describe('names of fields', () => {
  const fields = {
    source: ['source', 'event_source', 'action_source'],
    type: ['type', 'event_type', 'event_name', 'action_name'],
    occurred_at: ['occurred_at', 'timestamp', 'event_time'],
    external_id: ['external_id', 'id', 'event_id'],
    custom_properties: ['custom_properties', 'properties', 'event_properties', 'metadata'],
  }
  const spelling = fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, all]) => [name, fc.constantFrom(...all)])),
  )

  it('mean the same by every alias, in every wrapper', () => {
    const wrapper = fc.constantFrom(undefined, 'event', 'customer_event')
    fc.assert(
      fc.property(spelling, wrapper, (names, around) => {
        const inner = Object.fromEntries(Object.entries(names).map(([name, alias]) => [alias, `${name}!`]))
        const { event, pointer } = unwrapEvent(around === undefined ? inner : { [around]: inner })
        expect(event).toEqual(Object.fromEntries(Object.keys(fields).map((name) => [name, `${name}!`])))
        expect(pointer).toBe(around === undefined ? '' : `/${around}`)
      }),
    )
  })

  it('are refused when one field stands there twice', () => {
    const twice = fc
      .constantFrom(...Object.values(fields))
      .chain((all) => fc.shuffledSubarray(all, { minLength: 2, maxLength: 2 }))
    fc.assert(
      fc.property(twice, (names) => {
        const body = Object.fromEntries(names.map((name) => [name, 'x']))
        expect(() => unwrapEvent(body)).toThrow(CdpError)
      }),
    )
  })

  it('of the customer too, and a wrapper beside another field is no wrapper', () => {
    const { event } = unwrapEvent({ customer: { properties: { vip: true } }, event: {} })
    expect(event).toEqual({ customer: { custom_properties: { vip: true } }, event: {} })
  })
})

describe('a customer', () => {
  it('keeps custom properties, and standard fields stand above them', () => {
    fc.assert(
      fc.property(primitives, (custom) => {
        const customer: Customer = { external_id: 'c-1', custom_properties: custom, first_name: 'Ana' }
        expect(mapCustomer(customer, { pointer: '/customer' }).attributes?.values).toEqual({
          ...custom,
          firstName: 'Ana',
        })
      }),
    )
  })

  it('says who it is and other checked things by fields only, and a property that a field outdoes is noted', () => {
    const custom_properties = {
      phone: '12',
      gender: 'x',
      firstName: 'Eva',
      lastName: 'Diaz',
      city: 5,
      size: 'M',
    }
    const customer: Customer = { external_id: 'c-1', first_name: 'Ana', custom_properties }
    const { attributes, notices } = mapCustomer(customer, { pointer: '/customer' })
    expect(attributes?.values).toEqual({ firstName: 'Ana', lastName: 'Diaz', size: 'M' })
    expect(notices.map(({ pointer }) => pointer)).toEqual(
      ['phone', 'gender', 'firstName', 'city'].map((name) => `/customer/custom_properties/${name}`),
    )
  })

  it('notes members that nobody knows', () => {
    const customer = { external_id: 'c-1', nick: 'A' } as Customer
    expect(mapCustomer(customer, { pointer: '/customer' }).notices).toEqual([
      { reason: 'field_unknown', pointer: '/customer/nick' },
    ])
    const event = { ...someEvent, customer: { external_id: 'c', nick: 'A' }, page: '/' } as CustomerEvent
    expect(mapEvent(event, context).notices.map(({ pointer }) => pointer)).toEqual([
      '/page',
      '/customer/nick',
    ])
  })

  it('names the consents that it has, and the tags between the commas', () => {
    const customer: Customer = {
      external_id: 'c-1',
      accepts_sms_marketing: false,
      accepts_email_marketing: null,
      tags: 'vip, new,,',
    }
    const { consents, tags } = mapCustomer(customer, { pointer: '/customer' })
    expect(consents).toEqual([{ channel: 'sms', state: 'denied' }])
    expect(tags).toEqual(['vip', 'new'])
  })

  it('notes the parts of an address that it has no place for', () => {
    const customer: Customer = {
      external_id: 'c-1',
      address: { city: 'Cork', address2: 'Flat 2', 'a/b': 1, zip: null },
    }
    const { attributes, notices } = mapCustomer(customer, { pointer: '/customer' })
    expect(attributes?.values).toEqual({ city: 'Cork' })
    expect(notices.map(({ pointer }) => pointer)).toEqual([
      '/customer/address/address2',
      '/customer/address/a~1b',
    ])
  })
})
