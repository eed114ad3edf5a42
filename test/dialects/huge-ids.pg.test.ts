import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../contract/harness.ts'
import type { Harness } from '../contract/harness.ts'
import { countOf, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

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

/** Whole numbers for JSON Schema that no column of ids holds. */
const HUGE = [2 ** 63, 4.735923049473787e135]

const BODIES: readonly [dialect: string, operation: string, body: (id: number) => object][] = [
  ['native', 'merge-profiles', (id) => ({ from: 1, into: id })],
  ['native', 'merge-profiles', (id) => ({ from: id, into: 1 })],
  ['synerise', 'custom-event', (id) => ({ action: 'a.b', label: 'l', client: { id }, params: {} })],
  ['synerise', 'create-client', (id) => ({ clientId: id, firstName: 'A' })],
]

it.each(BODIES)('a number too large for an id is refused by %s %s', async (dialect, operation, body) => {
  for (const id of HUGE) {
    const reply = await harness.call(dialect, operation, { body: body(id) })
    expect(reply.status, reply.text).toBeGreaterThanOrEqual(400)
    expect(reply.status, reply.text).toBeLessThan(500)
  }
  expect(await countOf(database, 'select count(*) from profile')).toBe(0)
})
