import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../core/workspaces/index.ts'
import type { Command } from '../../model/command.ts'
import { mapEvent, mapUser } from './mapping.ts'
import type { Event, User } from './schemas.ts'

const context = { pointer: '/users/0', settings: DEFAULT_SETTINGS, receivedAt: Date.UTC(2026, 0, 31) }

function userCommand(user: User): Command {
  const mapped = mapUser(user, context)
  if (!('command' in mapped)) throw new Error('dropped')
  return mapped.command
}

function eventCommand(event: Event): Command {
  const mapped = mapEvent(event, context)
  if (!('command' in mapped)) throw new Error('dropped')
  return mapped.command
}

const reasonsOf = (command: Command): string[] => command.notices.map(({ reason }) => reason)

describe('who', () => {
  it('userId decides and anonymousId beside it is ignored and noted', () => {
    const command = userCommand({ userId: 'u', anonymousId: 'a' })
    expect(command.identifiers).toEqual([{ kind: 'userId', value: 'u' }])
    expect(command.notices).toEqual([{ reason: 'identifier_ignored', pointer: '/users/0/anonymousId' }])
  })

  it('anonymousId decides where userId is absent, null or empty', () => {
    for (const userId of [undefined, null, '']) {
      const command = userCommand({ ...(userId !== undefined && { userId }), anonymousId: 'a' })
      expect(command.identifiers).toEqual([{ kind: 'anonymousId', value: 'a' }])
    }
  })

  it('a userId that is nobody leaves the decision to core, with the anonymousId behind it', () => {
    expect(userCommand({ userId: 'null', anonymousId: 'a' }).identifiers).toEqual([
      { kind: 'userId', value: 'null' },
      { kind: 'anonymousId', value: 'a' },
    ])
  })
})

describe('standard fields', () => {
  it('are kept, an absent one is not written, null clears, an empty text is not sent', () => {
    const command = userCommand({
      userId: 'u',
      firstName: 'Ana',
      lastName: null,
      company: '',
      birthDate: '',
      phone: '',
    })
    expect(command.attributes?.values).toEqual({ firstName: 'Ana', lastName: null })
  })

  it.each([
    ['1986-08-19T15:45:00-0800', '1986-08-19'],
    ['1986-08-19T23:59:59+05:30', '1986-08-19'],
    ['1986-08-19T00:00:00Z', '1986-08-19'],
    ['1986-08-19T00:00:00.000Z', '1986-08-19'],
  ])('birthDate %s is the calendar date as written', (birthDate, expected) => {
    expect(userCommand({ userId: 'u', birthDate }).attributes?.values).toEqual({ birthDate: expected })
  })

  it.each(['1986-08-19', '1986-02-30T00:00:00Z', '19.08.1986', '1986-08-19T25:00:00Z'])(
    'birthDate %s is refused',
    (birthDate) => {
      expect(() => mapUser({ userId: 'u', birthDate }, context)).toThrow('has a value that is not allowed')
    },
  )

  it.each(['551155256325', '+0123', '+12345678901234567', 'call me'])('phone %s is refused', (phone) => {
    expect(() => mapUser({ userId: 'u', phone }, context)).toThrow('has a value that is not allowed')
  })

  it('opt-ins become consents; null is an unknown answer; absent ones say nothing', () => {
    const command = userCommand({ userId: 'u', emailOptIn: true, smsOptIn: false, whatsappOptIn: null })
    expect(command.consents).toEqual([
      { channel: 'email', state: 'granted' },
      { channel: 'sms', state: 'denied' },
      { channel: 'whatsapp', state: 'unknown' },
    ])
    expect(userCommand({ userId: 'u' }).consents).toBeUndefined()
  })

  it('a member that the contract does not know is ignored and noted', () => {
    const user = { userId: 'u', shoeSize: 42 } as User
    expect(userCommand(user).notices).toEqual([{ reason: 'field_unknown', pointer: '/users/0/shoeSize' }])
  })
})

