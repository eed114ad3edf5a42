import { randomUUID } from 'node:crypto'

/** Somebody who has one of each. */
export interface Person {
  userId: string
  email: string
  phone: string
}

/** By what a request names the person: its id, one contact alone, or all of them. */
export type Way = 'userId' | 'email' | 'phone' | 'both'

/** A request of a dialect's client. */
interface Sent {
  operation: string
  body: unknown
}

/**
 * A client of one vendor. Every profile write says that the first name is Ana, that e-mails are welcome where the vendor has a
 * word for it, and `by_<dialect>: yes`, which no other client writes.
 */
export interface Sender {
  /** What the vendor lets a client name a person by, so that the write is stored whatever came before. */
  ways: { profile: readonly Way[]; event: readonly Way[] }
  profile(person: Person, way: Way): Sent
  event(person: Person, way: Way): Sent
}

/** The person's own values under a vendor's names, as far as the way names them. */
function named(
  { userId, email, phone }: Person,
  way: Way,
  names: { userId: string; email?: string; phone?: string },
): Record<string, string> {
  return {
    ...((way === 'userId' || way === 'both') && { [names.userId]: userId }),
    ...((way === 'email' || way === 'both') && names.email !== undefined && { [names.email]: email }),
    ...((way === 'phone' || way === 'both') && names.phone !== undefined && { [names.phone]: phone }),
  }
}

const WEBENGAGE = { userId: 'userId', email: 'email' }

const SYNERISE = { userId: 'customId', email: 'email' }

const YOTPO = { userId: 'external_id', email: 'email', phone: 'phone_number' }

const XTREMEPUSH = { userId: 'user_id', email: 'email' }

const ANY_WAY: readonly Way[] = ['userId', 'email', 'phone', 'both']

/** A client of each vendor. */
export const SENDERS: Readonly<Record<string, Sender>> = {
  webengage: {
    ways: { profile: ['userId', 'both'], event: ['userId'] },
    profile: (person, way) => ({
      operation: 'create-user',
      body: {
        ...named(person, way, WEBENGAGE),
        firstName: 'Ana',
        emailOptIn: true,
        attributes: { by_webengage: 'yes' },
      },
    }),
    event: ({ userId }) => ({ operation: 'create-event', body: { userId, eventName: 'Seen' } }),
  },
  synerise: {
    // By the vendor's contract a profile write that names a customId and an e-mail of two profiles changes nothing.
    ways: { profile: ['userId', 'email'], event: ['userId', 'email', 'both'] },
    profile: (person, way) => ({
      operation: 'create-client',
      body: {
        ...named(person, way, SYNERISE),
        firstName: 'Ana',
        agreements: { email: true },
        attributes: { by_synerise: 'yes' },
      },
    }),
    event: (person, way) => ({
      operation: 'custom-event',
      body: { label: 'Seen', action: 'page.seen', client: named(person, way, SYNERISE), params: {} },
    }),
  },
  pyze: {
    ways: { profile: ['userId', 'both'], event: ['userId'] },
    profile: (person, way) => ({
      operation: 'update-profiles',
      body: {
        user_profiles: [
          {
            ...named(person, way, { userId: 'userId', email: 'email_id' }),
            first_name: 'Ana',
            by_pyze: 'yes',
          },
        ],
      },
    }),
    event: ({ userId }) => ({
      operation: 'track-event',
      body: { type: 'event', event: 'Seen', userId, eventTime: '2024-03-01T10:15:30Z', appKey: '@appKey' },
    }),
  },
  xtremepush: {
    ways: { profile: ['userId', 'email', 'both'], event: ['userId'] },
    profile: (person, way) => {
      const row = {
        ...named(person, way, XTREMEPUSH),
        email_subscription: 1,
        first_name: 'Ana',
        by_xtremepush: 'yes',
      }
      return {
        operation: 'import-profile',
        body: { apptoken: '@apptoken', columns: Object.keys(row), rows: [Object.values(row)] },
      }
    },
    event: ({ userId }) => ({
      operation: 'hit-event',
      body: { apptoken: '@apptoken', user_id: userId, event: 'Seen' },
    }),
  },
  yotpo: {
    ways: { profile: ANY_WAY, event: ANY_WAY },
    profile: (person, way) => ({
      operation: 'write-customer',
      body: {
        customer: {
          ...named(person, way, YOTPO),
          first_name: 'Ana',
          accepts_email_marketing: true,
          custom_properties: { by_yotpo: 'yes' },
        },
      },
    }),
    event: (person, way) => ({
      operation: 'write-event',
      body: { type: 'seen', external_id: randomUUID(), customer: named(person, way, YOTPO) },
    }),
  },
}
