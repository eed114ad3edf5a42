import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSmsWebhook } from '../../../src/outbound/sms.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { note } from '../figures.ts'

let database: TestDatabase
let careful: Harness
let server: Server
let port: number
/** What reached the server that stands for everything in the network of ours. */
const reached: string[] = []

beforeAll(async () => {
  database = await openTestDatabase()
  careful = await openHarness(database.db, undefined, { allowPrivateUrls: false })
  server = createServer((request, response) => {
    reached.push(request.url ?? '')
    if (request.url?.startsWith('/moved'))
      response.writeHead(302, { location: `http://127.0.0.1:${port}/behind` }).end()
    else response.setHeader('content-type', 'application/json').end('{"sub":"internal-answer","keys":[]}')
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterAll(async () => {
  server.close()
  await careful.close()
  await database.close()
})

/** Spellings of addresses that are not public, and of names that lead to them. */
const HOSTS = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '017700000001',
  '0',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  'localhost',
  'LOCALHOST',
  'localhost.',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  'user:secret@127.0.0.1',
  'example.com@127.0.0.1',
  '169.254.169.254',
  '[fe80::1]',
  '[fd00::1]',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '100.64.0.1',
  '198.18.0.1',
]

/** Every URL that a workspace has, by the provider that it belongs to, with a token that makes the server ask there. */
const TOKEN = `${Buffer.from('{"alg":"RS256","kid":"a"}').toString('base64url')}.${Buffer.from('{"iss":"https://a.example","aud":"shop"}').toString('base64url')}.c2ln`

const PLACES: Readonly<
  Record<string, { provider: string; token: string; settings: (url: string) => object }>
> = {
  'keys of Google': {
    provider: 'GOOGLE',
    token: TOKEN,
    settings: (jwksUrl) => ({ google: { audiences: ['shop'], issuer: 'https://a.example', jwksUrl } }),
  },
  'keys of Apple': {
    provider: 'APPLE',
    token: TOKEN,
    settings: (jwksUrl) => ({ apple: { audiences: ['shop'], issuer: 'https://a.example', jwksUrl } }),
  },
  'the Graph API': {
    provider: 'FACEBOOK',
    token: 'access',
    settings: (graphUrl) => ({ facebook: { appId: '4711', graphUrl } }),
  },
  'who holds a token': {
    provider: 'OAUTH',
    token: 'access',
    settings: (userinfoUrl) => ({ oauth: { userinfoUrl } }),
  },
  'whether a token is valid': {
    provider: 'OAUTH',
    token: 'access',
    settings: (url) => ({ oauth: { introspection: { url, clientId: 'a', audiences: ['shop'] } } }),
  },
}

async function logIn(harness: Harness, place: string, url: string): Promise<Reply> {
  const { provider, token, settings } = PLACES[place]!
  await harness.setSettings({ accountConfirmation: 'automatic', identityProviders: settings(url) })
  const body = { apiKey: '@profileKey', identityProvider: provider, identityProviderToken: token }
  return harness.call('synerise', 'login-profile', { body })
}

describe.each(Object.keys(PLACES))('the URL of a workspace for %s', (place) => {
  beforeAll(async () => {
    for (const name of ['facebook', 'oauth'])
      await careful.call('native', 'put-secret', { params: { name }, body: { secret: 'of-the-app' } })
  })

  it('leads to no address that is not public, however it is written', async () => {
    for (const host of HOSTS) {
      const reply = await logIn(careful, place, `http://${host}:${port}/`)
      expect(reply.status, `${host}: ${reply.text}`).toBeGreaterThanOrEqual(400)
      expect([500, 200], `${host}: ${reply.text}`).not.toContain(reply.status)
      expect(reply.text).not.toMatch(/internal-answer|ECONN|127\.0\.0\.1/)
    }
    expect(reached).toEqual([])
    note({
      proof: 'walls',
      what: `spellings of private addresses as the URL for ${place}`,
      value: HOSTS.length,
      bound: 'none called',
    })
  })

  it.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1:1/_x',
    'data:application/json,{}',
    'unix:/tmp/a',
  ])('cannot be %s', async (url) => {
    const { guid = '' } = careful.credentialOf('native').params
    const settings = { identityProviders: PLACES[place]!.settings(url) }
    const reply = await careful.call('native', 'patch-workspace', { params: { guid }, body: { settings } })
    expect(reply.status, reply.text).toBeGreaterThanOrEqual(400)
    expect((await logIn(careful, place, url)).status).toBeGreaterThanOrEqual(400)
  })
})

describe('where the operator allows private addresses', () => {
  it('the same calls reach them, and no redirect is followed', async () => {
    const open = await openHarness(database.db)
    for (const name of ['facebook', 'oauth'])
      await open.call('native', 'put-secret', { params: { name }, body: { secret: 'of-the-app' } })
    for (const place of Object.keys(PLACES)) {
      reached.length = 0
      const reply = await logIn(open, place, `http://127.0.0.1:${port}/moved/${PLACES[place]!.provider}`)
      expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(reached.length, place).toBeGreaterThan(0)
      expect(reached.filter((path) => path.startsWith('/behind'))).toEqual([])
    }
    await open.close()
  })
})

it('no setting of a workspace and no operation says where text messages go', async () => {
  const { guid = '' } = careful.credentialOf('native').params
  for (const settings of [
    { sms: { webhook: 'http://127.0.0.1/' } },
    { smsWebhook: 'http://127.0.0.1/' },
    { webhook: 'http://127.0.0.1/' },
  ]) {
    const reply = await careful.call('native', 'patch-workspace', { params: { guid }, body: { settings } })
    expect(reply.status).toBeGreaterThanOrEqual(400)
  }
})

it('the webhook of the operator leads where the operator says, and nobody at its end leads on', async () => {
  reached.length = 0
  const webhook = openSmsWebhook({ webhook: `http://127.0.0.1:${port}/moved/sms` })
  const to = '+447700900000\r\nhost: elsewhere'
  await expect(webhook.send({ messageId: 'm1', to, text: '@http://127.0.0.1/behind' })).rejects.toThrow(
    'the webhook answered 302',
  )
  expect(reached).toEqual(['/moved/sms'])
})
