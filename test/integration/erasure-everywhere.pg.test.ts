import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { outcomeContext, unseal } from '../../src/core/access/index.ts'
import { openHarness } from '../contract/harness.ts'
import type { Call, Harness, Reply } from '../contract/harness.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { eventually } from '../setup/eventually.ts'

/** The installation's key in tests. */
const SECRET_KEY = Buffer.alloc(32, 7)

/** Two people: whatever is written about one holds one of its marks. */
const ANN = { mark: 'zebrafish', phone: '+353850129999' }
const BOB = { mark: 'wolverine', phone: '+353850128888' }

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

test('nothing of an erased person is in any table, and another person stays whole', async () => {
  const annId = await writeEverywhere(ANN)
  const bobId = await writeEverywhere(BOB)
  await settled()
  const before = await tracesOf(ANN)
  for (const table of EVERYWHERE) expect(Object.keys(before), table).toContain(table)
  const bobBefore = await tracesOf(BOB)
  const erased = await native('delete-profile', {
    params: { profileId: String(annId) },
    query: { mode: 'erase', tombstone: 'true' },
    headers: { 'idempotency-key': 'zebrafish-erase' },
  })
  expect(erased.status, erased.text).toBe(202)
  const receipt = await doneReceipt(erased)
  expect(await tracesOf(ANN)).toEqual({})
  expect(await tracesOf(BOB)).toEqual(bobBefore)
  expect(await native('get-profile', { params: { profileId: String(bobId) } })).toMatchObject({ status: 200 })
  expect(receipt.counts).toMatchObject({
    profiles: 2,
    merges: 1,
    notes: 1,
    devices: 1,
    messages: 1,
    accounts: 1,
    transactions: 1,
    importRefusals: 1,
    importRows: 2,
  })
  for (const kind of ['identifiers', 'events', 'changes', 'consents', 'ledgerEntries', 'answers'])
    expect(receipt.counts[kind], kind).toBeGreaterThan(0)
  expect(JSON.stringify(receipt)).not.toContain(ANN.mark)
})

test('late retries in every dialect are accepted and bring nothing back', async () => {
  const before = await rowsOf(database, 'select count(*) from profile')
  await writeByDialects(ANN, { key: 'late' })
  await settled()
  // The rows of an import are kept for a week, whatever becomes of them.
  expect(await tracesOf(ANN)).toEqual({ import_chunk: 1 })
  const customer = { customer: { external_id: `${ANN.mark}-user`, first_name: ANN.mark } }
  expect(await harness.call('yotpo', 'write-customer', { body: customer })).toMatchObject({ status: 404 })
  expect(await rowsOf(database, 'select count(*) from profile')).toEqual(before)
  const entries = await rowsOf<{ dialect: string; item: unknown }>(
    database,
    `select distinct dialect, item, profile_id, identifier_hashes = '{}' as bare from rejection where reason = 'erased'`,
  )
  expect(entries).toEqual(
    ['import', 'native', 'pyze', 'synerise', 'webengage', 'xtremepush', 'yotpo'].map((dialect) => ({
      dialect,
      item: null,
      profile_id: null,
      bare: true,
    })),
  )
})

/** Tables that hold texts about a person once it was written everywhere. */
const EVERYWHERE = [
  'profile',
  'profile_search',
  'profile_change',
  'profile_merge',
  'identifier',
  'event',
  'transaction',
  'device',
  'note',
  'account',
  'message',
  'rejection',
  'idempotency',
  'import_chunk',
  'import_refusal',
]

type Somebody = typeof ANN

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

async function ok(dialect: string, operation: string, call: Call): Promise<Reply> {
  const reply = await harness.call(dialect, operation, call)
  expect(reply.status, `${dialect} ${operation} ${reply.text}`).toBeLessThan(300)
  return reply
}

