import { expect } from 'vitest'
import { fixturesOf } from '../../../src/dialects/fixtures.ts'
import type { Operation } from '../../../src/dialects/index.ts'
import { expectDeclaredShape } from '../../contract/answer-shapes.ts'
import { findDialect, findOperation } from '../../contract/harness.ts'
import { tokenFromProvider, GRAPH_APP } from '../../setup/external-logins.ts'
import type { Vendor } from '../../setup/external-logins.ts'
import { openGraphServer } from '../../setup/graph-server.ts'
import type { GraphServer } from '../../setup/graph-server.ts'
import { APP, openIdentityProvider } from '../../setup/identity-provider.ts'
import type { IdentityProvider, ProviderAccount } from '../../setup/identity-provider.ts'
import { openMailServer } from '../../setup/mail-server.ts'
import type { MailServer } from '../../setup/mail-server.ts'
import { openWebhook } from '../../setup/messages.ts'
import type { Webhook } from '../../setup/messages.ts'
import { ServerSandbox, waitFor } from '../server-harness.ts'

/** What the integrator sends. */
export interface Sent {
  params?: Record<string, string | number>
  query?: Record<string, string>
  body?: unknown
  /** A token; the workspace's by default, '' for none. */
  as?: string
  headers?: Record<string, string>
}

/** What the first start printed. */
export interface Credentials {
  guid: string
  password: string
  /** The api key of the workspace, that of its apps, and that of the native API. */
  workspace: string
  profile: string
  native: string
}

/** A fresh installation with everything around it, and an integrator who calls it. */
export interface World {
  keys: Credentials
  /** Ids of the operations that were called for their own sake, in order. */
  called: string[]
  /** How the workspace shows who it is, until it has a token. */
  token: string | undefined
  /** Calls an operation for its own sake: holds status, shape and headers against what is promised. */
  call<Body>(id: string, sent?: Sent): Promise<Body>
  /** Calls what must have happened before. */
  before<Body>(id: string, sent?: Sent): Promise<Body>
  /** The status of a call that may be refused. */
  statusOf(id: string, sent?: Sent): Promise<number>
  /** Calls the native API. @param as a user's token in place of the key */
  native<Body>(id: string, sent?: Sent): Promise<Body>
  configure(settings: object): Promise<void>
  /** What the newest mail to an address holds at the pattern's first group. */
  inMailTo(address: string, pattern: RegExp): Promise<string>
  mailsTo(address: string): number
  codeInText(): Promise<string>
  /** A token of a provider for somebody with this address. */
  tokenAt(vendor: Vendor, account: ProviderAccount): Promise<string>
  close(): Promise<void>
}

/** Starts the servers around, and a server that nothing was written to: once to get its credentials, again with a mail server. */
export async function openWorld(): Promise<World> {
  const sandbox = await ServerSandbox.prepared()
  const around = { mails: await openMailServer(), texts: await openWebhook() }
  const [idp, graph] = await Promise.all([openIdentityProvider(), openGraphServer(GRAPH_APP)])
  const first = await sandbox.serve()
  const keys = credentialsIn(first.printed)
  await first.stop()
  const config = await sandbox.writeConfig({
    server: { allowPrivateUrls: true },
    mail: { smtp: around.mails.url, from: 'Shop <no-reply@example.com>' },
    sms: { webhook: around.texts.url },
  })
  const { address } = await sandbox.serve({ args: ['--config', config] })
  const world: World = {
    keys,
    called: [],
    token: undefined,
    ...callsOf(address, () => world),
    ...messagesOf(around),
    tokenAt: (vendor, account) => tokenFromProvider({ idp, graph }, vendor, account),
    close: async () => {
      await sandbox.destroy()
      around.texts.close()
      await Promise.all([around.mails.close(), idp.close(), graph.close()])
    },
  }
  await setUpProviders(world, idp, graph)
  return world
}

