import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openEventStream } from '../../setup/event-stream.ts'
import type { EventStream } from '../../setup/event-stream.ts'
import { eventually } from '../../setup/eventually.ts'

let database: TestDatabase
let harness: Harness
let address: string
const streams: EventStream[] = []

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db, {}, { bodyBytesMax: 5 * 1024 ** 2 })
  address = await harness.app.http.listen({ host: '127.0.0.1', port: 0 })
})

afterEach(async () => {
  for (const stream of streams.splice(0)) await stream.close()
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

async function watch(query = '', headers: Record<string, string> = {}): Promise<EventStream> {
  const own = harness.credentialOf('native').headers
  const stream = await openEventStream(`${address}/api/v1/stream${query}`, { ...own, ...headers })
  streams.push(stream)
  return stream
}

/** Stores events of one name; `ids` are their userIds. */
async function store(
  name: string,
  ids: readonly string[],
  workspace: 'First' | 'Second' = 'First',
): Promise<void> {
  const items = ids.map((value) => ({ name, identifiers: [{ kind: 'userId', value }] }))
  const reply = await harness.call('native', 'create-events', { body: { items }, workspace })
  expect(reply.status).toBe(200)
}

/** Stores events that carry a text of a length. */
async function storeLong(name: string, { count, length }: { count: number; length: number }): Promise<void> {
  const identifiers = [{ kind: 'userId', value: 'stream-long' }]
  const event = { name, identifiers, properties: { text: 'x'.repeat(length) } }
  for (let left = count; left > 0; left -= 10) {
    const items = Array.from({ length: Math.min(left, 10) }, () => event)
    expect((await harness.call('native', 'create-events', { body: { items } })).status).toBe(200)
  }
}

const people = (count: number): string[] => Array.from({ length: count }, (_, n) => `stream-${n}`)

/** Until the stream gives an event that is stored now: it has given everything before, too. */
async function caughtUp(stream: EventStream, name = `marker-${crypto.randomUUID()}`): Promise<void> {
  await store(name, ['stream-marker'])
  await eventually(() => expect(stream.items().some((item) => item.name === name)).toBe(true))
}

/**
 * Until every flush is readable in order: a transaction of another test file in the same cluster may hold that up, and
 * what becomes readable after a subscriber has joined is not replayed to it but live, 50 items a second.
 */
async function readable(): Promise<void> {
  const held = 'select count(*) from ingest_batch where xid >= pg_snapshot_xmin(pg_current_snapshot())'
  await eventually(async () => expect(await countOf(database, held)).toBe(0))
}

describe('the live stream', () => {
  it('tells whatever is stored once it has answered', async () => {
    for (let round = 0; round < 5; round++) {
      const stream = await watch()
      await store(`at-once-${round}`, ['stream-at-once'])
      await eventually(() => expect(stream.items().map(({ name }) => name)).toContain(`at-once-${round}`))
    }
  })

  it('gives an event with its dialect, person and lag, a change of a profile, and a refused item', async () => {
    const stream = await watch()
    await harness.call('webengage', 'create-event', {
      body: { userId: 'live-1', eventName: 'Seen', eventTime: '2026-01-01T00:00:00Z' },
    })
    await harness.call('webengage', 'create-user', { body: { userId: 'live-1', firstName: 'Ana' } })
    await harness.call('webengage', 'create-event', { body: { userId: 'live-1', eventName: 'we_x' } })
    await eventually(() => {
      const items = stream.items().filter(({ dialect }) => dialect === 'webengage')
      expect(items).toMatchObject([
        {
          outcome: 'accepted',
          kind: 'event',
          name: 'Seen',
          profileId: expect.any(Number),
          lagMs: expect.any(Number),
          event: { name: 'Seen', occurredAt: '2026-01-01T00:00:00.000Z', source: 'webengage' },
        },
        {
          kind: 'change',
          name: null,
          change: { changes: [{ name: 'firstName', before: null, after: 'Ana' }] },
        },
        { outcome: 'rejected', kind: 'rejection', name: 'event_name_reserved', profileId: null },
      ])
    })
  })

  it.each([
    ['dialect', '?dialect=webengage', ['webengage']],
    ['name', '?name=Wanted', ['native']],
    ['outcome', '?outcome=rejected', ['webengage']],
  ])('filters by %s on the server', async (_what, query, dialects) => {
    const all = await watch()
    const some = await watch(query)
    await store('Wanted', ['live-2'])
    await store('Other', ['live-2'])
    await harness.call('webengage', 'create-event', { body: { userId: 'live-2', eventName: 'we_x' } })
    const last = `last-${crypto.randomUUID()}`
    await store(last, ['live-2'])
    await eventually(() => expect(all.items().at(-1)?.name).toBe(last))
    await eventually(() => expect(some.items().length).toBeGreaterThan(0))
    expect(new Set(some.items().map(({ dialect }) => dialect))).toEqual(new Set(dialects))
    expect(some.items().some(({ name }) => name === 'Other')).toBe(false)
  })

  it('gives 50 items a second and says how many it left out', async () => {
    const stream = await watch('?name=Many')
    await store('Many', people(300))
    await eventually(() => expect(stream.skipped()).toBe(250))
    expect(stream.items()).toHaveLength(50)
  })

  it('shows nothing of another workspace', async () => {
    const stream = await watch()
    await store('Foreign', ['live-4'], 'Second')
    await caughtUp(stream)
    expect(stream.items().some(({ name }) => name === 'Foreign')).toBe(false)
  })

  it('goes on behind the last flush that a subscriber saw, without losing or doubling one', async () => {
    const first = await watch()
    await store('Counted', ['live-5'])
    await eventually(() => expect(first.items().at(-1)?.name).toBe('Counted'))
    const lastId = first.lastId()
    await first.close()
    for (let n = 0; n < 5; n++) await store('Counted', people(100))
    await readable()
    const second = await watch('', { 'last-event-id': String(lastId) })
    await eventually(() => expect(second.items()).toHaveLength(500))
    await caughtUp(second)
    expect(second.items().filter(({ name }) => name === 'Counted')).toHaveLength(500)
    expect(second.gaps()).toEqual([])
  })

  it.each(['999999999999', 'nonsense', '-1'])(
    'says that there is a gap after an id that it does not know (%s)',
    async (id) => {
      const stream = await watch('', { 'last-event-id': id })
      await eventually(() => expect(stream.gaps()).toHaveLength(1))
    },
  )

  it('says that there is a gap where more was missed than it keeps, and gives the newest part', async () => {
    const first = await watch('?name=Flood')
    await caughtUp(first, 'Flood')
    const lastId = first.lastId()
    await first.close()
    await store('Flood', people(1_000))
    await store('Flood', people(200))
    await readable()
    const second = await watch('?name=Flood', { 'last-event-id': String(lastId) })
    await eventually(() => expect(second.items()).toHaveLength(1_000))
    expect(second.gaps()).toHaveLength(1)
  })

  it('gives what was missed to a fast reader though it is more than may wait for a slow one', async () => {
    const first = await watch('?name=Long')
    await caughtUp(first, 'Long')
    const lastId = first.lastId()
    await first.close()
    await storeLong('Long', { count: 30, length: 100_000 })
    await readable()
    const second = await watch('?name=Long', { 'last-event-id': String(lastId) })
    await eventually(() => expect(second.items()).toHaveLength(30))
    await caughtUp(second, 'Long')
    expect(second.gaps()).toEqual([])
  })

  it('counts what is more than it gives again, and goes on behind it', async () => {
    const first = await watch('?name=Longer')
    await caughtUp(first, 'Longer')
    const lastId = first.lastId()
    await first.close()
    await storeLong('Longer', { count: 60, length: 200_000 })
    await readable()
    const second = await watch('?name=Longer&follow=false', { 'last-event-id': String(lastId) })
    await eventually(() => expect(second.isEnded()).toBe(true))
    expect(second.items().length).toBeGreaterThan(0)
    expect(second.items().length + second.skipped()).toBe(60)
    const third = await watch('?name=Longer&follow=false', { 'last-event-id': String(second.lastId()) })
    await eventually(() => expect(third.isEnded()).toBe(true))
    expect([third.items().length, third.skipped()]).toEqual([0, 0])
  })

  it('counts an item that is too long to be shown, and stays open', async () => {
    const stream = await watch('?name=Longest')
    await storeLong('Longest', { count: 1, length: 2_000_000 })
    await eventually(() => expect(stream.skipped()).toBe(1))
    await caughtUp(stream, 'Longest')
    expect(stream.items()).toHaveLength(1)
  })

  it('does not take a flush of another workspace for a place', async () => {
    const stream = await watch('?name=Mine')
    await store('Theirs', ['live-7'], 'Second')
    const [row] = (
      await database.admin.query<{ number: string }>('select max(number) as number from ingest_batch')
    ).rows
    await stream.close()
    const again = await watch('?name=Mine', { 'last-event-id': String(row?.number) })
    await eventually(() => expect(again.gaps()).toHaveLength(1))
  })

  it('refuses a 21st subscriber with 429 and Retry-After, and takes one again when another has left', async () => {
    await eventually(async () => {
      for (const stream of streams.splice(0)) await stream.close()
      for (let n = 0; n < 20; n++) await watch()
    })
    await expect(watch()).rejects.toThrow('429 5')
    await streams.shift()?.close()
    await eventually(() => watch())
  })

  it('is cut when its key is revoked', async () => {
    // The subscribers of the test before leave one by one.
    const stream = await eventually(() => watch())
    await database.admin.query("update api_key set revoked_at = now() where scope = 'native'")
    try {
      await eventually(() => expect(stream.isEnded()).toBe(true))
    } finally {
      await database.admin.query('update api_key set revoked_at = null')
      harness.app.credentials.forget()
    }
  })
})