/** @returns the id of the profile */
async function writeEverywhere(who: Somebody): Promise<number> {
  const { mark } = who
  await writeByDialects(who, { key: 'first' })
  const found = await native('lookup-profile', { query: { kind: 'userId', value: `${mark}-user` } })
  const { id } = found.body as { id: number }
  await writeRefused(who)
  await native('create-note', {
    params: { profileId: String(id) },
    body: { subject: `About ${mark}`, body: `${mark} called` },
    headers: { 'idempotency-key': `note-${mark}` },
  })
  await ok('synerise', 'link-device', {
    params: { clientId: String(id) },
    body: { deviceId: `${mark}-device`, registrationId: `${mark}-token`, type: 'android', model: mark },
  })
  await ok('synerise', 'register-profile', {
    body: {
      email: `${mark}.account@example.com`,
      password: 'Secret1!',
      uuid: `${mark}-uuid`,
      customId: `${mark}-x`,
    },
  })
  const other = await native('lookup-profile', {
    query: { kind: 'email', value: `${mark}.account@example.com` },
  })
  await ok('native', 'send-test-message', {
    body: { channel: 'mail', recipient: `${mark}.account@example.com` },
  })
  await ok('native', 'merge-profiles', {
    body: { from: (other.body as { id: number }).id, into: id },
    headers: { 'idempotency-key': `merge-${mark}` },
  })
  return id
}

/** The same person in every dialect, with an Idempotency-Key each; `key` tells a retry from the first try. */
async function writeByDialects({ mark, phone }: Somebody, { key }: { key: string }): Promise<void> {
  const userId = `${mark}-user`
  const email = `${mark}@example.com`
  const headers = (name: string): Record<string, string> => ({ 'idempotency-key': `${key}-${name}-${mark}` })
  await ok('native', 'write-profiles', {
    headers: headers('native'),
    body: {
      items: [
        {
          identifiers: [
            { kind: 'userId', value: userId },
            { kind: 'email', value: email },
          ],
          attributes: { firstName: mark, email, motto: `I am ${mark}` },
          consents: [{ channel: 'email', state: 'granted' }],
          tags: ['vip'],
        },
      ],
    },
  })
  await ok('native', 'create-events', {
    headers: headers('native-event'),
    body: {
      items: [
        {
          identifiers: [{ kind: 'userId', value: userId }],
          name: 'Said',
          properties: { text: `${mark} said` },
        },
      ],
    },
  })
  await ok('webengage', 'bulk-users', {
    headers: headers('webengage'),
    body: { users: [{ userId, lastName: `${mark} Silva`, phone, attributes: { plan: mark } }] },
  })
  await ok('webengage', 'bulk-events', {
    headers: headers('webengage-event'),
    body: { events: [{ userId, eventName: 'Bought', eventData: { what: mark } }] },
  })
  await ok('synerise', 'create-client', {
    headers: headers('synerise'),
    body: { customId: userId, city: `${mark} City` },
  })
  await ok('synerise', 'create-transaction', {
    headers: headers('synerise-transaction'),
    body: { ...PURCHASE, client: { customId: userId }, orderId: `${mark}-${key}` },
  })
  await ok('xtremepush', 'import-profile', {
    headers: headers('xtremepush'),
    body: { apptoken: '@apptoken', columns: ['user_id', 'first_name'], rows: [[userId, `${mark} Sam`]] },
  })
  await ok('xtremepush', 'hit-event', {
    body: { apptoken: '@apptoken', user_id: userId, event: 'login', value: `${mark} web` },
  })
  await ok('pyze', 'update-profiles', {
    headers: headers('pyze'),
    body: { user_profiles: [{ userId, nick: mark }] },
  })
  await ok('yotpo', 'write-event', {
    body: {
      source: 'shop',
      type: 'rated',
      occurred_at: '2024-03-01T10:15:30Z',
      external_id: `${mark}-${key}`,
      customer: { external_id: userId, custom_properties: { level: mark } },
    },
  })
  await ok('native', 'create-import', {
    headers: { 'content-type': 'text/csv', ...headers('import') },
    query: { type: 'profiles' },
    rawBody: `userId,attributes.age:number,attributes.line\n${userId},30,${mark} in a row\n`,
  })
}

