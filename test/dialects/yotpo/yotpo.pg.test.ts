import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { now, toRfc3339, useClock } from '../../../src/lib/time.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let people = 0
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterEach(() => restoreClock())

afterAll(async () => {
  await harness.close()
  await database.close()
})

const someone = (): string => `customer-${++people}`

const somePhone = (): string => `+353850${String(100_000 + ++people)}`

const track = (event: object, call: Call = {}): Promise<Reply> =>
  harness.call('yotpo', 'write-event', {
    body: { type: 'order_shipped', external_id: `event-${++people}`, ...event },
    ...call,
  })

const save = (customer: object): Promise<Reply> =>
  harness.call('yotpo', 'write-customer', { body: { customer } })

interface Shown {
  id: number
  attributes: Record<string, unknown>
  consents: { channel: string; state: string }[]
  tags: string[]
}

const lookup = (kind: string, value: string): Promise<Reply> =>
  harness.call('native', 'lookup-profile', { query: { kind, value } })

const find = async (kind: string, value: string): Promise<Shown> => {
  const reply = await lookup(kind, value)
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Shown
}

const eventsOf = async (userId: string): Promise<Record<string, unknown>[]> => {
  const { id } = await find('userId', userId)
  const reply = await harness.call('native', 'list-events', { params: { profileId: String(id) } })
  return (reply.body as { items: Record<string, unknown>[] }).items
}

describe('an event', () => {
  it('is stored with the time that it names, and its customer is written', async () => {
    const external_id = someone()
    const customer = { external_id, custom_properties: { vip_level: 'gold', orders_count: 7 } }
    const event = { source: 'parcel_tracker', occurred_at: '2024-03-01T10:15:30+01:00', customer }
    expect((await track({ ...event, custom_properties: { carrier: 'dpd' } })).status).toBe(200)
    expect((await find('userId', external_id)).attributes).toEqual({ vip_level: 'gold', orders_count: 7 })
    expect(await eventsOf(external_id)).toMatchObject([
      {
        name: 'order_shipped',
        occurredAt: '2024-03-01T09:15:30.000Z',
        originalTime: '2024-03-01T10:15:30+01:00',
        properties: { carrier: 'dpd', source: 'parcel_tracker' },
        source: 'yotpo',
      },
    ])
  })

  it('overrides the one with its id, whatever its customer, type and time were', async () => {
    const [first, second] = [someone(), someone()]
    const external_id = `order-${first}`
    const customer = { external_id: first, custom_properties: { points: 1 } }
    await track({ external_id, customer, occurred_at: '2024-03-01T00:00:00Z', custom_properties: { a: 1 } })
    const again = { external_id, type: 'order_lost', occurred_at: '2025-04-02T00:00:00Z' }
    const reply = await track({ ...again, customer: { ...customer, custom_properties: { points: 2 } } })
    expect([reply.status, reply.body]).toEqual([200, { customer_event: { external_id, status: 'accepted' } }])
    expect(await eventsOf(first)).toMatchObject([
      { name: 'order_lost', occurredAt: '2025-04-02T00:00:00.000Z', properties: {} },
    ])
    expect((await find('userId', first)).attributes).toEqual({ points: 2 })
    expect((await track({ ...again, customer: { external_id: second } })).status).toBe(200)
    expect([await eventsOf(first), (await eventsOf(second)).length]).toEqual([[], 1])
  })

  it('is one however often it comes at once, and its id is its own workspace’s', async () => {
    const person = someone()
    const external_id = `together-${person}`
    const send = (step: number, workspace: 'First' | 'Second'): Promise<Reply> =>
      track({ external_id, customer: { external_id: person }, custom_properties: { step } }, { workspace })
    const sent = [...[1, 2, 3].map((step) => send(step, 'First')), send(4, 'Second')]
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const steps = (await eventsOf(person)).map(({ properties }) => (properties as { step: number }).step)
    expect([[1], [2], [3]]).toContainEqual(steps)
  })

  it('a number that no double holds is written as it came and noted', async () => {
    const person = someone()
    const rawBody = `{"type":"t","external_id":"n-${person}","customer":{"external_id":"${person}"},"properties":{"n":12345678901234567890}}`
    const reply = await harness.call('yotpo', 'write-event', { rawBody })
    expect(reply.status).toBe(200)
    const ledger = await harness.call('native', 'list-rejections', { query: { limit: '500' } })
    const { items } = ledger.body as { items: { traceId: string; pointer: string }[] }
    const noted = items.filter(({ traceId }) => traceId === reply.headers['x-request-id'])
    expect(noted.map(({ pointer }) => pointer)).toEqual(['/properties/n'])
  })
})

