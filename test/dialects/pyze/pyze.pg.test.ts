import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { DAY_MS, toRfc3339, useClock } from '../../../src/lib/time.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
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

const someone = (): string => `person-${++people}`

const update = (...profiles: object[]): Promise<Reply> =>
  harness.call('pyze', 'update-profiles', { body: { user_profiles: profiles } })

const track = (event: object, headers?: Record<string, string>): Promise<Reply> =>
  harness.call('pyze', 'track-event', {
    body: { type: 'event', event: 'Seen', eventTime: '2024-03-01T10:15:30Z', appKey: '@appKey', ...event },
    ...(headers && { headers }),
  })

interface Shown {
  id: number
  attributes: Record<string, unknown>
  identifiers: { kind: string; label?: string; value: string }[]
}

const find = async (userId: string): Promise<Shown> => {
  const reply = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: userId } })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Shown
}

const eventsOf = async (userId: string): Promise<Record<string, unknown>[]> => {
  const { id } = await find(userId)
  const reply = await harness.call('native', 'list-events', { params: { profileId: String(id) } })
  return (reply.body as { items: Record<string, unknown>[] }).items
}

const reasonsOf = async (traceId: unknown): Promise<string[]> => {
  const reply = await harness.call('native', 'list-rejections', { query: { limit: '500' } })
  const { items } = reply.body as { items: { traceId: string; reason: string; pointer: string }[] }
  return items.filter((item) => item.traceId === traceId).map(({ reason, pointer }) => `${reason} ${pointer}`)
}

