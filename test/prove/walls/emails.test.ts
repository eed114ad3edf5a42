import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { note } from '../figures.ts'

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

const LENGTH = 100_000

/** What makes the usual patterns of e-mail addresses, the vendors' among them, try every way to cut a text. */
const HARD: readonly string[] = [
  'a'.repeat(LENGTH),
  `${'a'.repeat(LENGTH)}@`,
  `${'a.'.repeat(LENGTH / 2)}@`,
  `a@${'a'.repeat(LENGTH)}`,
  `a@${'a.'.repeat(LENGTH / 2)}!`,
  `a@${'a-'.repeat(LENGTH / 2)}!`,
  '@'.repeat(LENGTH),
  'a@'.repeat(LENGTH / 2),
  `"${'\\"'.repeat(LENGTH / 2)}@a.b`,
  `${' '.repeat(LENGTH)}a@b.c`,
  `${'+1'.repeat(LENGTH / 2)}@x`,
  `${'a+'.repeat(60)}${'a.'.repeat(60)}!@a`,
]

/** A write with an e-mail in each place where one is read. */
const writesOf = (email: string): [string, string, Call][] => [
  ['synerise', 'create-client', { body: { email, customId: 'e-1', phone: email } }],
  ['synerise', 'batch-clients', { body: [{ email }, { email, customId: 'e-1' }] }],
  ['synerise', 'register-profile', { body: { email, password: 'Secret1!', uuid: 'u' } }],
  ['synerise', 'update-client-by-email', { params: { clientEmail: email.slice(0, 200) }, body: {} }],
  ['webengage', 'create-user', { body: { userId: 'e-1', email, phone: email } }],
  ['native', 'write-profiles', { body: { items: [{ identifiers: [{ kind: 'email', value: email }] }] } }],
  ['native', 'log-in', { body: { email: email.slice(0, 320), password: 'x' } }],
  ['native', 'list-profiles', { query: { search: email.slice(0, 250) } }],
  ['yotpo', 'write-customer', { body: { customer: { external_id: 'e-1', email, phone_number: email } } }],
]

/** The test as a whole ends in time, or one of the patterns does not. */
it('no text in the place of an e-mail holds an answer up', { timeout: 60_000 }, async () => {
  let calls = 0
  for (const email of HARD)
    for (const [dialect, operation, call] of writesOf(email)) {
      const reply = await harness.call(dialect, operation, call)
      expect(reply.status, `${operation}: ${reply.text.slice(0, 200)}`).toBeLessThan(500)
      calls++
    }
  note({
    proof: 'walls',
    what: 'texts of 100,000 characters in the place of an e-mail',
    value: calls,
    bound: 'answered',
  })
})