const PURCHASE = {
  source: 'MOBILE',
  paymentInfo: { method: 'CASH' },
  products: [{ sku: 'p-1', name: 'Coffee', quantity: 2, finalUnitPrice: { amount: 19.99, currency: 'PLN' } }],
  recordedAt: '2019-02-07T09:53:56.999+00:00',
  revenue: { amount: 39.98, currency: 'PLN' },
  value: { amount: 39.98, currency: 'PLN' },
}

/** What the ledger keeps copies of: an item of a batch, a whole body, and one that only a text in it ties to the person. */
async function writeRefused({ mark }: Somebody): Promise<void> {
  const userId = `${mark}-user`
  await ok('native', 'create-import', {
    headers: { 'content-type': 'text/csv' },
    query: { type: 'profiles' },
    rawBody: `userId,attributes.age:number\n${userId},${mark} is no number\n`,
  })
  await ok('webengage', 'bulk-events', {
    body: { events: [{ userId, eventName: 'we_reserved', eventData: { what: mark } }] },
  })
  const refused = await harness.call('pyze', 'update-profiles', {
    body: { user_profiles: [{ userId, nick: mark }, { nick: `nobody but ${mark}` }, 5] },
  })
  expect(refused.status).toBeGreaterThanOrEqual(400)
  await ok('native', 'write-profiles', {
    headers: { 'idempotency-key': `refused-${mark}` },
    body: {
      items: [
        { identifiers: [{ kind: 'userId', value: userId }], operators: { motto: { increment: 1 } } },
        { identifiers: [{ kind: 'userId', value: `neighbour-${mark.length}` }], attributes: { a: 1 } },
      ],
    },
  })
}

/** Imports are at their end, and what was noted is written. */
async function settled(): Promise<void> {
  await eventually(async () => {
    const open = await rowsOf(database, `select 1 from import where state in ('queued', 'running')`)
    expect(open).toEqual([])
    const noted = await rowsOf(
      database,
      `select 1 from rejection where dialect = 'pyze' and reason = 'request_refused'`,
    )
    expect(noted.length).toBeGreaterThan(0)
  })
}

async function doneReceipt(erased: Reply): Promise<{ counts: Record<string, number> }> {
  const { id: erasureId } = erased.body as { id: string }
  return vi.waitFor(
    async () => {
      const { body } = await native('get-erasure', { params: { erasureId } })
      expect(body).toMatchObject({ state: 'done', error: null })
      return body as { counts: Record<string, number> }
    },
    { timeout: 25_000, interval: 100 },
  )
}

/** How many rows of each table hold a mark of a person, looking into what is sealed too. */
async function tracesOf({ mark, phone }: Somebody): Promise<Record<string, number>> {
  const tables = await rowsOf<{ name: string }>(
    database,
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  )
  const found: Record<string, number> = {}
  for (const { name } of tables) {
    const texts = await rowsOf<{ text: string }>(database, `select t::text as text from ${name} t`)
    const opened = name === 'idempotency' ? await sealedAnswers() : []
    const all = [...texts.map(({ text }) => text), ...opened]
    const count = all.filter((text) => text.includes(mark) || text.includes(phone.slice(1))).length
    if (count > 0) found[name] = count
  }
  return found
}

async function sealedAnswers(): Promise<string[]> {
  const rows = await rowsOf<{ workspace_id: number; key: string; sealed_answer: Buffer }>(
    database,
    `select workspace_id, encode(key_hash, 'hex') as key, sealed_answer from idempotency where sealed_answer is not null`,
  )
  return rows.map((row) =>
    unseal(row.sealed_answer, outcomeContext(row.workspace_id, row.key), SECRET_KEY).toString(),
  )
}
