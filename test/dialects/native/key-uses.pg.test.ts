import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness, openTestApp } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
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

interface Key {
  id: number
  scope: string
  secret: string
  lastUsedAt: string | null
}

const make = async (scope: string): Promise<Key> => {
  const reply = await harness.call('native', 'create-key', { body: { scope } })
  expect(reply.status, reply.text).toBe(201)
  return reply.body as Key
}

const lastUseIn = async (list: Promise<Pick<Reply, 'body'>>, { id }: Key): Promise<string | null> => {
  const { items } = (await list).body as { items: Key[] }
  const key = items.find((one) => one.id === id)
  if (!key) throw new Error(`no key ${id}`)
  return key.lastUsedAt
}

const lastUse = (key: Key): Promise<string | null> => lastUseIn(harness.call('native', 'list-keys'), key)

it('a key says when it was last used, a new one and its successor that they never were', async () => {
  const made = await make('webengage')
  expect([made.lastUsedAt, await lastUse(made)]).toEqual([null, null])
  const before = new Date().toISOString()
  const headers = { authorization: `Bearer ${made.secret}` }
  const written = await harness.call('webengage', 'create-user', { headers, body: { userId: 'k' } })
  expect(written.status, written.text).toBe(201)
  const used = await lastUse(made)
  expect(used !== null && used >= before).toBe(true)
  const rotated = await harness.call('native', 'rotate-key', { params: { keyId: String(made.id) } })
  expect(rotated.body).toMatchObject({ scope: 'webengage', lastUsedAt: null })
})

it('the last use is still known after a restart', async () => {
  const made = await make('native')
  const url = '/api/v1/stats'
  const headers = { authorization: `Bearer ${made.secret}` }
  const stopped = await openTestApp(database.db)
  const stats = await stopped.http.inject({ method: 'GET', url, headers })
  expect(stats.statusCode).toBe(200)
  expect(await lastUse(made)).toBeNull()
  await stopped.close()
  const used = await lastUse(made)
  expect(used).not.toBeNull()
  const started = await openTestApp(database.db)
  try {
    const list = started.http.inject({ method: 'GET', url: '/api/v1/keys', headers })
    const shown = await lastUseIn(
      list.then((reply) => ({ body: reply.json<unknown>() })),
      made,
    )
    // It is used for this very question.
    expect(shown !== null && shown >= (used ?? '')).toBe(true)
  } finally {
    await started.close()
  }
})
