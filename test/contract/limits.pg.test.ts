import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { goodFixture } from './fixtures.ts'
import { openHarness } from './harness.ts'
import type { Harness } from './harness.ts'
import { expectVendorError } from './vendor-errors.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db, {
    webengage: { requestsPerMinute: 3, singleRequestsPerMinute: 2 },
  })
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

it('webengage: a call over the limit is refused with the seconds to wait, per workspace and kind of call', async () => {
  const bulk = { body: goodFixture('webengage', 'bulk-users')?.request.body }
  for (const remaining of [2, 1, 0]) {
    const reply = await harness.call('webengage', 'bulk-users', bulk)
    expect(reply.status).toBe(201)
    expect(reply.headers['ratelimit']).toMatch(new RegExp(`;r=${remaining};t=\\d+$`))
  }
  expectVendorError('webengage', await harness.call('webengage', 'bulk-events', bulk), 'rate_limited')
  const single = { body: goodFixture('webengage', 'create-user')?.request.body }
  expect((await harness.call('webengage', 'create-user', single)).status).toBe(201)
  expect((await harness.call('webengage', 'bulk-users', { ...bulk, workspace: 'Second' })).status).toBe(201)
})

it('webengage: a wrong key is not counted, and learns nothing about license codes', async () => {
  for (let tries = 0; tries < 5; tries++) {
    const reply = await harness.call('webengage', 'update-user', { body: {}, credential: 'wrong' })
    expectVendorError('webengage', reply, 'unauthenticated')
  }
  const known = await harness.call('webengage', 'update-user', { body: {}, credential: 'wrong' })
  const params = { licenseCode: 'no-such-code' }
  const unknown = await harness.call('webengage', 'update-user', { body: {}, credential: 'wrong', params })
  expect([unknown.status, unknown.text]).toEqual([known.status, known.text])
})

it('webengage: a right key with another license code is not found', async () => {
  const params = { licenseCode: 'no-such-code' }
  expectVendorError('webengage', await harness.call('webengage', 'bulk-users', { params }), 'not_found')
})
