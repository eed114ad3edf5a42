import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SETTINGS } from '../../core/workspaces/index.ts'
import type { Json } from '../../lib/json.ts'
import { toRfc3339 } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { mapEvent, mapProfile } from './mapping.ts'
import type { Event, Profile } from './schemas.ts'

const RECEIVED_AT = Date.UTC(2026, 0, 31)

const context = { pointer: '', settings: DEFAULT_SETTINGS, receivedAt: RECEIVED_AT }

const someEvent: Event = {
  type: 'event',
  event: 'e',
  userId: 'u',
  eventTime: '2026-01-30T00:00:00Z',
  appKey: 'app',
}

const instants = fc.date({
  min: new Date('2000-01-01'),
  max: new Date('2030-01-01'),
  noInvalidDate: true,
})

describe('a profile', () => {
  it('of whatever fields is refused with a place, or every field is a value, an operator or noted', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 60 }), (fields) => {
        const profile = { ...fields, userId: 'u' } as Profile
        const names = Object.keys(profile).filter(
          (name) => !['userId', 'customer_id', 'pyze_id', 'user_alias'].includes(name),
        )
        try {
          const { attributes, notices } = mapProfile(profile, context)
          const kept = Object.keys(attributes?.values ?? {}).length
          const operators = Object.keys(attributes?.operators ?? {}).length
          expect(kept + operators + notices.length).toBe(names.length)
        } catch (error) {
          expect(error).toBeInstanceOf(CdpError)
          const isOperator = (value: unknown): boolean =>
            value !== null && typeof value === 'object' && !Array.isArray(value)
          expect(names.length > 50 || names.some((name) => isOperator(Reflect.get(profile, name)))).toBe(true)
        }
      }),
    )
  })

  it('keeps custom values as they are, also under names that an object has of its own', () => {
    const custom = fc.dictionary(
      fc.string({ minLength: 1 }).map((name) => `custom-${name}`),
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()), fc.constant(null)),
      { maxKeys: 20 },
    )
    fc.assert(
      fc.property(custom, (fields) => {
        const named = Object.fromEntries([...Object.entries(fields), ['__proto__', 'x' as Json]])
        const { attributes } = mapProfile({ ...named, userId: 'u' }, context)
        expect(attributes?.values).toEqual(Object.fromEntries(Object.entries({ ...named })))
      }),
    )
  })
})

describe('an event', () => {
  it('is moved by as much as the sender’s clock is wrong, whatever the times are', () => {
    fc.assert(
      fc.property(instants, instants, (eventTime, sentAt) => {
        const times = { eventTime: toRfc3339(eventTime.getTime()), sentAt: toRfc3339(sentAt.getTime()) }
        const { event } = mapEvent({ ...someEvent, ...times }, context)
        expect(event?.occurredAt).toBe(eventTime.getTime() - sentAt.getTime() + RECEIVED_AT)
        expect(event?.originalTime).toBe(times.eventTime)
      }),
    )
  })

  it('says nothing of the sender’s clock without sentAt, and has no id without messageId', () => {
    const { event } = mapEvent({ ...someEvent, sentAt: null, messageId: '' }, context)
    expect(event).toEqual({
      name: 'e',
      occurredAt: Date.parse(someEvent.eventTime),
      originalTime: someEvent.eventTime,
      properties: {},
    })
  })

  it.each(['2026-01-30', '2026-01-30T10:00:00', '2026-01-30T10:00:00.5+0530'])(
    'takes the time %s',
    (text) => {
      expect(mapEvent({ ...someEvent, eventTime: text }, context).event?.originalTime).toBe(text)
    },
  )
})
