import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { openTracker } from './tracker.ts'
import type { Lost, Refused, Tracker, TrackerOptions } from './tracker.ts'

/** What a request held. */
interface Call {
  path: string
  idempotencyKey: string
  authorization: string
  items: Record<string, unknown>[]
}

/** What is answered: a status with a body, nothing at all, or a result for each item. */
type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | 'hang up' | 'stored'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A server that says what it is told to; after the last answer everything is stored. */
async function serverSaying(
  ...answers: (Answer | ((call: Call) => Answer))[]
): Promise<{ url: string; calls: Call[] }> {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const call = await read(request)
      calls.push(call)
      const next = answers.shift() ?? 'stored'
      const answer = typeof next === 'function' ? next(call) : next
      if (answer === 'hang up') return void request.socket.destroy()
      const stored = {
        status: 200,
        body: { items: call.items.map(() => ({ status: 'stored', profileId: 1 })) },
      }
      const { status, body, headers = {} } = answer === 'stored' ? { ...stored, headers: {} } : answer
      response.writeHead(status, headers).end(JSON.stringify(body ?? {}))
    }
    void reply()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }
}

async function read(request: IncomingMessage): Promise<Call> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const { items } = JSON.parse(text) as { items: Call['items'] }
  const { url: path = '', headers } = request
  const header = (name: string): string => String(headers[name])
  return { path, items, idempotencyKey: header('idempotency-key'), authorization: header('authorization') }
}

interface Opened {
  tracker: Tracker
  refused: Refused[]
  lost: Lost[]
}

function open(url: string, options: Partial<TrackerOptions> = {}): Opened {
  const [refused, lost]: [Refused[], Lost[]] = [[], []]
  const tracker = openTracker({
    url,
    key: 'tk_test',
    pauseMs: 1,
    onRefused: (item) => refused.push(item),
    onLost: (item) => lost.push(item),
    ...options,
  })
  return { tracker, refused, lost }
}

const ana = { userId: 'ana' }

test('what is said goes out in its order, of one kind at a time, in batches that are as large as they may be', async () => {
  const { url, calls } = await serverSaying()
  const { tracker, lost } = open(url, { batchItemsMax: 3, flushAfterMs: 60_000 })
  for (let n = 0; n < 2; n++) tracker.track(ana, `early ${n}`)
  tracker.identify(ana, { attributes: { firstName: 'Ana' } })
  for (let n = 0; n < 4; n++) tracker.track({ email: 'a@example.com', userId: 'ana' }, `late ${n}`)
  await tracker.close()
  expect(calls.map(({ path, items }) => [path, items.length])).toEqual([
    ['/api/v1/events', 2],
    ['/api/v1/profiles', 1],
    ['/api/v1/events', 3],
    ['/api/v1/events', 1],
  ])
  expect(calls[2]?.items[0]).toMatchObject({
    // The most trusted first, whatever order they were given in.
    identifiers: [
      { kind: 'userId', value: 'ana' },
      { kind: 'email', value: 'a@example.com' },
    ],
    name: 'late 0',
  })
  expect(calls.every(({ authorization }) => authorization === 'Bearer tk_test')).toBe(true)
  expect(new Set(calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(calls.length)
  expect(lost).toEqual([])
})

test('nothing is lost, doubled or put into another order, whatever the server answers in between', async () => {
  const passing: Answer[] = [
    'hang up',
    { status: 503 },
    { status: 429 },
    { status: 500 },
    { status: 200, body: {} },
    'stored',
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...passing), { maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (answers, kinds, batchItemsMax) => {
        const { url, calls } = await serverSaying(...answers)
        const { tracker, lost } = open(url, { batchItemsMax, attemptsMax: 20, pauseMsMax: 2 })
        for (const [n, isEvent] of kinds.entries()) {
          if (isEvent) tracker.track(ana, String(n))
          else tracker.identify(ana, { attributes: { n: String(n) } })
        }
        await tracker.close()
        // A repeated batch has the key of its first try, so the server stores it once.
        const batches = new Map(calls.map(({ idempotencyKey, items }) => [idempotencyKey, items]))
        const said = [...batches.values()]
          .flat()
          .map((item) => item['name'] ?? (item['attributes'] as { n: string }).n)
        expect(said).toEqual(kinds.map((_kind, n) => String(n)))
        expect(lost).toEqual([])
        expect(tracker.waiting).toBe(0)
      },
    ),
    { numRuns: 25 },
  )
})

test('a server that asks to wait is left alone for so long', async () => {
  const times: number[] = []
  const { url } = await serverSaying(
    () => {
      times.push(performance.now())
      return { status: 429, headers: { 'retry-after': '1' } }
    },
    () => {
      times.push(performance.now())
      return 'stored'
    },
  )
  const { tracker } = open(url)
  tracker.track(ana, 'Seen')
  await tracker.flush()
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990)
})

test('an item that is refused is told with its reason, and its neighbours are stored', async () => {
  const problem = { code: 'CDP_BODY_INVALID', detail: 'name: must not be empty', pointer: '/items/1/name' }
  const results = [
    { status: 'stored' },
    { status: 'refused', error: problem },
    { status: 'ignored', reason: 'x' },
  ]
  const { url, calls } = await serverSaying({ status: 200, body: { items: results } })
  const { tracker, refused, lost } = open(url)
  for (const name of ['one', 'two', 'three']) tracker.track(ana, name)
  await tracker.flush()
  expect(refused).toMatchObject([{ kind: 'event', item: { name: 'two' }, problem }])
  expect(calls).toHaveLength(1)
  expect(lost).toEqual([])
})

