import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness

const DAYS = [3, 1, 2, 5, 4, 20, 400, 4_000]

const dayAt = (day: number): string => new Date(Date.UTC(2026, 0, 31) - day * 86_400_000).toISOString()

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  const events = DAYS.map((day) => ({
    userId: 'reader',
    eventName: day % 2 ? 'Odd' : 'Even',
    eventTime: dayAt(day),
    eventData: { Day: day, Cart: { 'a/b': day / 10 } },
  }))
  const reply = await harness.call('webengage', 'bulk-events', { body: { events } })
  expect(reply.status).toBe(201)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const read = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

async function readerId(): Promise<string> {
  const reply = await read('lookup-profile', { query: { kind: 'userId', value: 'reader' } })
  return String((reply.body as { id: number }).id)
}

interface List {
  items: { id: string; occurredAt: string; properties: { Day: number } }[]
  nextCursor: string | null
}

async function events(query: Record<string, string> = {}): Promise<List> {
  const reply = await read('list-events', { params: { profileId: await readerId() }, query })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as List
}

describe('timeline', () => {
  it('is newest first, over months and years, and pages without loss or repetition', async () => {
    const sorted = DAYS.toSorted((a, b) => a - b)
    const days: number[] = []
    let cursor: string | null = ''
    for (let pages = 0; cursor !== null && pages < 20; pages++) {
      const page: List = await events({ limit: '3', ...(cursor !== '' && { cursor }) })
      days.push(...page.items.map((item) => item.properties.Day))
      cursor = page.nextCursor
    }
    expect(days).toEqual(sorted)
  })

  it('from is inclusive, to is exclusive, name filters', async () => {
    const range = await events({ from: dayAt(4), to: dayAt(2) })
    expect(range.items.map((item) => item.properties.Day)).toEqual([3, 4])
    const odd = await events({ name: 'Odd' })
    expect(odd.items.map((item) => item.properties.Day)).toEqual([1, 3, 5])
  })

  it('the profile says when the newest event happened', async () => {
    const reply = await read('get-profile', { params: { profileId: await readerId() } })
    expect(reply.body).toMatchObject({ lastActivityAt: dayAt(1) })
  })

  it.each([
    { limit: '0' },
    { limit: '501' },
    { limit: 'many' },
    { cursor: 'not-one-of-ours' },
    { from: 'yesterday' },
    { name: '' },
    { name: 'a\u0000b' },
  ])('refuses %j', async (query) => {
    expectVendorError(
      'native',
      await read('list-events', { params: { profileId: await readerId() }, query }),
      'invalid',
    )
  })
})

describe('aggregates', () => {
  it.each([
    [
      { name: 'Odd', fn: 'count' },
      { count: 3, value: '3' },
    ],
    [
      { name: 'Odd', fn: 'sum', property: 'Day' },
      { count: 3, value: '9' },
    ],
    [
      { name: 'Odd', fn: 'avg', property: 'Day' },
      { count: 3, value: '3' },
    ],
    [
      { name: 'Even', fn: 'min', property: 'Day' },
      { count: 5, value: '2' },
    ],
    [
      { name: 'Even', fn: 'max', property: 'Day' },
      { count: 5, value: '4000' },
    ],
    [
      { name: 'Odd', fn: 'sum', property: 'Cart/a~1b' },
      { count: 3, value: '0.9' },
    ],
    [
      { name: 'Odd', fn: 'sum', property: 'Nothing' },
      { count: 0, value: null },
    ],
    [
      { name: 'Odd', fn: 'sum', property: 'Cart' },
      { count: 0, value: null },
    ],
    [
      { name: 'Even', fn: 'count', from: dayAt(20), to: dayAt(2) },
      { count: 2, value: '2' },
    ],
  ])('%j is exact', async (query, expected) => {
    const reply = await read('aggregate-events', { query: query as unknown as Record<string, string> })
    expect(reply.body).toEqual(expected)
  })

  it.each([
    { fn: 'sum', property: 'Day' },
    { name: 'Odd', fn: 'median' },
    { name: 'Odd', fn: 'sum' },
  ])('refuses %j', async (query) => {
    const reply = await read('aggregate-events', { query: query as unknown as Record<string, string> })
    expectVendorError('native', reply, 'invalid')
  })
})

describe('lookup', () => {
  it.each([{ kind: 'shoeSize', value: '42' }, { kind: 'userId' }, { kind: 'userId', value: '' }])(
    'refuses %j',
    async (query) => {
      const reply = await read('lookup-profile', { query: query as unknown as Record<string, string> })
      expectVendorError('native', reply, 'invalid')
    },
  )

  it('what can be nobody is not found', async () => {
    const reply = await read('lookup-profile', { query: { kind: 'phone', value: 'not a phone' } })
    expectVendorError('native', reply, 'not_found')
  })

  it('a merged profile answers as its survivor and says where from', async () => {
    const users = [
      { anonymousId: 'native-a', email: 'native@example.com' },
      { userId: 'native-u', email: 'native@example.com' },
    ]
    const [first, second] = users
    await harness.call('webengage', 'create-user', { body: first })
    const before = await read('lookup-profile', { query: { kind: 'anonymousId', value: 'native-a' } })
    const { id } = before.body as { id: number }
    await harness.call('webengage', 'create-user', { body: second })
    const after = await read('get-profile', { params: { profileId: String(id) } })
    expect(after.body).toMatchObject({ mergedFrom: id })
    expect((after.body as { id: number }).id).not.toBe(id)
  })
})

describe('totals', () => {
  it('follow what is stored', async () => {
    await harness.call('webengage', 'create-event', { body: { userId: 'stats-1', eventName: 'Counted' } })
    await expect
      .poll(async () => (await read('get-stats')).body)
      .toMatchObject({ events: DAYS.length + 1, byDialect: { webengage: { events: DAYS.length + 1 } } })
  })
})
