import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../lib/json.ts'
import { TEXT_FIELDS } from '../clients/attributes.ts'
import { CONTACT_TEXTS } from '../crm/fields.ts'
import { exportField } from './export-fields.ts'
import { readSegmentation } from './mapping.ts'

const VIP = { type: 'tag', name: 'vip' }

describe('the body of a local segmentation', () => {
  it('is a definition, or one beside a name', () => {
    expect(readSegmentation(VIP)).toEqual({ name: undefined, definition: VIP, pointer: '' })
    const wrapped = { name: 'Best', definition: VIP }
    expect(readSegmentation(wrapped)).toEqual({ ...wrapped, pointer: '/definition' })
    expect(readSegmentation({ name: null, definition: VIP })).toMatchObject({ name: undefined })
  })

  it('that is an aggregate with its own definition beside it is no wrapped one', () => {
    const body = { type: 'aggregate', id: 'x', definition: { function: 'count' } }
    expect(readSegmentation(body)).toEqual({ name: undefined, definition: body, pointer: '' })
  })

  it.each(['', 'x'.repeat(256), '\u0000', 7, {}])('is refused with the name %j', (name) => {
    expect(() => readSegmentation({ name, definition: VIP })).toThrow(/name: must be/)
  })
})

const read = (name: string, row: JsonObject): unknown => exportField(name)?.read(row)

describe('a field of an export', () => {
  it('is known under every name that profiles and contacts are shown with, and every custom one', () => {
    for (const name of [...Object.keys(TEXT_FIELDS), ...CONTACT_TEXTS, 'customId', 'tags', 'shoeSize'])
      expect([name, exportField(name) !== undefined]).toEqual([name, true])
  })

  it('is none under a name that clients cannot send, or that the product gave to another field', () => {
    for (const name of ['ip', 'geo_loc_city', 'gender', 'postalCode', 'receive_smses'])
      expect([name, exportField(name)]).toEqual([name, undefined])
  })

  it('is a custom attribute whatever the name is, also one of an object', () => {
    for (const name of ['__proto__', 'constructor', 'a.b'])
      expect(exportField(name)?.columns).toEqual([`attributes.${name}`])
    expect(read('shoeSize', { 'attributes.shoeSize': 38 })).toBe(38)
    expect(read('shoeSize', {})).toBeNull()
  })

  it('shows an e-mail that is an identifier only, and says who is anonymous', () => {
    expect(read('email', { 'attributes.email': null, email: 'a@example.com' })).toBe('a@example.com')
    expect(read('anonymous', { 'attributes.email': null, email: 'a@example.com' })).toBe(false)
    expect([read('anonymous', {}), read('anonymous_type', {})]).toEqual([true, 'UUID'])
  })

  it('shows the first uuid, the sex, agreements and attributes in the words of the vendor', () => {
    expect([read('uuid', { uuid: ['b', 'a'] }), read('uuid', { uuid: [] })]).toEqual(['b', null])
    expect(read('sex', { 'attributes.gender': 'male' })).toBe('MALE')
    const consents = { email: { state: 'granted' }, sms: { state: 'denied' }, whatsapp: { state: 'granted' } }
    expect(read('agreements', { consents })).toEqual({
      email: true,
      sms: false,
      push: false,
      webPush: false,
      bluetooth: false,
      rfid: false,
      wifi: false,
    })
    expect(read('attributes', { attributes: { city: 'Warsaw', plan: 'gold' } })).toEqual({ plan: 'gold' })
  })

  it('falls back on the last change where nothing happened', () => {
    const row = { lastActivityAt: null, updatedAt: '2026-01-31T09:00:00.000Z' }
    expect(read('lastActivityDate', row)).toBe('2026-01-31T09:00:00.000Z')
  })
})
