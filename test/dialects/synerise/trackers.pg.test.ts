import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness, openTestApp } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const ask = (domain: unknown, call: Call = {}): Promise<Reply> =>
  harness.call('synerise', 'get-or-create-tracker', { ...call, body: { domain } })

interface Tracker {
  id: number
  code: string
  domainName: string
}

const trackerOf = async (domain: string, call: Call = {}): Promise<Tracker> => {
  const reply = await ask(domain, call)
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Tracker
}

const see = (code: string): Promise<Reply> => {
  const body = { label: 'x', client: { customId: 'visitor' }, params: { productId: '1' } }
  return harness.call('synerise', 'recommendation-seen-event', {
    body,
    query: { token: code },
    credential: 'none',
  })
}

describe('the tracker of a domain', () => {
  it('is the same one each time, in every spelling of the domain', async () => {
    const { id, code, domainName } = await trackerOf('Shop.Example.com')
    expect(domainName).toBe('shop.example.com')
    for (const spelling of ['shop.example.com', '.shop.example.com', ' SHOP.example.com. '])
      expect(await trackerOf(spelling)).toMatchObject({ id, code, domainName })
    expect((await trackerOf('żółw.example.com')).code).toBe(
      (await trackerOf('xn--w-uga1v8h.example.com')).code,
    )
  })

  it('is another one for another domain and in another workspace', async () => {
    const codes = [
      await trackerOf('a.example.com'),
      await trackerOf('b.example.com'),
      await trackerOf('a.example.com', { workspace: 'Second' }),
    ].map(({ code }) => code)
    expect(new Set(codes).size).toBe(3)
  })

  it('is one also for those who ask at once', async () => {
    const asked = await Promise.all(Array.from({ length: 8 }, () => trackerOf('busy.example.com')))
    expect(new Set(asked.map(({ code }) => code)).size).toBe(1)
  })

  it('survives the process, and opens what a tracker key opens', async () => {
    const { code } = await trackerOf('lasting.example.com')
    const other = await openTestApp(database.db)
    await other.http.ready()
    const { headers } = harness.credentialOf('synerise')
    const reply = await other.http.inject({
      method: 'POST',
      url: '/business-profile-service/tracker/get-or-create-by-domain',
      headers,
      payload: { domain: 'lasting.example.com' },
    })
    await other.close()
    expect(reply.json()).toMatchObject({ code })
    expect((await see(code)).status).toBe(202)
  })

  it('is a key of the workspace like others: listed without its text, and a new one once it is revoked', async () => {
    const { id, code } = await trackerOf('revoked.example.com')
    const list = await harness.call('native', 'list-keys')
    expect(list.text).not.toContain(code)
    const { items } = list.body as { items: { id: number; scope: string }[] }
    expect(items.find((key) => key.id === id)).toMatchObject({ scope: 'tracker', permissions: [] })
    const revoked = await harness.call('native', 'revoke-key', { params: { keyId: String(id) } })
    expect(revoked.status).toBe(204)
    expectVendorError('synerise', await see(code), 'unauthenticated')
    const next = await trackerOf('revoked.example.com')
    expect(next.code).not.toBe(code)
    expect((await see(next.code)).status).toBe(202)
  })

  it('is written down once, with the domain', async () => {
    await trackerOf('audited.example.com')
    await trackerOf('audited.example.com')
    const { body } = await harness.call('native', 'list-audit', { query: { action: 'key.create' } })
    const { items } = body as { items: { detail: { domain?: string } }[] }
    expect(items.filter(({ detail }) => detail.domain === 'audited.example.com')).toHaveLength(1)
  })

  it.each(['', 'a b', 'https://example.com/', 'example..com', '-a.com', 'x'.repeat(300), 1, null])(
    'is refused for %j, which is no domain',
    async (domain) => {
      expectVendorError('synerise', await ask(domain), 'invalid')
    },
  )
})
