import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Harness, Reply } from '../contract/harness.ts'

/** A password that every workspace takes. */
export const PASSWORD = 'Secret1!'

/** Who registers: the names of one person. */
export interface Person {
  email: string
  uuid: string
  deviceId: string
}

/** Somebody that no other test has heard of. */
export function newPerson(): Person {
  const uuid = randomUUID()
  return { email: `${uuid}@example.com`, uuid, deviceId: `device-${uuid}` }
}

/** The token of a login that succeeded. */
export function tokenFrom(reply: Reply): string {
  expect(reply.status, reply.text).toBe(200)
  return (reply.body as { token: string }).token
}

/** What people do about their accounts, through the vendor's API and the outbox. */
export interface People {
  /** Calls an operation, as the workspace or with a token. */
  call(operation: string, body: unknown, token?: string): Promise<Reply>
  /** The token of somebody whom the app does not know. */
  anonymous(person: Person): Promise<string>
  logIn(person: Person, password?: string): Promise<Reply>
  register(person: Person, token?: string, more?: object): Promise<Reply>
  /** The newest message to an address or a number. */
  messageTo(recipient: string): Promise<{ template: string; text: string }>
  /** The link in the newest message to an address. */
  linkTo(recipient: string): Promise<URL>
  linkTokenTo(recipient: string): Promise<string>
  pinTo(recipient: string): Promise<string>
  ownData(token: string): Promise<Record<string, unknown>>
  /** Names of the events of a profile. */
  timelineOf(clientId: unknown): Promise<string[]>
}

/** Opens the doings of people over a harness. */
export function openPeople(harness: Harness): People {
  const call: People['call'] = (operation, body, token) =>
    harness.call('synerise', operation, {
      body,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}`, 'api-version': '4.4' } }),
    })
  const messageTo: People['messageTo'] = async (recipient) => {
    const list = await harness.call('native', 'list-messages', { query: { recipient } })
    const [newest] = (list.body as { items: { id: string }[] }).items
    if (!newest) throw new Error(`no message to ${recipient}`)
    const message = await harness.call('native', 'get-message', { params: { messageId: newest.id } })
    return message.body as { template: string; text: string }
  }
  const linkTo: People['linkTo'] = async (recipient) => {
    const [link] = /https?:\/\/\S+/.exec((await messageTo(recipient)).text) ?? []
    return new URL(link ?? '')
  }
  return {
    call,
    messageTo,
    anonymous: async ({ uuid, deviceId }) =>
      tokenFrom(await call('login-anonymous', { apiKey: '@profileKey', uuid, deviceId })),
    logIn: ({ email, uuid, deviceId }, password = PASSWORD) =>
      call('login-profile', {
        apiKey: '@profileKey',
        identityProvider: 'SYNERISE',
        email,
        password,
        uuid,
        deviceId,
      }),
    register: (person, token, more = {}) =>
      call('register-profile', { ...person, password: PASSWORD, ...more }, token),
    linkTo,
    linkTokenTo: async (recipient) => (await linkTo(recipient)).searchParams.get('token') ?? '',
    pinTo: async (recipient) => /\b\d{6}\b/.exec((await messageTo(recipient)).text)?.[0] ?? '',
    ownData: async (token) => {
      const reply = await call('own-data', undefined, token)
      expect(reply.status, reply.text).toBe(200)
      return reply.body as Record<string, unknown>
    },
    timelineOf: async (clientId) => {
      const params = { clientId: String(clientId) }
      const reply = await harness.call('synerise', 'list-client-events', { params })
      return (reply.body as { action: string }[]).map(({ action }) => action)
    },
  }
}