describe('custom attributes', () => {
  const attributes = (given: Record<string, unknown>): Command =>
    userCommand({ userId: 'u', attributes: given })

  it('keep their JSON type, and are typed as the vendor types them', () => {
    const given = {
      text: 'x',
      number: 1.5,
      flag: false,
      list: [1, 'a'],
      object: { a: { b: 1 } },
      day: '2023-05-01T10:00:00+0000',
      gone: null,
    }
    const command = attributes(given)
    expect(command.attributes?.values).toEqual(given)
    expect(command.attributes?.typing).toEqual({
      pointer: '/users/0/attributes',
      perTypeMax: 25,
      types: {
        text: 'string',
        number: 'number',
        flag: 'boolean',
        list: 'array',
        object: 'object',
        day: 'date',
      },
    })
  })

  it.each([
    ['we_internal', 1, 'attribute_name_reserved'],
    ['email', 'x@example.com', 'attribute_name_reserved'],
    ['', 1, 'attribute_name_invalid'],
    ['n'.repeat(51), 1, 'attribute_name_invalid'],
    ['long', 'x'.repeat(1_001), 'attribute_value_invalid'],
    ['holes', [1, null], 'attribute_value_invalid'],
    ['deep', { a: [{ b: null }] }, 'attribute_value_invalid'],
  ])('%s is dropped and noted, the rest is stored', (name, value, reason) => {
    const command = attributes({ [name]: value, kept: true })
    expect(command.attributes?.values).toEqual({ kept: true })
    expect(reasonsOf(command)).toEqual([reason])
  })

  it('names of 50 and texts of 1,000 characters are kept', () => {
    const given = { ['n'.repeat(50)]: 'x'.repeat(1_000) }
    expect(attributes(given).attributes?.values).toEqual(given)
  })

  it('property: every attribute is either stored as sent or noted, never both and never neither', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ maxLength: 60 }), fc.jsonValue()), (given) => {
        const command = attributes(given)
        const stored = new Set(Object.keys(command.attributes?.values ?? {}))
        expect(command.notices.length + stored.size).toBe(Object.keys(given).length)
        for (const name of stored) expect(command.attributes?.values[name]).toEqual(given[name])
      }),
    )
  })
})

describe('events', () => {
  it.each([
    ['2018-09-15T18:29:00-0800', Date.UTC(2018, 8, 16, 2, 29)],
    ['2018-09-15T18:29:00Z', Date.UTC(2018, 8, 15, 18, 29)],
    ['2018-09-15T18:29:00.250+05:30', Date.UTC(2018, 8, 15, 12, 59, 0, 250)],
    [1_709_288_130, 1_709_288_130_000],
    ['1709288130', 1_709_288_130_000],
  ])('eventTime %s is understood', (eventTime, expected) => {
    expect(eventCommand({ userId: 'u', eventName: 'e', eventTime }).event?.occurredAt).toBe(expected)
  })

  it.each([undefined, null, ''])('without a time it happened when it was received', (eventTime) => {
    const event = { userId: 'u', eventName: 'e', ...(eventTime !== undefined && { eventTime }) }
    expect(eventCommand(event).event?.occurredAt).toBe(context.receivedAt)
  })

  it('a reserved name is dropped as a whole', () => {
    const event = { userId: 'u', eventName: 'we_x' }
    expect(mapEvent(event, context)).toEqual({
      dropped: {
        reason: 'event_name_reserved',
        pointer: '/users/0/eventName',
        item: event,
        identifiers: [{ kind: 'userId', value: 'u' }],
      },
    })
  })

  it('null is no value of an event attribute', () => {
    const command = eventCommand({ userId: 'u', eventName: 'e', eventData: { a: null, b: 1 } })
    expect(command.event?.properties).toEqual({ b: 1 })
    expect(reasonsOf(command)).toEqual(['attribute_value_invalid'])
  })

  it('an attribute named like a standard field of users is an ordinary one', () => {
    const command = eventCommand({ userId: 'u', eventName: 'e', eventData: { email: 'x' } })
    expect(command.event?.properties).toEqual({ email: 'x' })
  })
})
