import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, lookupProfile } from '../../sdk/src/index.ts'
import { openTracker } from '../../sdk/src/tracker.ts'
import type { Lost, Refused } from '../../sdk/src/tracker.ts'
import { openHarness } from '../contract/harness.ts'
import type { Harness } from '../contract/harness.ts'
import { countOf, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

let database: TestDatabase
let harness: Harness
let url: string
let key: string

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  url = await harness.app.http.listen({ host: '127.0.0.1', port: 0 })
  key = (harness.credentialOf('native').headers['authorization'] ?? '').replace('Bearer ', '')
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

test('what a server says through the sdk is stored, and read back through it', async () => {
  const problems: (Refused | Lost)[] = []
  const tracker = openTracker({
    url,
    key,
    onRefused: (refused) => problems.push(refused),
    onLost: (lost) => problems.push(lost),
  })
  tracker.identify(
    { userId: 'sdk-1', email: 'sdk1@example.com' },
    { attributes: { firstName: 'Ana' }, tags: ['vip'] },
  )
  for (let n = 0; n < 1_200; n++) tracker.track({ userId: 'sdk-1' }, 'Seen', { n })
  await tracker.close()
  expect(problems).toEqual([])
  expect(await countOf(database, `select count(*) from event where name = 'Seen'`)).toBe(1_200)
  const client = createClient({ baseUrl: url, headers: { authorization: `Bearer ${key}` } })
  const { data } = await lookupProfile({ client, query: { kind: 'email', value: 'sdk1@example.com' } })
  expect(data).toMatchObject({ attributes: { firstName: 'Ana' }, tags: ['vip'] })
})

test('a batch whose answer never came is stored once', async () => {
  let lostAnswers = 0
  const losing: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    if (lostAnswers++ > 0) return response
    await response.text()
    throw new TypeError('the connection broke behind the request')
  }
  const tracker = openTracker({ url, key, pauseMs: 1, fetch: losing })
  tracker.identify({ userId: 'sdk-2' }, { operators: { visits: { increment: 1 } } })
  await tracker.close()
  expect(lostAnswers).toBe(2)
  const { rows } = await database.admin.query<{ visits: number }>(
    `select (p.attributes->>'visits')::float8 as visits from profile p join identifier i using (workspace_id, profile_id)
      where i.value = 'sdk-2'`,
  )
  expect(rows).toEqual([{ visits: 1 }])
})

test('an item that the server refuses comes back with the reason', async () => {
  const refused: Refused[] = []
  const tracker = openTracker({ url, key, onRefused: (item) => refused.push(item) })
  tracker.track({ userId: ' ' }, 'Seen')
  tracker.track({ userId: 'sdk-3' }, 'Seen')
  await tracker.close()
  expect(refused).toMatchObject([{ kind: 'event', problem: { code: expect.stringMatching(/^CDP_/) } }])
})