test('a batch that is too large is halved until it fits; what is too large alone is refused', async () => {
  const tooLarge = ({ items }: Call): Answer =>
    items.length > 1 || items[0]?.['name'] === 'huge'
      ? { status: 413, body: { code: 'CDP_BODY_TOO_LARGE' } }
      : 'stored'
  const { url, calls } = await serverSaying(...Array.from({ length: 7 }, () => tooLarge))
  const { tracker, refused } = open(url)
  for (const name of ['a', 'b', 'huge', 'd']) tracker.track(ana, name)
  await tracker.flush()
  expect(calls.filter(({ items }) => items.length === 1).map(({ items }) => items[0]?.['name'])).toEqual([
    'a',
    'b',
    'huge',
    'd',
  ])
  expect(refused).toMatchObject([{ item: { name: 'huge' }, problem: { code: 'CDP_BODY_TOO_LARGE' } }])
})

test.each([
  ['a wrong key', { status: 401, body: { code: 'CDP_KEY_UNKNOWN' } }],
  ['no such server', 'hang up'],
] as const)('with %s everything is told as lost, with the cause', async (_what, answer) => {
  const { url } = await serverSaying(...Array.from({ length: 3 }, () => answer))
  const { tracker, refused, lost } = open(url, { attemptsMax: 3, pauseMsMax: 2 })
  tracker.track(ana, 'Seen')
  await tracker.flush()
  expect(lost).toMatchObject([{ kind: 'event', item: { name: 'Seen' }, cause: expect.anything() }])
  expect(refused).toEqual([])
})

test('more than may wait is told as lost at once, and what waits is bounded', async () => {
  const { url } = await serverSaying()
  const { tracker, lost } = open(url, { queueItemsMax: 2, flushAfterMs: 60_000 })
  for (const name of ['one', 'two', 'three']) tracker.track(ana, name)
  expect(tracker.waiting).toBe(2)
  expect(lost).toMatchObject([{ item: { name: 'three' } }])
  await tracker.close()
})

test('closing gives up what is not answered in time, and takes nothing more', async () => {
  const { url } = await serverSaying(...Array.from({ length: 50 }, () => ({ status: 503 })))
  const { tracker, lost } = open(url, { pauseMs: 10_000 })
  tracker.track(ana, 'Seen')
  await tracker.close(50)
  expect(lost).toHaveLength(1)
  expect(() => tracker.track(ana, 'Late')).toThrow('closed')
})

test('what is said right behind a flush of nothing is sent too, and flushing waits for what waited at the call', async () => {
  const { url, calls } = await serverSaying()
  const { tracker, lost } = open(url, { flushAfterMs: 60_000 })
  void tracker.flush()
  tracker.track(ana, 'one')
  await tracker.close()
  expect(tracker.waiting).toBe(0)
  expect(calls.flatMap(({ items }) => items.map(({ name }) => name))).toEqual(['one'])
  expect(lost).toEqual([])
})

test('an option that is undefined has its default', async () => {
  const { url, calls } = await serverSaying()
  const { tracker } = open(url, { attemptsMax: undefined, queueItemsMax: undefined })
  tracker.track(ana, 'Seen')
  await tracker.flush()
  expect(calls).toHaveLength(1)
  expect(() => tracker.track(ana, 'Seen', {}, { occurredAt: new Date(Number.NaN) })).toThrow(TypeError)
})

test('what is given is sent as it was, even if it changes before it goes', async () => {
  const { url, calls } = await serverSaying()
  const { tracker } = open(url)
  const properties = { total: 1 }
  tracker.track(ana, 'Bought', properties)
  properties.total = 2
  await tracker.flush()
  expect(calls[0]?.items[0]).toMatchObject({ properties: { total: 1 } })
})

test.each([
  ['nobody', () => ({})],
  ['a number that JSON has not', () => ({ userId: 'ana', ...({} as object) })],
])('what cannot be sent is an error where it is said: %s', async (what, who) => {
  const { tracker } = open('http://127.0.0.1:9')
  const properties = what === 'nobody' ? {} : { big: 1n }
  expect(() => tracker.track(who(), 'Seen', properties)).toThrow(TypeError)
  expect(() => tracker.track(ana, '')).toThrow(TypeError)
  expect(tracker.waiting).toBe(0)
  await tracker.close()
})

test('a listener that throws keeps nobody from being told and nothing from being sent', async () => {
  const thrown: unknown[] = []
  const catching = (error: unknown): void => void thrown.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.once('uncaughtException', catching)
  try {
    const { url, calls } = await serverSaying({ status: 400, body: { code: 'CDP_BODY_INVALID' } })
    const { tracker } = open(url, {
      batchItemsMax: 1,
      onRefused: () => {
        throw new Error('the listener')
      },
    })
    tracker.track(ana, 'one')
    tracker.track(ana, 'two')
    await tracker.close()
    expect(calls).toHaveLength(2)
    await expect.poll(() => thrown).toMatchObject([{ message: 'the listener' }])
  } finally {
    process.removeListener('uncaughtException', catching)
    for (const listener of others) process.on('uncaughtException', listener)
  }
})
