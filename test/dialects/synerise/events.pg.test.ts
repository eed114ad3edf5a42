import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { DAY_MS, toRfc3339, useClock } from '../../../src/lib/time.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openEvents } from '../../setup/synerise-events.ts'
import type { ShownEvent } from '../../setup/synerise-events.ts'

let database: TestDatabase
let harness: Harness
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

const { someone, send, clientIdOf, eventsOf } = openEvents(() => harness)

const nativeEventsOf = async (customId: string): Promise<Record<string, unknown>[]> => {
  const params = { profileId: await clientIdOf(customId) }
  const reply = await harness.call('native', 'list-events', { params })
  return (reply.body as { items: Record<string, unknown>[] }).items
}

const custom = (customId: string, event: object = {}): Promise<Reply> =>
  send('custom-event', { label: 'x', action: 'test.done', client: { customId }, ...event })

describe('an event', () => {
  it('is shown with its profile and without its label', async () => {
    const customId = someone()
    const time = '2024-02-07T10:53:56.999+01:00'
    expect((await custom(customId, { time, params: { a: 1, ip: '1.2.3.4' } })).text).toBe('')
    expect(await eventsOf(customId)).toEqual([
      {
        uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        time: '2024-02-07T09:53:56.999Z',
        action: 'test.done',
        label: null,
        client: { id: Number(await clientIdOf(customId)), customId, uuid: null, email: null },
        params: {
          a: 1,
          eventUUID: expect.any(String),
          businessProfileId: expect.any(Number),
          clientId: Number(await clientIdOf(customId)),
          uuid: null,
          ip: null,
          'snr-original-time': time,
        },
      },
    ])
  })

  test.each([
    ['2024-02-07T15:00:000+01:00', '2024-02-07T14:00:00.000Z'],
    ['2024-02-07T15:00:00Z', '2024-02-07T15:00:00.000Z'],
    ['2024-02-07T15:00:00', '2024-02-07T15:00:00.000Z'],
  ])('the time %s is %s, and the text is kept as it was sent', async (time, shown) => {
    const customId = someone()
    await custom(customId, { time })
    expect(await nativeEventsOf(customId)).toEqual([
      expect.objectContaining({ occurredAt: shown, originalTime: time }),
    ])
  })

  it('of the future happened when it was received, and its text is kept', async () => {
    const customId = someone()
    const receivedAt = Date.UTC(2026, 5, 1, 12)
    restoreClock = useClock(() => receivedAt)
    const time = toRfc3339(receivedAt + 400 * DAY_MS)
    expect((await custom(customId, { time })).status).toBe(202)
    expect(await nativeEventsOf(customId)).toEqual([
      expect.objectContaining({ occurredAt: toRfc3339(receivedAt), originalTime: time }),
    ])
  })

  it('of a profile that is named by an unknown id alone is accepted and ignored', async () => {
    const before = await harness.call('native', 'list-rejections', { query: { reason: 'profile_unknown' } })
    const reply = await send('custom-event', { label: 'x', action: 'a', client: { id: 999_999_999 } })
    expect(reply.status).toBe(202)
    const after = await harness.call('native', 'list-rejections', { query: { reason: 'profile_unknown' } })
    const count = ({ body }: Reply): number => (body as { items: unknown[] }).items.length
    expect(count(after)).toBe(count(before) + 1)
  })

  it('by e-mail, uuid and id reaches the profile that holds them', async () => {
    const customId = someone()
    const uuid = crypto.randomUUID()
    await send('create-client', { customId, uuid, email: `${customId}@example.com` })
    const id = Number(await clientIdOf(customId))
    for (const client of [
      { uuid },
      { email: `${customId}@example.com` },
      { id },
      { customId, id: 999_999_999 },
    ])
      expect((await send('custom-event', { label: 'x', action: 'a', client })).status).toBe(202)
    expect(await eventsOf(customId)).toHaveLength(4)
  })

  test.each([
    ['no client', { client: {} }],
    ['a client of nulls', { client: { customId: null } }],
    ['a time that is none', { time: 'tomorrow' }],
    ['an action that is too long', { action: 'x'.repeat(33) }],
    ['params that are no object', { params: [1] }],
  ])('with %s is refused', async (_what, event) => {
    expectVendorError('synerise', await custom(someone(), event), 'invalid')
  })
})

describe('a salt', () => {
  const time = '2024-03-01T10:00:00.000Z'

  const salted = (customId: string, n: number, event: object = {}): Promise<Reply> =>
    custom(customId, { eventSalt: `salt of ${customId}`, time, params: { n }, ...event })

  it('overwrites the event with the same salt, time, profile and action', async () => {
    const customId = someone()
    await salted(customId, 1)
    const [first] = await eventsOf(customId)
    await salted(customId, 2)
    expect(await eventsOf(customId)).toEqual([{ ...first, params: { ...first?.params, n: 2 } }])
  })

  test.each([
    ['another time', { time: '2024-03-01T10:00:00.001Z' }],
    ['another action', { action: 'other.done' }],
    ['another salt', { eventSalt: 'another' }],
  ])('has no effect with %s', async (_what, event) => {
    const customId = someone()
    await salted(customId, 1)
    await salted(customId, 2, event)
    expect(await eventsOf(customId)).toHaveLength(2)
  })

  it('without a time counts as the same event, and one of the future overwrites nothing', async () => {
    const [customId, other] = [someone(), someone()]
    for (const n of [1, 2]) await salted(customId, n, { time: undefined })
    expect((await eventsOf(customId)).map(({ params }) => params)).toEqual([
      expect.objectContaining({ n: 2 }),
    ])
    const future = toRfc3339(Date.now() + DAY_MS)
    for (const n of [1, 2]) await salted(other, n, { time: future })
    expect(await eventsOf(other)).toHaveLength(2)
  })

  it('of another profile overwrites nothing', async () => {
    const [customId, other] = [someone(), someone()]
    await salted(customId, 1)
    await salted(customId, 2, { client: { customId: other } })
    expect(await eventsOf(customId)).toHaveLength(1)
    expect(await eventsOf(other)).toHaveLength(1)
  })
})