describe('customers', () => {
  it('a profile known by a phone number or an e-mail only joins the one with the id', async () => {
    const [phone_number, email, external_id] = [somePhone(), `${someone()}@example.com`, someone()]
    await track({ customer: { phone_number, custom_properties: { by: 'phone' } } })
    await track({ customer: { email, custom_properties: { plan: 'gold' } } })
    expect((await find('phone', phone_number)).id).not.toBe((await find('email', email)).id)
    expect((await track({ customer: { external_id, phone_number, email } })).status).toBe(200)
    const joined = await find('userId', external_id)
    expect(joined.attributes).toEqual({ by: 'phone', plan: 'gold', email, phone: phone_number })
    expect([(await find('phone', phone_number)).id, (await find('email', email)).id]).toEqual([
      joined.id,
      joined.id,
    ])
    expect(await eventsOf(external_id)).toHaveLength(3)
  })

  it('two ids never become one by a contact; the contact stays where it was, and that is noted', async () => {
    const [first, second, phone_number] = [someone(), someone(), somePhone()]
    await track({ customer: { external_id: first, phone_number } })
    const reply = await track({ customer: { external_id: second, phone_number } })
    expect(reply.status).toBe(200)
    expect((await find('phone', phone_number)).id).toBe((await find('userId', first)).id)
    const ledger = await harness.call('native', 'list-rejections', { query: { reason: 'contact_held' } })
    const { items } = ledger.body as { items: { traceId: string; pointer: string }[] }
    expect(items.map(({ traceId, pointer }) => [traceId, pointer])).toContainEqual([
      reply.headers['x-request-id'],
      '/customer/phone_number',
    ])
  })

  it('a consent changes when it is said, and null changes nothing', async () => {
    const external_id = someone()
    await save({ external_id, first_name: 'Ana', accepts_sms_marketing: true })
    const reply = await save({ external_id, first_name: null, accepts_email_marketing: false })
    const { customer } = reply.body as { customer: Record<string, unknown> }
    expect(customer).toMatchObject({
      external_id,
      first_name: 'Ana',
      accepts_sms_marketing: true,
      accepts_email_marketing: false,
    })
    const { consents } = await find('userId', external_id)
    expect(consents.map(({ channel, state }) => `${channel} ${state}`).toSorted()).toEqual([
      'email denied',
      'sms granted',
    ])
  })

  it('are listed page by page, each once, the newest first', async () => {
    const written = [someone(), someone(), someone()]
    for (const external_id of written) await save({ external_id })
    const seen: string[] = []
    let page: string | null | undefined
    do {
      const query = { limit: '2', ...(page && { page_info: page }) }
      const { body } = await harness.call('yotpo', 'list-customers', { query })
      const { customers, pagination } = body as {
        customers: { external_id: string }[]
        pagination: { next_page_info: string | null }
      }
      seen.push(...customers.map(({ external_id }) => external_id))
      page = pagination.next_page_info
    } while (page)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => written.includes(id))).toEqual(written.toReversed())
  })

  it.each([{ limit: '0' }, { limit: '101' }, { limit: 'x' }, { page_info: 'nonsense' }])(
    'a page of %o is refused',
    async (query) => {
      expectVendorError('yotpo', await harness.call('yotpo', 'list-customers', { query }), 'invalid')
    },
  )
})

describe('times', () => {
  it('an event without one happens now', async () => {
    const person = someone()
    const at = now()
    restoreClock = useClock(() => at)
    await track({ customer: { external_id: person } })
    expect(await eventsOf(person)).toMatchObject([{ occurredAt: toRfc3339(at) }])
  })
})