describe('profiles', () => {
  it('fields of the vendor become standard attributes, all others keep their names', async () => {
    const userId = someone()
    const reply = await update({
      userId,
      first_name: 'Ana',
      last_name: 'Diaz',
      gender: 'F',
      date_of_birth: '1994-07-06',
      email_id: 'Ana@Example.com',
      date_of_last_use: '2018-06-20T08:17:00+00:00',
      'custom-tags': ['whale'],
      subscribed: true,
    })
    expect(reply.status).toBe(202)
    expect((await find(userId)).attributes).toEqual({
      firstName: 'Ana',
      lastName: 'Diaz',
      gender: 'female',
      birthDate: '1994-07-06',
      email: 'Ana@Example.com',
      date_of_last_use: '2018-06-20T08:17:00+00:00',
      'custom-tags': ['whale'],
      subscribed: true,
    })
  })

  it('operators, null and plain values apply in the order of the request', async () => {
    const userId = someone()
    await update({ userId, ltv: 35, tags: ['a', 'b'], plan: 'gold', first_name: 'Ana' })
    await update(
      { userId, ltv: { inc: 30 }, tags: { remove: ['a'] }, plan: null },
      { userId, ltv: { inc: -5.5 }, tags: { add: ['b', 'c'] }, visits: { inc: 1 } },
    )
    expect((await find(userId)).attributes).toEqual({
      ltv: 59.5,
      tags: ['b', 'c'],
      visits: 1,
      firstName: 'Ana',
    })
  })

  it('an operator that does not fit what is stored refuses the whole request', async () => {
    const [first, second] = [someone(), someone()]
    await update({ userId: second, plan: 'gold' })
    const reply = await update({ userId: first, score: 1 }, { userId: second, score: 1, plan: { inc: 1 } })
    expectVendorError('pyze', reply, 'invalid')
    expect(reply.text).toContain('user_profiles[1].plan')
    expect((await find(second)).attributes).toEqual({ plan: 'gold' })
    const none = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: first } })
    expect(none.status).toBe(404)
    await expect
      .poll(() => reasonsOf(reply.headers['x-request-id']))
      .toEqual(['request_refused /user_profiles/1/plan'])
  })

  it('fifty fields are taken, one more is refused; identifiers are not counted', async () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`f${n}`, n]))
    const alias = { alias_label: 'crm', alias_id: someone() }
    expect((await update({ userId: someone(), user_alias: alias, ...fields(50) })).status).toBe(202)
    expectVendorError('pyze', await update({ userId: someone(), ...fields(51) }), 'invalid')
  })

  it('a user that is made gets an id of the vendor, by which it is found again', async () => {
    const userId = someone()
    await update({ userId, score: 1 })
    const minted = (await find(userId)).identifiers.find(({ label }) => label === 'pyze')?.value
    expect(minted).toMatch(/^[0-9a-f-]{36}$/)
    expect((await update({ pyze_id: minted, score: { inc: 1 } })).status).toBe(202)
    expect((await find(userId)).attributes).toEqual({ score: 2 })
  })

  it('an alias finds its user, is bound to one, and to nobody else', async () => {
    const [userId, other, alias] = [someone(), someone(), someone()]
    const userAlias = { alias_label: 'facebook', alias_id: alias }
    await update({ customer_id: userId, user_alias: userAlias })
    await update({ user_alias: userAlias, score: 7 })
    expect((await find(userId)).attributes).toEqual({ score: 7 })
    await update({ userId: other })
    expectVendorError('pyze', await update({ userId: other, user_alias: userAlias }), 'invalid')
    expectVendorError('pyze', await update({ userId: someone(), user_alias: userAlias }), 'invalid')
  })

  test.each([
    ['an incomplete alias', { user_alias: { alias_label: 'x' } }],
    ['an id that is too long', { userId: 'x'.repeat(129) }],
    ['an id that is a number', { userId: 12 }],
    ['an id that no double holds', '{"userId":12345678901234567890}'],
    ['an id that is nobody', { userId: 'null' }],
    ['an operator with two keys', { userId: 'u', n: { inc: 1, add: [] } }],
    ['an increment by a text', { userId: 'u', n: { inc: '1' } }],
    ['a remove of no list', { userId: 'u', n: { remove: 'x' } }],
  ])('%s is refused', async (_what, profile) => {
    const text = typeof profile === 'string' ? profile : JSON.stringify(profile)
    const reply = await harness.call('pyze', 'update-profiles', { rawBody: `{"user_profiles":[${text}]}` })
    expectVendorError('pyze', reply, 'invalid')
  })

  it('what a standard field cannot hold is dropped and in the ledger', async () => {
    const userId = someone()
    const reply = await update({ userId, gender: 'F?', date_of_birth: 'long ago', email: 7, score: 1 })
    expect(reply.status).toBe(202)
    expect((await find(userId)).attributes).toEqual({ score: 1 })
    expect((await reasonsOf(reply.headers['x-request-id'])).sort()).toEqual([
      'attribute_value_invalid /user_profiles/0/date_of_birth',
      'attribute_value_invalid /user_profiles/0/email',
      'attribute_value_invalid /user_profiles/0/gender',
    ])
  })
})