describe('the list of events', () => {
  it('is cut by time, action and limit, the newest first', async () => {
    const customId = someone()
    for (const day of ['01', '02', '03'])
      await custom(customId, { time: `2024-01-${day}T00:00:00Z`, action: `on.${day}` })
    const actions = async (query: Record<string, string>): Promise<string[]> =>
      (await eventsOf(customId, query)).map(({ action }) => action)
    expect(await actions({})).toEqual(['on.03', 'on.02', 'on.01'])
    expect(await actions({ limit: '1' })).toEqual(['on.03'])
    expect(await actions({ action: 'on.02' })).toEqual(['on.02'])
    expect(await actions({ 'time[from]': '2024-01-02T00:00:00Z' })).toEqual(['on.03', 'on.02'])
    expect(await actions({ 'time[to]': '2024-01-02T00:00:00Z' })).toEqual(['on.02', 'on.01'])
  })

  it('refuses a time that is none', async () => {
    const call = { params: { clientId: '1' }, query: { 'time[from]': 'x' } }
    expectVendorError('synerise', await harness.call('synerise', 'list-client-events', call), 'invalid')
  })
})

describe('the events of the workspace', () => {
  const all = async (query: Record<string, string> = {}): Promise<ShownEvent[]> => {
    const reply = await harness.call('synerise', 'list-all-events', { query })
    expect(reply.status, reply.text).toBe(200)
    return reply.body as ShownEvent[]
  }

  it('are those of all profiles, the newest first, cut by time, action and limit', async () => {
    const [one, other] = [someone(), someone()]
    await custom(one, { action: 'all.old', time: '2019-01-01T00:00:00Z' })
    await custom(other, { action: 'all.mid', time: '2024-01-02T00:00:00Z' })
    await custom(one, { action: 'all.mid', time: '2024-01-03T00:00:00Z' })
    await custom(other, { action: 'all.new' })
    const [newest] = await all({ limit: '1' })
    expect(newest).toMatchObject({ action: 'all.new', client: { customId: other } })
    const shown = (await all({ 'time[to]': '2024-01-03T00:00:00Z', limit: '500' })).filter(({ action }) =>
      action.startsWith('all.'),
    )
    expect(shown.map(({ action, client }) => [action, client['customId']])).toEqual([
      ['all.mid', one],
      ['all.mid', other],
      ['all.old', one],
    ])
    const range = { 'time[from]': '2024-01-02T00:00:00Z', 'time[to]': '2024-01-02T00:00:00Z' }
    expect((await all({ action: 'all.mid', ...range })).map(({ client }) => client['customId'])).toEqual([
      other,
    ])
  })

  it('of a profile that was merged away are shown as those of its survivor', async () => {
    const [from, into] = [someone(), someone()]
    for (const customId of [from, into]) await send('create-client', { customId })
    await custom(from, { action: 'all.merged' })
    const ids = { from: Number(await clientIdOf(from)), into: Number(await clientIdOf(into)) }
    expect((await harness.call('native', 'merge-profiles', { body: ids })).status).toBeLessThan(300)
    expect(await all({ action: 'all.merged' })).toMatchObject([{ client: { id: ids.into, customId: into } }])
  })

  it('of another workspace are not among them', async () => {
    const customId = someone()
    await custom(customId, { action: 'all.walled' })
    const query = { action: 'all.walled' }
    const reply = await harness.call('synerise', 'list-all-events', { query, workspace: 'Second' })
    expect(reply.body).toEqual([])
  })
})

describe('a batch of events', () => {
  it('takes every type with the action that belongs to it', async () => {
    const customId = someone()
    const types = ['logged-in', 'push/received', 'push-clicked', 'product-view', 'visited-screen']
    const items = types.map((type) => ({ type, label: 'x', client: { customId } }))
    const last = { type: 'custom', action: 'my.own', label: 'x', client: { customId } }
    expect((await send('batch-events', [...items, last])).status).toBe(202)
    expect((await eventsOf(customId)).map(({ action }) => action).sort()).toEqual([
      'client.login',
      'my.own',
      'product.view',
      'push.click',
      'push.receiveInBackground',
      'screen.view',
    ])
  })

  it('is stored whole or not at all', async () => {
    const customId = someone()
    await send('create-client', { customId })
    const item = { type: 'custom', action: 'a', label: 'x', client: { customId } }
    for (const bad of [
      { ...item, action: undefined },
      { ...item, time: 'x' },
      { ...item, label: '' },
    ])
      expectVendorError('synerise', await send('batch-events', [item, bad]), 'invalid')
    expect(await eventsOf(customId)).toEqual([])
  })
})
