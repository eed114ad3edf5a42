import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
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

const user = (body: unknown): Promise<Reply> => harness.call('webengage', 'create-user', { body })

async function attributesOf(userId: string): Promise<Record<string, unknown>> {
  const reply = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: userId } })
  return (reply.body as { attributes: Record<string, unknown> }).attributes
}

async function ledgerOf(userId: string): Promise<string[]> {
  const reply = await harness.call('native', 'list-rejections', { query: { limit: '500' } })
  const { items } = reply.body as { items: { reason: string; pointer: string; item: string | null }[] }
  return items
    .filter(({ item }) => item?.includes(`"${userId}"`))
    .map(({ reason, pointer }) => `${reason} ${pointer}`)
}

it('a standard field wins over a custom attribute of its name, and the loser is in the ledger', async () => {
  await user({ userId: 'b-1', firstName: 'Ana', attributes: { firstName: 'Bob' } })
  expect(await attributesOf('b-1')).toEqual({ firstName: 'Ana' })
  expect(await ledgerOf('b-1')).toEqual(['attribute_name_reserved /attributes/firstName'])
})

it('a custom attribute named like a standard field that is not sent is that field, when it is a text', async () => {
  await user({ userId: 'b-2', attributes: { city: 'Cork', country: 5 } })
  expect(await attributesOf('b-2')).toEqual({ city: 'Cork' })
  expect(await ledgerOf('b-2')).toEqual(['attribute_value_invalid /attributes/country'])
})

it('an attribute that cannot be stored is dropped, and the rest of the call is stored', async () => {
  const deep = JSON.parse(`${'['.repeat(25)}1${']'.repeat(25)}`) as unknown
  const attributes = { 'nul\u0000name': 1, nested: { 'a\u0000b': 1 }, deep, fine: true }
  expect((await user({ userId: 'b-3', attributes })).status).toBe(201)
  expect(await attributesOf('b-3')).toEqual({ fine: true })
  expect(await ledgerOf('b-3')).toHaveLength(3)
})

it('a value beyond 64 KiB is dropped, and a profile does not grow beyond 1 MiB', async () => {
  await user({ userId: 'b-4', firstName: 'x'.repeat(70_000), lastName: 'Kept' })
  expect(await attributesOf('b-4')).toEqual({ lastName: 'Kept' })
  for (let part = 0; part < 20; part++) {
    const type = part % 2 ? ['x'.repeat(60_000)] : { x: 'x'.repeat(60_000) }
    expect((await user({ userId: 'b-4', attributes: { [`part${part}`]: type } })).status).toBe(201)
  }
  expect(JSON.stringify(await attributesOf('b-4')).length).toBeLessThan(1024 ** 2 + 64 * 1024)
  const reasons = (await ledgerOf('b-4')).map((entry) => entry.split(' ')[0])
  expect(new Set(reasons)).toEqual(new Set(['attribute_value_too_large', 'profile_too_large']))
  expect((await user({ userId: 'b-4', attributes: { part0: null }, firstName: 'Ana' })).status).toBe(201)
  expect(await attributesOf('b-4')).toMatchObject({ firstName: 'Ana' })
})

it('an item of more than a thousand attributes or unknown members is refused', async () => {
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, number) => [`n${number}`, 1]))
  expectVendorError('webengage', await user({ userId: 'b-5', attributes: many }), 'invalid')
  expectVendorError('webengage', await user({ userId: 'b-5', ...many }), 'invalid')
})

it('a number is no id, however many digits it has; an ignored anonymousId may have any length', async () => {
  for (const id of ['123', '12345678901234567890']) {
    const reply = await harness.call('webengage', 'create-user', { rawBody: `{"userId":${id}}` })
    expectVendorError('webengage', reply, 'invalid')
    expect(reply.body).toEqual({ response: { status: 'error', message: 'userId: must be string' } })
  }
  expect((await user({ userId: 'b-6', anonymousId: 'x'.repeat(101) })).status).toBe(201)
  expectVendorError('webengage', await user({ anonymousId: 'x'.repeat(101) }), 'invalid')
})

it('a reserved event without id or with a bad time is refused like any other', async () => {
  const event = (body: unknown): Promise<Reply> => harness.call('webengage', 'create-event', { body })
  expectVendorError('webengage', await event({ eventName: 'we_x' }), 'invalid')
  expectVendorError(
    'webengage',
    await event({ eventName: 'we_x', userId: 'b-7', eventTime: 'bad' }),
    'invalid',
  )
})

it('the ledger points at the attribute, not at a field of the same name', async () => {
  await user({ userId: 'b-8', attributes: { size: 1 } })
  await user({ userId: 'b-8', attributes: { size: 'large', plan: 'a\u0000b' }, 'a/b~c': 1 })
  expect((await ledgerOf('b-8')).toSorted()).toEqual([
    'attribute_type_mismatch /attributes/size',
    'field_unknown /a~1b~0c',
    'text_replaced /attributes/plan',
  ])
})

it('OPTIONS that is no preflight, and times beyond four digits of a year, are answered in shape', async () => {
  const options = await harness.raw('OPTIONS', '/v1/accounts/x/users')
  expectVendorError('webengage', options, 'method_not_allowed')
  const query = { name: 'x', fn: 'count', to: '9999-12-31T23:59:59-18:00' }
  expectVendorError('native', await harness.call('native', 'aggregate-events', { query }), 'invalid')
})
