import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DAY_MS, now, useClock } from '../../../src/lib/time.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterEach(() => restoreClock())

afterAll(async () => {
  await harness.close()
  await database.close()
})

describe('tokens', () => {
  const list = (headers: Record<string, string>, query?: Record<string, string>): Promise<Reply> =>
    harness.call('yotpo', 'list-customers', { credential: 'none', headers, ...(query && { query }) })

  const address = (): { storeId: string; secret: string } => {
    const { storeId = '', secret = '' } = harness.credentialOf('yotpo').params
    return { storeId, secret }
  }

  const buy = async (): Promise<string> => {
    const { secret } = address()
    const reply = await harness.call('yotpo', 'create-token', { body: { secret } })
    expect(reply.status).toBe(200)
    return (reply.body as { access_token: string }).access_token
  }

  it('are taken from the header or from the query', async () => {
    const token = await buy()
    expect((await list({ 'x-yotpo-token': token })).status).toBe(200)
    expect((await list({}, { access_token: token })).status).toBe(200)
    expectVendorError('yotpo', await list({}), 'unauthenticated')
    expectVendorError('yotpo', await list({}, { access_token: 'guess' }), 'unauthenticated')
    expectVendorError('yotpo', await list({ 'x-yotpo-token': address().secret }), 'unauthenticated')
  })

  it('are sold for a form too, where clients of OAuth send one, and nowhere else', async () => {
    const { storeId, secret } = address()
    const form = new URLSearchParams({
      client_id: storeId,
      client_secret: secret,
      grant_type: 'client_credentials',
    }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const reply = await harness.call('yotpo', 'oauth-token', { rawBody: form, headers })
    expect(reply.body).toEqual({ access_token: expect.any(String) as string, token_type: 'bearer' })
    const { access_token: token } = reply.body as { access_token: string }
    expect((await list({ 'x-yotpo-token': token })).status).toBe(200)
    expectVendorError(
      'yotpo',
      await harness.call('yotpo', 'create-token', { rawBody: form, headers }),
      'unsupported_media',
    )
  })

  it('are not sold for a wrong secret, nor for one of another store', async () => {
    const wrong = await harness.call('yotpo', 'create-token', { body: { secret: 'guess' } })
    expectVendorError('yotpo', wrong, 'unauthenticated')
    const { secret } = address()
    const foreign = await harness.call('yotpo', 'create-token', { body: { secret }, workspace: 'Second' })
    expectVendorError('yotpo', foreign, 'unauthenticated')
  })

  it('open their own store: another one is forbidden, one that nobody has is not found', async () => {
    const headers = { 'x-yotpo-token': await buy() }
    const foreign = await harness.call('yotpo', 'list-customers', {
      credential: 'none',
      headers,
      workspace: 'Second',
    })
    expectVendorError('yotpo', foreign, 'forbidden')
    const call = { params: { storeId: 'nobody' }, credential: 'none' as const }
    const unknown = await harness.call('yotpo', 'list-customers', { ...call, headers })
    expectVendorError('yotpo', unknown, 'not_found')
    expectVendorError('yotpo', await harness.call('yotpo', 'list-customers', call), 'unauthenticated')
  })

  it('live 14 days', async () => {
    const headers = { 'x-yotpo-token': await buy() }
    const later = now() + 14 * DAY_MS
    restoreClock = useClock(() => later - 60_000)
    expect((await list(headers)).status).toBe(200)
    restoreClock()
    restoreClock = useClock(() => later + 60_000)
    expectVendorError('yotpo', await list(headers), 'unauthenticated')
  })

  it('end all at once, and the secret buys new ones', async () => {
    // The second workspace's, so that the tokens of the other tests stay.
    const own = { workspace: 'Second', credential: 'none' } as const
    const { secret } = harness.credentialOf('yotpo', 'Second').params
    const buyOwn = async (): Promise<Record<string, string>> => {
      const reply = await harness.call('yotpo', 'create-token', { ...own, body: { secret } })
      return { 'x-yotpo-token': (reply.body as { access_token: string }).access_token }
    }
    const headers = await buyOwn()
    const keys = await harness.call('native', 'list-keys', { workspace: 'Second' })
    const { items } = keys.body as { items: { id: number; scope: string }[] }
    const params = { keyId: String(items.find(({ scope }) => scope === 'yotpo')?.id) }
    const read = (token: Record<string, string>) =>
      harness.call('yotpo', 'list-customers', { ...own, headers: token })
    expect((await read(headers)).status).toBe(200)
    const ended = await harness.call('native', 'end-tokens', { params, workspace: 'Second' })
    expect([ended.status, ended.body]).toEqual([200, { ended: 2 }])
    expectVendorError('yotpo', await read(headers), 'unauthenticated')
    expect((await read(await buyOwn())).status).toBe(200)
  })
})

describe('the rate', () => {
  it('is 5 a second and store, said by headers, and over it nothing is stored', async () => {
    const own = await openTestDatabase()
    const limited = await openHarness(own.db, { webengage: { requestsPerMinute: 0 } })
    try {
      const send = (step: number, workspace: 'First' | 'Second' = 'First'): Promise<Reply> => {
        const event = { type: 't', external_id: `e-${step}`, customer: { external_id: `c-${step}` } }
        return limited.call('yotpo', 'write-event', { body: event, workspace })
      }
      const replies = await Promise.all([0, 1, 2, 3, 4, 5].map((step) => send(step)))
      const refused = replies.filter(({ status }) => status === 429)
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(5)
      expect(replies.map(({ headers }) => headers['ratelimit-remaining']).toSorted()).toEqual([
        '0',
        '0',
        '1',
        '2',
        '3',
        '4',
      ])
      expect(refused.map(({ headers }) => [headers['ratelimit-reset'], headers['retry-after']])).toEqual([
        ['1', '1'],
      ])
      expect((await send(7, 'Second')).status).toBe(200)
      const lost = replies.findIndex(({ status }) => status === 429)
      const query = { kind: 'userId', value: `c-${lost}` }
      expect((await limited.call('native', 'lookup-profile', { query })).status).toBe(404)
      await expect.poll(async () => (await send(lost)).status).toBe(200)
    } finally {
      await limited.close()
      await own.close()
    }
  })
})
