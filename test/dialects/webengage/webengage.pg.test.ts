import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
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

interface Profile {
  id: number
  attributes: Record<string, unknown>
  identifiers: { kind: string; value: string; isPrimary: boolean }[]
  consents: { channel: string; state: string; source: string }[]
  lastActivityAt: string | null
}

interface Rejection {
  reason: string
  pointer: string
  item: string | null
  traceId: string
  profileId: number | null
  operation: string
}

const users = (list: unknown[]): Promise<Reply> =>
  harness.call('webengage', 'bulk-users', { body: { users: list } })

const events = (list: unknown[]): Promise<Reply> =>
  harness.call('webengage', 'bulk-events', { body: { events: list } })

async function profileOf(value: string, kind = 'userId'): Promise<Profile> {
  const reply = await harness.call('native', 'lookup-profile', { query: { kind, value } })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Profile
}

async function timelineOf(
  userId: string,
): Promise<{ name: string; properties: unknown; occurredAt: string }[]> {
  const { id } = await profileOf(userId)
  const reply = await harness.call('native', 'list-events', { params: { profileId: String(id) } })
  return (reply.body as { items: { name: string; properties: unknown; occurredAt: string }[] }).items
}

async function ledgerOf(item: string): Promise<Rejection[]> {
  const reply = await harness.call('native', 'list-rejections', { query: { limit: '500' } })
  return (reply.body as { items: Rejection[] }).items.filter((entry) => entry.item?.includes(`"${item}"`))
}

it('a user is one profile with its fields, attributes in their types, and consents', async () => {
  const attributes = { plan: 'gold', points: 120, tags: ['a'], vip: true, size: { n: 1 } }
  await users([
    { userId: 'e-1', firstName: 'Ana', email: 'Ana@Example.com', phone: '+353850123456', attributes },
  ])
  await users([{ userId: 'e-1', emailOptIn: false, whatsappOptIn: true, lastName: 'Silva', firstName: null }])
  const profile = await profileOf('e-1')
  expect(profile.attributes).toEqual({
    ...attributes,
    lastName: 'Silva',
    email: 'Ana@Example.com',
    phone: '+353850123456',
  })
  expect(profile.consents.map(({ channel, state }) => [channel, state]).sort()).toEqual([
    ['email', 'denied'],
    ['whatsapp', 'granted'],
  ])
  expect((await profileOf('ana@example.COM', 'email')).id).toBe(profile.id)
})

it('items of one call are applied in order, equal events are two events', async () => {
  await users([
    { userId: 'e-2', firstName: 'First' },
    { userId: 'e-2', firstName: 'Second' },
  ])
  const event = { userId: 'e-2', eventName: 'Added to Cart', eventTime: '2018-09-15T18:29:00-0800' }
  await events([event, event])
  expect((await profileOf('e-2')).attributes).toEqual({ firstName: 'Second' })
  expect(await timelineOf('e-2')).toHaveLength(2)
  expect((await profileOf('e-2')).lastActivityAt).toBe('2018-09-16T02:29:00.000Z')
})

it('an event of an unknown user makes its profile', async () => {
  await events([{ anonymousId: 'e-anon', eventName: 'Seen', eventData: { Price: 39.8 } }])
  const profile = await profileOf('e-anon', 'anonymousId')
  expect(profile.attributes).toEqual({})
})

it('one bad item refuses the whole call and nothing of it is stored', async () => {
  const reply = await users([{ userId: 'e-3' }, { firstName: 'Nobody' }])
  expect(reply.status).toBe(400)
  const lookup = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: 'e-3' } })
  expect(lookup.status).toBe(404)
  await expect
    .poll(async () => (await ledgerOf('e-3')).map(({ reason }) => reason))
    .toEqual(['request_refused'])
})

it('what is dropped behind a success is in the ledger with reason, pointer, item and trace', async () => {
  const attributes = { we_secret: 1, fine: 1, long: 'x'.repeat(1_001) }
  const reply = await users([{ userId: 'e-4', anonymousId: 'a-4', attributes }])
  expect(reply.status).toBe(201)
  const { id } = await profileOf('e-4')
  const entries = await ledgerOf('e-4')
  expect(entries.map(({ reason, pointer }) => `${reason} ${pointer}`).sort()).toEqual([
    'attribute_name_reserved /users/0/attributes/we_secret',
    'attribute_value_invalid /users/0/attributes/long',
    'identifier_ignored /users/0/anonymousId',
  ])
  for (const entry of entries) {
    expect(entry).toMatchObject({
      operation: 'bulk-users',
      profileId: id,
      traceId: reply.headers['x-request-id'],
    })
  }
})

