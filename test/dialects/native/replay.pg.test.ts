import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { countOf, openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { eventually } from '../../setup/eventually.ts'

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

interface Entry {
  id: string
  reason: string
  item: string | null
  replayedAt: string | null
}

/** The newest entry of the ledger that holds this text; it may be written after the answer. */
async function entryOf(text: string): Promise<Entry> {
  return eventually(async () => {
    const reply = await harness.call('native', 'list-rejections', { query: { limit: '500' } })
    const found = (reply.body as { items: Entry[] }).items.find(({ item }) => item?.includes(text))
    if (!found) throw new Error(`no entry with ${text}`)
    return found
  })
}

const replay = (
  rejectionId: string,
  body: object = {},
  workspace: 'First' | 'Second' = 'First',
): Promise<Reply> => harness.call('native', 'replay-rejection', { params: { rejectionId }, body, workspace })

const code = (reply: Reply): unknown => (reply.body as { code?: unknown }).code

const eventsNamed = (name: string): Promise<number> =>
  countOf(database, 'select count(*) from event where name = $1', [name])

const REFUSED: readonly (readonly [
  string,
  string,
  string,
  (name: string) => unknown,
  (name: string) => unknown,
])[] = [
  [
    'a whole call of WebEngage',
    'webengage',
    'bulk-events',
    (name) => ({ events: [{ userId: 'r-1', eventName: name, eventTime: 'never' }] }),
    (name) => ({ userId: 'r-1', eventName: name, eventTime: '2026-01-01T00:00:00Z' }),
  ],
  [
    'an event of Pyze, whose app key is not kept',
    'pyze',
    'track-event',
    (name) => ({ type: 'event', event: name, userId: 'r-2', eventTime: 'never', appKey: '@appKey' }),
    (name) => ({ type: 'event', event: name, userId: 'r-2', eventTime: '2026-01-01T00:00:00Z', appKey: 'x' }),
  ],
  [
    'a custom event of Synerise',
    'synerise',
    'custom-event',
    (name) => ({ action: name, label: 'x', client: { customId: 'r-3' }, time: 'never' }),
    (name) => ({ action: name, label: 'x', client: { customId: 'r-3' }, time: '2026-01-01T00:00:00Z' }),
  ],
  [
    'one item of a native batch',
    'native',
    'create-events',
    (name) => ({ items: [{ name, identifiers: [{ kind: 'userId', value: 'r-4' }], occurredAt: 'never' }] }),
    (name) => ({ name, identifiers: [{ kind: 'userId', value: 'r-4' }], occurredAt: '2026-01-01T00:00:00Z' }),
  ],
]

describe('an entry of the ledger', () => {
  it.each(REFUSED)(
    'of %s is sent again once it is corrected, and once only',
    async (_what, dialect, operation, bad, good) => {
      const name = `replayed.${dialect}`
      await harness.call(dialect, operation, { body: bad(name) })
      const entry = await entryOf(name)
      const again = await replay(entry.id)
      expect([again.status >= 400, await eventsNamed(name)]).toEqual([true, 0])
      const corrected = await replay(entry.id, { item: good(name) })
      expect(corrected.body).toMatchObject({ items: [{ profileId: expect.any(Number) }] })
      expect(await eventsNamed(name)).toBe(1)
      expect((await entryOf(name)).replayedAt).toMatch(/Z$/)
      expect(code(await replay(entry.id, { item: good(name) }))).toBe('CDP_REJECTION_NOT_REPLAYABLE')
      expect(await eventsNamed(name)).toBe(1)
    },
  )

  it('is sent again as it was, once what it lacked is there', async () => {
    const body = { items: [{ profileId: 1, name: 'Late' }] }
    await harness.call('native', 'create-events', { body: { items: [{ profileId: 999_999, name: 'Late' }] } })
    const entry = await entryOf('"Late"')
    expect((await replay(entry.id)).status).toBe(404)
    const made = await harness.call('native', 'write-profiles', {
      body: { items: [{ identifiers: [{ kind: 'userId', value: 'r-5' }] }] },
    })
    const [first] = (made.body as { items: { profileId: number }[] }).items
    const item = { ...body.items[0], profileId: first?.profileId }
    expect((await replay(entry.id, { item })).status).toBe(200)
    expect(await eventsNamed('Late')).toBe(1)
  })

  it('of an item that its contract drops again stays, and says why', async () => {
    await harness.call('webengage', 'create-event', {
      body: { userId: 'r-6', eventName: 'we_reserved', eventTime: '2026-01-01T00:00:00Z' },
    })
    const entry = await entryOf('we_reserved')
    const reply = await replay(entry.id)
    expect([reply.status, code(reply)]).toEqual([409, 'CDP_REJECTION_NOT_REPLAYABLE'])
    expect((reply.body as { detail: string }).detail).toContain('event_name_reserved')
    const renamed = { userId: 'r-6', eventName: 'reserved no more', eventTime: '2026-01-01T00:00:00Z' }
    expect((await replay(entry.id, { item: renamed })).status).toBe(200)
  })

  it('of an item whose rest is stored is not sent again', async () => {
    await harness.call('webengage', 'create-user', { body: { userId: 'r-7', nonsense: 'r-7-field' } })
    expect(code(await replay((await entryOf('r-7-field')).id))).toBe('CDP_REJECTION_NOT_REPLAYABLE')
  })

  it('that was cut is only sent again whole', async () => {
    const note = 'x'.repeat(20_000)
    const bad = { userId: 'r-8', eventName: 'Cut', eventTime: 'never', eventData: { note } }
    await harness.call('webengage', 'create-event', { body: bad })
    const { id } = await entryOf('"Cut"')
    expect(code(await replay(id))).toBe('CDP_REJECTION_NOT_REPLAYABLE')
    expect((await replay(id, { item: { ...bad, eventTime: '2026-01-01T00:00:00Z' } })).status).toBe(200)
  })

  it('of another workspace, or that there is not, is not found', async () => {
    await harness.call('webengage', 'create-event', {
      body: { userId: 'r-9', eventName: 'Walled', eventTime: 'x' },
    })
    const { id } = await entryOf('Walled')
    for (const reply of [await replay(id, {}, 'Second'), await replay('nonsense')])
      expect([reply.status, code(reply)]).toEqual([404, 'CDP_REJECTION_NOT_FOUND'])
  })

  it('that is sent again by several at once is stored once', async () => {
    await harness.call('webengage', 'create-event', {
      body: { userId: 'r-10', eventName: 'Raced', eventTime: 'x' },
    })
    const { id } = await entryOf('Raced')
    const item = { userId: 'r-10', eventName: 'Raced', eventTime: '2026-01-01T00:00:00Z' }
    const replies = await Promise.all(Array.from({ length: 5 }, () => replay(id, { item })))
    expect(replies.some(({ status }) => status === 200)).toBe(true)
    expect(await eventsNamed('Raced')).toBe(1)
  })

  it('whose replay failed is in the ledger once', async () => {
    await harness.call('webengage', 'create-event', {
      body: { userId: 'r-11', eventName: 'Once', eventTime: 'x' },
    })
    const { id } = await entryOf('"Once"')
    await replay(id)
    const count = `select count(*) from rejection where item like '%"Once"%'`
    expect(await countOf(database, count)).toBe(1)
  })
})

describe('a browser session', () => {
  const cookieOf = async (): Promise<string> => {
    const reply = await harness.call('native', 'create-session')
    const header = String(reply.headers['set-cookie'])
    expect(header).toMatch(/; Max-Age=3600; Path=\/api\/v1; HttpOnly; SameSite=Strict$/)
    return header.split(';')[0] ?? ''
  }
  const get = (headers: Record<string, string>): Promise<Reply> =>
    harness.raw('GET', '/api/v1/stats', { headers })

  it('opens what its key opens, until it is taken back', async () => {
    const cookie = await cookieOf()
    expect((await get({ cookie })).status).toBe(200)
    const out = await harness.raw('DELETE', '/api/v1/session', {
      headers: { origin: 'http://localhost:80', host: 'localhost:80' },
    })
    expect(String(out.headers['set-cookie'])).toMatch(/^tributary_session=; .*Expires=Thu, 01 Jan 1970/)
  })

  it('is no use to a page of another origin, nor for a write without one', async () => {
    const cookie = await cookieOf()
    expect(code(await get({ cookie, origin: 'https://evil.example' }))).toBe('CDP_ORIGIN_FORBIDDEN')
    const write = (headers: Record<string, string>) =>
      harness.raw('POST', '/api/v1/profiles', {
        headers: { cookie, 'content-type': 'application/json', ...headers },
        payload: JSON.stringify({ items: [{ identifiers: [{ kind: 'userId', value: 'r-12' }] }] }),
      })
    expect((await write({})).status).toBe(403)
    expect((await write({ origin: 'http://shop.example', host: 'shop.example' })).status).toBe(200)
  })

  it.each(['tributary_session=nonsense', 'tributary_session='])('%s opens nothing', async (cookie) => {
    expect((await get({ cookie })).status).toBe(401)
  })
})

it('a key in a list is no more kept than a key alone', async () => {
  const secret = 'tk_of_somebody'
  const items = [{ identifiers: 'none', name: 'keyed', apiKey: [secret], token: { inner: secret } }]
  await harness.call('native', 'create-events', { body: { items } })
  const { item } = await entryOf('keyed')
  expect(item).toContain('[redacted]')
  expect(item).not.toContain(secret)
})

it('a living secret is kept under no name and in no text, also of another dialect, and half of one neither', async () => {
  const { 'First native 0': key = '', 'Second pyze 1': appKey = '' } = harness.secrets()
  const token = harness.credentialOf('yotpo').headers['x-yotpo-token'] ?? ''
  expect([key, appKey, token].filter((secret) => secret.length < 20)).toEqual([])
  const wrong = {
    [appKey]: 1,
    list: [`Bearer ${key}`, `\n${appKey}`, `\u0000${key}`],
    note: `?utoken=${token}&v=1`,
  }
  const long = `${' '.repeat(16_384 - 60)}${key}${key}`
  await harness.call('native', 'create-events', {
    body: {
      items: [
        { identifiers: 'none', name: 'secretive', ...wrong },
        { identifiers: 'none', name: 'secretive, long', long },
      ],
    },
  })
  await entryOf('secretive, long')
  const kept = await rowsOf<{ text: string }>(database, 'select r::text as text from rejection r')
  const all = kept.map(({ text }) => text).join('\n')
  expect(all).toContain('secretive, long')
  expect(all).toContain('Bearer [redacted]')
  expect([key, appKey, token].filter((secret) => all.includes(secret.slice(0, 20)))).toEqual([])
})
