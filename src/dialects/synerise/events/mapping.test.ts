import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../lib/json.ts'
import { CdpError } from '../../../model/errors.ts'
import { mapEventClient } from '../shared/identity.ts'
import { mapEvent, showEvent } from './mapping.ts'
import { EVENT_TYPES, eventTypeOf } from './types.ts'

const RESERVED = ['modifiedBy', 'apiKey', 'eventUUID', 'ip', 'time', 'businessProfileId']

const context = {
  pointer: '',
  receivedAt: Date.UTC(2026, 0, 31),
  timezone: 'Europe/Warsaw',
  naming: mapEventClient,
}

const names = fc.oneof(fc.string(), fc.constantFrom(...RESERVED, '__proto__', 'email', 'uuid'))

const params = fc.dictionary(names, fc.jsonValue(), { maxKeys: 12 })

describe('an event', () => {
  it('keeps every param under its name but the reserved ones, and each of those is noted', () => {
    fc.assert(
      fc.property(params, fc.constantFrom(...EVENT_TYPES), (sent, eventType) => {
        const event = { label: 'x', client: { customId: 'c' }, action: 'my.own', params: sent }
        try {
          const { event: write, notices } = mapEvent(event, eventType, context)
          const reserved = Object.keys(sent).filter((name) => RESERVED.includes(name))
          expect(write?.name).toBe(eventType.action ?? 'my.own')
          expect(Object.keys(write?.properties ?? {}).sort()).toEqual(
            Object.keys(sent)
              .filter((name) => !reserved.includes(name))
              .sort(),
          )
          expect(notices.map(({ pointer }) => pointer).sort()).toEqual(
            reserved.map((name) => `/params/${name}`).sort(),
          )
        } catch (error) {
          expect(error).toBeInstanceOf(CdpError)
          expect(typeof sent['email']).not.toBe('string')
        }
      }),
    )
  })

  it('is shown with all that its sender gave it', () => {
    fc.assert(
      fc.property(params, (sent) => {
        const properties = sent as Record<string, Json>
        const row = {
          workspaceId: 1,
          profileId: 2,
          eventId: 'e',
          occurredAt: 0,
          receivedAt: 0,
          sentAt: undefined,
          originalTime: undefined,
          name: 'n',
          source: 'synerise',
          properties,
        }
        const shown = showEvent(row, { id: 2, customId: null, uuid: 'u', email: null }) as { params: object }
        for (const [name, value] of Object.entries(properties))
          expect(Object.getOwnPropertyDescriptor(shown.params, name)?.value).toEqual(value)
      }),
    )
  })
})

describe('the table of types', () => {
  it('has every type once, and finds it by each spelling', () => {
    const types = EVENT_TYPES.map(({ type }) => type)
    expect(new Set(types).size).toBe(types.length)
    for (const eventType of EVENT_TYPES) {
      expect(eventTypeOf(eventType.type)).toBe(eventType)
      expect(eventTypeOf(eventType.type.replace('/', '-'))).toBe(eventType)
    }
    expect(eventTypeOf('constructor')).toBeUndefined()
  })
})