function credentialsIn(printed: string): Credentials {
  const find = (pattern: RegExp): string => {
    const [, found] = pattern.exec(printed) ?? []
    if (found === undefined) throw new Error(`the first start did not print ${pattern}:\n${printed}`)
    return found
  }
  return {
    guid: find(/Workspace "\w+" \(([\da-f-]+)\)/),
    password: find(/password (\S+)/),
    workspace: find(/"apiKey":"([^"]+)"/),
    profile: find(/log in: (\S+)/),
    native: find(/Bearer (tk_\w[^' ]*)/),
  }
}

type Calls = Pick<World, 'call' | 'before' | 'statusOf' | 'native' | 'configure'>

function callsOf(address: string, worldOf: () => World): Calls {
  const own = (): string => {
    const { token, keys } = worldOf()
    return token === undefined ? `Basic ${btoa(`${keys.guid}:${keys.workspace}`)}` : `Bearer ${token}`
  }
  const synerise = async (id: string, sent: Sent): Promise<Answer> => {
    const authorization = sent.as === undefined ? own() : `Bearer ${sent.as}`
    const headers = { ...(sent.as !== '' && { authorization }), 'api-version': '4.4', ...sent.headers }
    return send(address, findOperation('synerise', id), { ...sent, headers })
  }
  const native = async <Body>(id: string, sent: Sent = {}): Promise<Body> => {
    const headers = { authorization: `Bearer ${sent.as ?? worldOf().keys.native}` }
    const answer = await send(address, findOperation('native', id), { ...sent, headers })
    expect(answer.status, `${id}: ${answer.text}`).toBeLessThan(300)
    return answer.body as Body
  }
  return {
    native,
    statusOf: async (id, sent = {}) => (await synerise(id, sent)).status,
    before: async <Body>(id: string, sent: Sent = {}) => {
      const answer = await synerise(id, sent)
      expect(answer.status, `${id}: ${answer.text}`).toBeLessThan(300)
      return answer.body as Body
    },
    call: async <Body>(id: string, sent: Sent = {}) => {
      worldOf().called.push(id)
      const answer = await synerise(id, sent)
      expectPromised(id, answer)
      return answer.body as Body
    },
    configure: async (settings) => {
      await native('patch-workspace', { params: { guid: worldOf().keys.guid }, body: { settings } })
    },
  }
}

/** What came back. */
interface Answer {
  status: number
  headers: Headers
  body: unknown
  text: string
}

async function send(address: string, { method, path }: Operation, sent: Sent): Promise<Answer> {
  const { params = {}, query, body, headers = {} } = sent
  const filled = path.replaceAll(/:(\w+)/g, (_match, name: string) => encodeURIComponent(params[name] ?? ''))
  const search = query ? `?${new URLSearchParams(query).toString()}` : ''
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(`${address}${filled}${search}`, {
    method,
    headers: { ...type, ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: text && JSON.parse(text) }
}

/** A success with the status of its fixtures, the declared shape and, where clients should leave it, a word about that. */
function expectPromised(id: string, { status, headers, body, text }: Answer): void {
  const { succeedsWith, deprecated } = findOperation('synerise', id)
  const shown = fixturesOf('synerise')
    .filter((fixture) => fixture.operation === id && fixture.answer.status < 300)
    .map(({ answer }) => answer.status)
  const statuses = succeedsWith === undefined ? shown : [succeedsWith]
  expect(statuses, `${id}: ${status} ${text}`).toContain(status)
  expectDeclaredShape(findDialect('synerise'), id, { status, body })
  expect([id, headers.has('deprecation')]).toEqual([id, deprecated !== undefined])
}

function messagesOf({
  mails,
  texts,
}: {
  mails: MailServer
  texts: Webhook
}): Pick<World, 'inMailTo' | 'mailsTo' | 'codeInText'> {
  const to = (address: string): string[] =>
    mails.received.filter(({ recipients }) => recipients.includes(address)).map(({ mail }) => mail.text ?? '')
  return {
    mailsTo: (address) => to(address).length,
    inMailTo: (address, pattern) =>
      waitFor(`a mail to ${address}`, async () =>
        to(address)
          .map((text) => pattern.exec(text)?.[1])
          .findLast((found) => found !== undefined),
      ),
    codeInText: () =>
      waitFor('a text message', async () => {
        const { text = '' } = (texts.received.at(-1) ?? {}) as { text?: string }
        return /\b([A-Z0-9]{5})\b/.exec(text)?.[1]
      }),
  }
}

async function setUpProviders(world: World, idp: IdentityProvider, graph: GraphServer): Promise<void> {
  const signed = { audiences: [APP], issuer: idp.issuer, jwksUrl: idp.jwksUrl }
  await world.native('put-secret', { params: { name: 'facebook' }, body: { secret: GRAPH_APP.secret } })
  await world.configure({
    identityProviders: {
      google: signed,
      apple: signed,
      oauth: { userinfoUrl: idp.userinfoUrl },
      facebook: { appId: GRAPH_APP.id, graphUrl: graph.url },
    },
  })
}
