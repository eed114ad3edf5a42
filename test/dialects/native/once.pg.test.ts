import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase, rowsOf } from '../../setup/database.ts'
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

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

describe('an Idempotency-Key', () => {
  const key = randomUUID()

  it('makes one api key, one invitation and one user, and gives the same answer again, the secret too', async () => {
    const email = `keyed-${key}@example.com`
    const acts: [string, object][] = [
      ['create-key', { scope: 'native', permissions: [] }],
      ['create-invitation', { email: `i-${email}`, role: 'member', workspaces: ['@guid'] }],
      ['create-user', { email, password: 'a sentence that nobody guesses', role: 'member', workspaces: [] }],
    ]
    for (const [operation, body] of acts) {
      const headers = { 'idempotency-key': `${key}-${operation}` }
      const first = await native(operation, { headers, body })
      expect(first.status, first.text).toBe(201)
      expect(await native(operation, { headers, body })).toMatchObject({
        status: 201,
        body: first.body as object,
      })
      const other = await native(operation, { headers, body: { ...body, permissions: ['*'], role: 'admin' } })
      expect(other.status).toBeGreaterThanOrEqual(400)
    }
    const stored = await rowsOf(
      database,
      'select sealed_answer is not null as sealed, answer from idempotency',
    )
    expect(stored).toContainEqual({ sealed: true, answer: '' })
  })
})
