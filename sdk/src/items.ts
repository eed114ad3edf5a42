import type { CreateEventsData, WriteProfilesData } from './generated/types.gen.ts'

type EventItem = CreateEventsData['body']['items'][number]
type ProfileItem = WriteProfilesData['body']['items'][number]

/** What a person can be known by. */
export type IdentifierKind = NonNullable<ProfileItem['identifiers']>[number]['kind']

/** Every kind, the most trusted first: that is the order in which an item names a person. */
export const IDENTIFIER_KINDS = [
  'userId',
  'email',
  'phone',
  'uuid',
  'anonymousId',
  'deviceId',
  'alias',
] as const satisfies readonly IdentifierKind[]

/** Whom an item is about: what the person is known by, or the id of the profile. */
export type Who = Partial<Record<IdentifierKind, string>> | { profileId: number }

/** What is written about a profile. */
export type Facts = Omit<ProfileItem, 'identifiers' | 'profileId'>

/** What an event may have beside its name and properties. */
export interface TrackOptions {
  /** When it happened; the present when left out. */
  occurredAt?: Date
  /** Of two events with one id the second is not stored; made when left out. */
  messageId?: string
  /** A purchase, when the event is one. */
  transaction?: EventItem['transaction']
}

/** Which operation takes an item. */
export type Kind = 'profile' | 'event'

/** Something to send, as it was when it was given. */
export interface Item {
  kind: Kind
  /** JSON. */
  text: string
  bytes: number
}

/** @throws TypeError nobody is named, or a value has no JSON */
export function profileItem(who: Who, facts: Facts): Item {
  return itemOf('profile', { ...personOf(who), ...facts } satisfies ProfileItem)
}

/** @throws TypeError nobody is named, the event has no name or no valid time, or a value has no JSON */
export function eventItem(
  who: Who,
  name: string,
  properties: Record<string, unknown>,
  { occurredAt = new Date(), messageId = crypto.randomUUID(), transaction }: TrackOptions,
): Item {
  if (name === '') throw new TypeError('an event needs a name')
  if (Number.isNaN(occurredAt.getTime())) throw new TypeError('an event needs a time that is one')
  const event: EventItem = {
    ...personOf(who),
    name,
    occurredAt: occurredAt.toISOString(),
    messageId,
    properties,
    ...(transaction && { transaction }),
  }
  return itemOf('event', event)
}

function personOf(who: Who): Pick<ProfileItem, 'identifiers' | 'profileId'> {
  if ('profileId' in who) return { profileId: who.profileId }
  const identifiers = IDENTIFIER_KINDS.flatMap((kind) => {
    const value = who[kind]
    return value === undefined ? [] : [{ kind, value }]
  })
  if (identifiers.length === 0) throw new TypeError('an item must name a person')
  return { identifiers }
}

function itemOf(kind: Kind, value: object): Item {
  const text = JSON.stringify(value)
  return { kind, text, bytes: new TextEncoder().encode(text).length }
}