it('a reserved event is ignored, makes no profile, and is in the ledger', async () => {
  expect((await events([{ userId: 'e-5', eventName: 'we_login' }])).status).toBe(201)
  const lookup = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: 'e-5' } })
  expect(lookup.status).toBe(404)
  expect((await ledgerOf('e-5')).map(({ reason }) => reason)).toEqual(['event_name_reserved'])
})

it("the first datapoint fixes an event attribute's type, per event name", async () => {
  await events([{ userId: 'e-6', eventName: 'Typed', eventData: { Price: 1 } }])
  await events([{ userId: 'e-6', eventName: 'Typed', eventData: { Price: 'cheap', Color: 'red' } }])
  await events([{ userId: 'e-6', eventName: 'Other', eventData: { Price: 'cheap' } }])
  const timeline = await timelineOf('e-6')
  expect(timeline.map(({ name, properties }) => [name, properties])).toEqual(
    expect.arrayContaining([
      ['Typed', { Price: 1 }],
      ['Typed', { Color: 'red' }],
      ['Other', { Price: 'cheap' }],
    ]),
  )
  expect((await ledgerOf('e-6')).map(({ reason }) => reason)).toEqual(['attribute_type_mismatch'])
})

it('the 26th attribute of one type of an event is dropped', async () => {
  const eventData = Object.fromEntries(Array.from({ length: 26 }, (_, number) => [`n${number}`, number]))
  await events([{ userId: 'e-7', eventName: 'Wide', eventData }])
  const [event] = await timelineOf('e-7')
  expect(Object.keys(event?.properties ?? {})).toHaveLength(25)
  expect((await ledgerOf('e-7')).map(({ reason }) => reason)).toEqual(['attribute_type_limit'])
})

it('two ids that a double cannot tell apart stay two people; a number without a double is kept as text', async () => {
  const rawBody =
    '{"users":[{"userId":"e-8","attributes":{"big":12345678901234567890,"small":1.5}},{"userId":"12345678901234567890"},{"userId":"12345678901234567891"}]}'
  expect((await harness.call('webengage', 'bulk-users', { rawBody })).status).toBe(201)
  expect((await profileOf('e-8')).attributes).toEqual({ big: '12345678901234567890', small: 1.5 })
  expect((await ledgerOf('e-8')).map(({ reason, pointer }) => `${reason} ${pointer}`)).toEqual([
    'number_as_text /users/0/attributes/big',
  ])
  const [left, right] = [await profileOf('12345678901234567890'), await profileOf('12345678901234567891')]
  expect(left.id).not.toBe(right.id)
})

it('two users who share an e-mail stay two people; an anonymous holder is adopted', async () => {
  await users([{ anonymousId: 'a-9', email: 'nine@example.com', attributes: { city9: 'Cork' } }])
  await users([{ userId: 'e-9', email: 'nine@example.com' }])
  await users([{ userId: 'e-10', email: 'nine@example.com' }])
  const [holder, other] = [await profileOf('e-9'), await profileOf('e-10')]
  expect((await profileOf('a-9', 'anonymousId')).id).toBe(holder.id)
  expect(holder.attributes).toEqual({ email: 'nine@example.com', city9: 'Cork' })
  expect(other.id).not.toBe(holder.id)
  expect(other.attributes).toEqual({ email: 'nine@example.com' })
  expect((await ledgerOf('e-10')).map(({ reason }) => reason)).toEqual(['contact_held'])
})

it('a junk id alone is missing; beside a good one it is noted', async () => {
  expect((await users([{ userId: 'null' }])).status).toBe(400)
  await users([{ userId: 'undefined', anonymousId: 'a-11' }])
  await profileOf('a-11', 'anonymousId')
  expect((await ledgerOf('a-11')).map(({ reason }) => reason)).toEqual(['identifier_junk'])
})

it('PUT updates and answers 200', async () => {
  const body = { userId: 'e-12', firstName: 'Put' }
  expect((await harness.call('webengage', 'update-user', { body })).status).toBe(200)
  expect((await profileOf('e-12')).attributes).toEqual({ firstName: 'Put' })
})
