import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../../src/dialects/index.ts'
import { OPERATIONS, operation } from '../../../src/dialects/synerise/operations.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { newPerson, openPeople, tokenFrom } from '../../setup/accounts.ts'
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

/** What the reference calls deprecated, and where it says to go. */
const SUCCESSORS: Readonly<Record<string, string | undefined>> = {
  'delete-account-oauth': '/sauth/v2/my-account/delete',
  'delete-account-apple': '/sauth/v2/my-account/delete',
  'delete-account-facebook': '/sauth/v2/my-account/delete',
  'delete-account-v1': '/sauth/v2/my-account/delete',
  'request-email-change-v1': '/sauth/v2/my-account/email-change/request',
  'recommendation-seen-event': '/v4/events/recommendation-view',
  'recommendation-click-event': undefined,
  'create-materialization': undefined,
  'list-materialization': undefined,
}

/** 18 April 2024, as RFC 9745 writes a date. */
const SINCE = '@1713398400'

it('the nine operations that the reference calls deprecated are', () => {
  const ids = OPERATIONS.filter(({ deprecated }) => deprecated).map(({ id }) => id)
  expect(ids.sort()).toEqual(Object.keys(SUCCESSORS).sort())
})

it('a successor is an operation of the same dialect, not deprecated itself, at a path without parameters', () => {
  for (const { operations } of dialects)
    for (const { deprecated } of operations) {
      if (deprecated?.successor === undefined) continue
      const successor = operations.find(({ id }) => id === deprecated.successor)
      expect([successor?.deprecated, successor?.path.includes(':')]).toEqual([undefined, false])
    }
})

describe.each(Object.entries(SUCCESSORS))('%s', (id, successor) => {
  it('says since when and what takes its place, whatever it answers', async () => {
    const { params } = harness.credentialOf('synerise')
    for (const call of [{ body: {} }, { rawBody: '{' }, { credential: 'none' as const, params }]) {
      const { headers, status } = await harness.call('synerise', id, call)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(headers['deprecation']).toBe(SINCE)
      expect(headers['link']).toBe(successor && `<${successor}>; rel="successor-version"`)
    }
  })
})

it('a success says it too, and an operation that is not deprecated says nothing', async () => {
  const people = openPeople(harness)
  const person = newPerson()
  await people.register(person)
  const token = tokenFrom(await people.logIn(person))
  const seen = { label: 'Seen', client: { email: person.email }, params: {} }
  const old = await people.call('recommendation-seen-event', seen, token)
  expect([old.status, old.headers['deprecation']]).toEqual([202, SINCE])
  const present = await people.call('searched-event', seen, token)
  expect([present.status, present.headers['deprecation'], present.headers['link']]).toEqual([
    202,
    undefined,
    undefined,
  ])
  const unrouted = await harness.raw('PUT', operation('delete-account-v1').path)
  expect([unrouted.status, unrouted.headers['deprecation']]).toEqual([405, undefined])
})
