import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../contract/harness.ts'
import type { Harness } from '../contract/harness.ts'
import { countOf, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'

/** Names that every object of JavaScript has: none of them means anything in a vendor's word list. */
const NAMES = ['constructor', 'toString', 'valueOf', 'hasOwnProperty']

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

// It was an internal error, and the register of a person with it.
it('synerise: an agreement of such a name is none', async () => {
  const agreements = Object.fromEntries(NAMES.map((name) => [name, false]))
  const body = { customId: 'language-1', agreements: { ...agreements, email: true } }
  expect((await harness.call('synerise', 'create-client', { body })).status).toBeLessThan(300)
  expect(await countOf(database, `select count(*) from consent where state = 'granted'`)).toBe(1)
  expect(await countOf(database, `select count(*) from consent where state = 'denied'`)).toBe(0)
})

it('xtremepush: an attribute of such a name can be asked for', async () => {
  const { apptoken = '' } = harness.credentialOf('xtremepush').params
  const imported = {
    apptoken,
    columns: ['user_id', ...NAMES],
    rows: [['language-2', ...NAMES.map(() => 'v')]],
  }
  expect((await harness.call('xtremepush', 'import-profile', { body: imported })).status).toBe(200)
  for (const name of NAMES) {
    const body = { apptoken, condition: [[name, '=', 'v']], select: ['user_id'] }
    const reply = await harness.call('xtremepush', 'list-profile', { body })
    expect([reply.status, reply.text]).toEqual([200, expect.stringContaining('language-2')])
  }
})

it('yotpo: a gender of such a name, stored by another API, is none', async () => {
  for (const gender of NAMES) {
    const identifiers = [{ kind: 'userId', value: `language-${gender}` }]
    await harness.call('native', 'write-profiles', {
      body: { items: [{ identifiers, attributes: { gender } }] },
    })
  }
  const { body } = await harness.call('yotpo', 'list-customers', { query: { limit: '100' } })
  const { customers } = body as { customers: { external_id: string; gender: unknown }[] }
  const ours = customers.filter((customer) => NAMES.includes(customer.external_id.replace('language-', '')))
  expect(ours.map(({ gender }) => gender)).toEqual(NAMES.map(() => null))
})