describe('events', () => {
  it('times are corrected by the difference of the clocks, and the original is kept', async () => {
    const userId = someone()
    const receivedAt = Date.UTC(2024, 2, 1, 12)
    restoreClock = useClock(() => receivedAt)
    const sentAt = toRfc3339(receivedAt + 3_600_000)
    await track({ userId, eventTime: '2024-03-01T12:59:00.000+00:00', sentAt, messageId: someone() })
    const [event] = await eventsOf(userId)
    expect(event).toMatchObject({
      occurredAt: '2024-03-01T11:59:00.000Z',
      originalTime: '2024-03-01T12:59:00.000+00:00',
      sentAt,
      source: 'pyze',
    })
  })

  it('attributes and context are its properties', async () => {
    const userId = someone()
    const context = { ip: '203.0.113.9', userAgent: 'x' }
    await track({ userId, attributes: { total: 19.5, nested: { a: [1] } }, context })
    expect((await eventsOf(userId))[0]).toMatchObject({
      properties: { total: 19.5, nested: { a: [1] }, context },
    })
    const reply = await track({ userId: someone(), attributes: { context: 'mine' }, context, extra: 1 })
    expect((await reasonsOf(reply.headers['x-request-id'])).sort()).toEqual([
      'attribute_name_reserved /context',
      'field_unknown /extra',
    ])
  })

  it('a message id is stored once for its app, whatever the retry carries', async () => {
    const userId = someone()
    const messageId = someone()
    for (const eventTime of ['2024-03-01T10:00:00Z', '2024-03-02T10:00:00Z'])
      expect((await track({ userId, messageId, eventTime })).status).toBe(202)
    expect(await eventsOf(userId)).toHaveLength(1)
  })

  it('a corrected time far ahead is refused', async () => {
    const sentAt = toRfc3339(Date.now() - 30 * DAY_MS)
    const reply = await track({ userId: someone(), eventTime: toRfc3339(Date.now()), sentAt })
    expectVendorError('pyze', reply, 'invalid')
  })

  it('numbers that no double holds are kept as text', async () => {
    const userId = someone()
    const body = `{"type":"event","event":"e","userId":"${userId}","eventTime":"2024-03-01T10:15:30Z","appKey":"@appKey","attributes":{"n":12345678901234567891}}`
    const reply = await harness.call('pyze', 'track-event', { rawBody: body.replace('@appKey', appKeyOf()) })
    expect(reply.status, reply.text).toBe(202)
    expect((await eventsOf(userId))[0]).toMatchObject({ properties: { n: '12345678901234567891' } })
  })

  it("another workspace's app is forbidden, and an app key is no api key", async () => {
    const foreign = await harness.call('pyze', 'track-event', {
      body: { type: 'event', event: 'e', userId: 'u', eventTime: '2024-03-01T10:15:30Z', appKey: appKeyOf() },
      workspace: 'Second',
    })
    expectVendorError('pyze', foreign, 'forbidden')
    const authorization = `Bearer ${appKeyOf()}`
    const asKey = await harness.call('pyze', 'update-profiles', {
      body: { user_profiles: [{ userId: 'u' }] },
      headers: { authorization },
    })
    expectVendorError('pyze', asKey, 'unauthenticated')
  })

  it('the key may be the password of HTTP Basic', async () => {
    const { authorization = '' } = harness.credentialOf('pyze').headers
    const key = authorization.replace('Bearer ', '')
    const basic = `Basic ${Buffer.from(`anyone:${key}`).toString('base64')}`
    expect((await track({ userId: someone() }, { authorization: basic })).status).toBe(202)
  })
})

describe('a workspace without api keys', () => {
  it('takes its app key for events and for profiles', async () => {
    const appKey = appKeyOf()
    const settings = `update workspace set settings = jsonb_set(settings, '{dialects,pyze,requiresApiKey}', $1)`
    await database.admin.query(settings, ['false'])
    harness.app.credentials.forget()
    try {
      const body = { type: 'event', event: 'e', userId: someone(), eventTime: '2024-03-01T10:15:30Z', appKey }
      const alone = await harness.call('pyze', 'track-event', { body, credential: 'none' })
      expect(alone.status, alone.text).toBe(202)
      const unknown = { ...body, appKey: 'nobodys' }
      expectVendorError(
        'pyze',
        await harness.call('pyze', 'track-event', { body: unknown, credential: 'none' }),
        'forbidden',
      )
      const profiles = await harness.call('pyze', 'update-profiles', {
        body: { user_profiles: [{ userId: someone() }] },
        headers: { authorization: `Bearer ${appKey}` },
      })
      expect(profiles.status, profiles.text).toBe(202)
      const none = await harness.call('pyze', 'update-profiles', {
        body: { user_profiles: [{ userId: someone() }] },
        credential: 'none',
      })
      expectVendorError('pyze', none, 'unauthenticated')
    } finally {
      await database.admin.query(settings, ['true'])
      harness.app.credentials.forget()
    }
  })
})

/** The app key of the first workspace. */
function appKeyOf(): string {
  return harness.credentialOf('pyze').params['appKey'] ?? ''
}
