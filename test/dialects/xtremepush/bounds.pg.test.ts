import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db, {}, { bodyBytesMax: 1_000 })
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

test('a body is 413 above the bound of imports, which is another one than that of other calls', async () => {
  const rows = Array.from({ length: 50 }, () => ['u', 'x'.repeat(90)])
  const body = { apptoken: '@apptoken', columns: ['user_id', 'plan'], rows }
  const reply = await harness.call('xtremepush', 'import-profile', { body })
  expect(reply.status, reply.text).toBe(200)
  const rawBody = JSON.stringify({ ...body, rows: [['u', 'x'.repeat(300_000)]] })
  const long = await harness.call('xtremepush', 'import-profile', { rawBody })
  expectVendorError('xtremepush', long, 'too_large')
  const event = { apptoken: '@apptoken', user_id: 'u', event: 'e', value: 'x'.repeat(1_000) }
  const other = await harness.call('xtremepush', 'hit-event', { body: event })
  expectVendorError('xtremepush', other, 'too_large')
})
