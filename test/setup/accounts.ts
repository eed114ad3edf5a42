import { randomUUID } from 'node:crypto'
import type { Harness, Reply } from '../contract/harness.ts'

/** Somebody that no other test has heard of. */
export interface NewPerson {
  email: string
  uuid: string
  deviceId: string
}

/** A message as the outbox shows it. */
export interface ShownMessage {
  template: string
  text: string
}

/** What the tests of accounts do again and again, in the words of one vendor. */
export interface AccountCalls {
  call(operation: string, body: unknown, token?: string): Promise<Reply>
  register(person: NewPerson, more?: object): Promise<Reply>
  logIn(person: NewPerson, password?: string): Promise<Reply>
  ownData(token: string): Promise<Record<string, unknown>>
  /** Names of what happened to a profile. */
  timelineOf(clientId: unknown): Promise<string[]>
  /** The newest message to an address. */
  messageTo(recipient: string): Promise<ShownMessage>
  /** The link in the newest message to an address. */
  linkTo(recipient: string): Promise<URL>
}

/** A password that meets the rules. */
export const PASSWORD = 'Secret1!'

/** Somebody new. */
export function newPerson(): NewPerson {
  const uuid = randomUUID()
  return { email: `${uuid}@example.com`, uuid, deviceId: `device-${uuid}` }
}

/** The token of a login that must succeed. */
export function tokenFrom({ status, text, body }: Reply): string {
  if (status !== 200) throw new Error(`no token: ${status} ${text}`)
  return (body as { token: string }).token
}

/** Opens the calls over a harness. */
export function openAccountCalls(harness: Harness): AccountCalls {
  const call: AccountCalls['call'] = (operation, body, token) =>
    harness.call('synerise', operation, {
      body,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}`, 'api-version': '4.4' } }),
    })
  const messageTo: AccountCalls['messageTo'] = async (recipient) => {
    const list = await harness.call('native', 'list-messages', { query: { recipient } })
    const [newest] = (list.body as { items: { id: string }[] }).items
    if (!newest) throw new Error(`no message to ${recipient}`)
    const message = await harness.call('native', 'get-message', { params: { messageId: newest.id } })
    return message.body as ShownMessage
  }
  return {
    call,
    messageTo,
    register: (person, more = {}) => call('register-profile', { ...person, password: PASSWORD, ...more }),
    logIn: (person, password = PASSWORD) =>
      call('login-profile', {
        ...person,
        apiKey: '@profileKey',
        identityProvider: 'SYNERISE',
        password,
      }),
    ownData: async (token) => {
      const reply = await call('own-data', undefined, token)
      if (reply.status !== 200) throw new Error(`no own data: ${reply.status} ${reply.text}`)
      return reply.body as Record<string, unknown>
    },
    timelineOf: async (clientId) => {
      const params = { clientId: String(clientId) }
      const reply = await harness.call('synerise', 'list-client-events', { params })
      return (reply.body as { action: string }[]).map(({ action }) => action)
    },
    linkTo: async (recipient) => {
      const { text } = await messageTo(recipient)
      return new URL(/https?:\/\/\S+/.exec(text)?.[0] ?? `no link in: ${text}`)
    },
  }
}
