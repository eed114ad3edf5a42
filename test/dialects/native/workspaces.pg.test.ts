import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness, openTestApp } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let count = 0

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const PATH = '/api/v1/workspaces'

const newName = (): string => `Shop ${++count}`

interface Made {
  guid: string
  secret: string
  name: string
  etag: string
}

async function send(
  secret: string | undefined,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  return harness.raw(method, path, {
    headers: {
      ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  })
}

const creator = (): string => String(harness.credentialOf('native').headers['authorization']).slice(7)

const create = (body: object, headers?: Record<string, string>): Promise<Reply> =>
  send(creator(), 'POST', PATH, body, headers)

async function make(settings: object = {}): Promise<Made> {
  const name = newName()
  const reply = await create({ name, settings })
  expect(reply.status, reply.text).toBe(201)
  const { guid, apiKey } = reply.body as { guid: string; apiKey: { secret: string } }
  return { guid, name, secret: apiKey.secret, etag: String(reply.headers['etag']) }
}

const patch = ({ guid, secret }: Made, body: unknown, headers?: Record<string, string>): Promise<Reply> =>
  send(secret, 'PATCH', `${PATH}/${guid}`, body, headers)

const settingsOf = (reply: Reply): Record<string, unknown> =>
  (reply.body as { settings: Record<string, unknown> }).settings

describe('a workspace that is made at run time', () => {
  it('is opened by the key of its answer, which opens nothing else', async () => {
    const made = await make({ timezone: 'Europe/Warsaw' })
    const read = await send(made.secret, 'GET', `${PATH}/${made.guid}`)
    expect(read.status).toBe(200)
    expect(read.body).toMatchObject({ guid: made.guid, name: made.name, managedBy: 'api' })
    expect(read.headers['etag']).toBe(made.etag)
    const other = await make()
    expectVendorError('native', await send(made.secret, 'GET', `${PATH}/${other.guid}`), 'not_found')
    expectVendorError('native', await patch({ ...made, guid: other.guid }, { name: 'Mine' }), 'not_found')
    expectVendorError('native', await send(made.secret, 'DELETE', `${PATH}/${other.guid}`), 'not_found')
    const list = await send(made.secret, 'GET', PATH)
    expect((list.body as { items: { guid: string }[] }).items.map(({ guid }) => guid)).toEqual([made.guid])
  })

  it('has a key whose secret is nowhere in the database', async () => {
    const name = newName()
    const { text } = await create({ name }, { 'idempotency-key': `secret-${name}` })
    const { apiKey } = JSON.parse(text) as { apiKey: { secret: string } }
    const tables = await rowsOf<{ name: string }>(
      database,
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')`,
    )
    for (const table of tables) {
      const rows = await rowsOf<{ text: string }>(database, `select t::text as text from ${table.name} as t`)
      const stored = rows.map((row) => row.text).join('\n')
      expect(stored, table.name).not.toContain(apiKey.secret)
      expect(stored, table.name).not.toContain(Buffer.from(apiKey.secret).toString('hex'))
      expect(stored, table.name).not.toContain(Buffer.from(apiKey.secret).toString('base64'))
    }
  })

  it.each([
    ['an unknown setting', { settings: { colour: 'red' } }, '/settings/colour'],
    ['a wrong type', { settings: { ledgerDays: '30' } }, '/settings/ledgerDays'],
    ['a value out of bounds', { settings: { tokenLifeSeconds: 1 } }, '/settings/tokenLifeSeconds'],
    ['a wrong format', { settings: { timezone: 'Mars/Base' } }, '/settings/timezone'],
    ['an item of a list', { settings: { corsOrigins: ['https://a.example/x'] } }, '/settings/corsOrigins/0'],
    ['a vendor without what it needs', { settings: { webengage: {} } }, '/settings/webengage/licenseCode'],
    [
      'a credential among the settings',
      { settings: { yotpo: { storeId: 's', secret: 'x' } } },
      '/settings/yotpo/secret',
    ],
    ['a guid that is none', { guid: 'x' }, '/guid'],
    ['an empty name', { name: ' ' }, '/name'],
    ['an unknown member', { colour: 'red' }, '/colour'],
    ['settings that are no object', { settings: [] }, '/settings'],
  ])('is refused with the place of %s', async (_what, body, pointer) => {
    const reply = await create({ name: newName(), ...body })
    expectVendorError('native', reply, 'invalid')
    expect((reply.body as { errors: { pointer: string }[] }).errors[0]?.pointer).toBe(pointer)
  })

  it('is refused when its name or guid is taken, also by an archived one', async () => {
    const made = await make()
    const sameName = await create({ name: made.name })
    expectVendorError('native', sameName, 'conflict')
    expect(sameName.body).toMatchObject({ code: 'CDP_WORKSPACE_TAKEN', errors: [{ pointer: '/name' }] })
    await send(made.secret, 'DELETE', `${PATH}/${made.guid}`)
    const sameGuid = await create({ name: newName(), guid: made.guid.toUpperCase() })
    expect(sameGuid.body).toMatchObject({ code: 'CDP_WORKSPACE_TAKEN', errors: [{ pointer: '/guid' }] })
    expect((await create({ name: made.name })).status).toBe(201)
  })

  it('needs a permission for each thing that is done to it', async () => {
    const made = await make()
    await database.admin.query(
      `update api_key set permissions = '{profiles:read}' from workspace w
        where w.workspace_id = api_key.workspace_id and w.guid = $1`,
      [made.guid],
    )
    harness.app.credentials.forget()
    const path = `${PATH}/${made.guid}`
    for (const reply of [
      await send(made.secret, 'GET', PATH),
      await send(made.secret, 'GET', path),
      await send(made.secret, 'POST', PATH, { name: newName() }),
      await send(made.secret, 'PATCH', path, { name: newName() }),
      await send(made.secret, 'DELETE', path),
    ])
      expectVendorError('native', reply, 'forbidden')
    expectVendorError('native', await send(undefined, 'POST', PATH, { name: newName() }), 'unauthenticated')
  })
})

describe('a change of a workspace', () => {
  it('sets what it names, resets what is null, and keeps the rest', async () => {
    const made = await make({ timezone: 'Europe/Warsaw', dedupeDays: 7, webengage: { licenseCode: 'lc' } })
    const first = await patch(made, {
      name: `${made.name} renamed`,
      settings: { dedupeDays: null, defaultCountry: 'PL', webengage: { requestsPerMinute: 1 }, pyze: {} },
    })
    expect(first.status, first.text).toBe(200)
    expect(first.body).toMatchObject({ name: `${made.name} renamed` })
    expect(settingsOf(first)).toMatchObject({
      timezone: 'Europe/Warsaw',
      dedupeDays: 0,
      defaultCountry: 'PL',
      webengage: { licenseCode: 'lc', requestsPerMinute: 1, singleRequestsPerMinute: 5_000 },
      pyze: {},
    })
    const second = await patch(made, { settings: { webengage: null, timezone: null } })
    expect(settingsOf(second)).not.toHaveProperty('webengage')
    expect(settingsOf(second)).toMatchObject({ timezone: 'UTC', defaultCountry: 'PL' })
    const third = await send(made.secret, 'GET', `${PATH}/${made.guid}`)
    expect(third.body).toEqual(second.body)
    expect(third.headers['etag']).toBe(second.headers['etag'])
  })

  it('is refused with the place of what is wrong, and nothing of it is stored', async () => {
    const made = await make()
    for (const [body, pointer] of [
      [{ settings: { timezone: 7 } }, '/settings/timezone'],
      [{ settings: { webengage: { requestsPerMinute: 5 } } }, '/settings/webengage/licenseCode'],
      [{ guid: randomUUID() }, '/guid'],
      [{ name: null }, '/name'],
    ] as const) {
      const reply = await patch(made, { name: newName(), ...body })
      expectVendorError('native', reply, 'invalid')
      expect(reply.body).toMatchObject({ errors: [{ pointer }] })
    }
    const list = await patch(made, [1])
    expectVendorError('native', list, 'invalid')
    expect((await send(made.secret, 'GET', `${PATH}/${made.guid}`)).body).toMatchObject({ name: made.name })
  })

  it('under If-Match happens only to the version that was read', async () => {
    const made = await make()
    const ifMatch = { 'if-match': made.etag }
    const [one, two] = await Promise.all([
      patch(made, { settings: { dedupeDays: 1 } }, ifMatch),
      patch(made, { settings: { dedupeDays: 2 } }, ifMatch),
    ])
    expect([one.status, two.status].sort()).toEqual([200, 412])
    const stale = await send(made.secret, 'DELETE', `${PATH}/${made.guid}`, undefined, ifMatch)
    expectVendorError('native', stale, 'precondition')
    const current = String([one, two].find(({ status }) => status === 200)?.headers['etag'])
    const fresh = { 'if-match': `"other", ${current}` }
    expect((await patch(made, { settings: { dedupeDays: 3 } }, fresh)).status).toBe(200)
    expect((await patch(made, { settings: { dedupeDays: 4 } }, { 'if-match': '*' })).status).toBe(200)
  })

  it('to a name that is taken is refused', async () => {
    const [made, other] = [await make(), await make()]
    const reply = await patch(made, { name: other.name })
    expectVendorError('native', reply, 'conflict')
    expect(reply.body).toMatchObject({ code: 'CDP_WORKSPACE_TAKEN' })
  })

  it('takes effect at once here, and in another server within the time that a credential is remembered', async () => {
    const made = await make()
    const other = await openTestApp(database.db)
    const allowedOrigin = async (app: typeof other): Promise<unknown> => {
      const headers = { authorization: `Bearer ${made.secret}`, origin: 'https://shop.example' }
      const reply = await app.http.inject({ method: 'GET', url: '/api/v1/stats', headers })
      return reply.headers['access-control-allow-origin']
    }
    expect(await allowedOrigin(harness.app)).toBeUndefined()
    expect(await allowedOrigin(other)).toBeUndefined()
    await patch(made, { settings: { corsOrigins: ['https://shop.example'] } })
    expect(await allowedOrigin(harness.app)).toBe('https://shop.example')
    await expect.poll(() => allowedOrigin(other)).toBe('https://shop.example')
    await other.close()
  })

  it('of what the configuration file declares is refused, whatever it is', async () => {
    const { params } = harness.credentialOf('native')
    const path = `${PATH}/${params['guid']}`
    for (const reply of [
      await send(creator(), 'PATCH', path, { name: newName() }),
      await send(creator(), 'DELETE', path),
    ]) {
      expectVendorError('native', reply, 'conflict')
      expect(reply.body).toMatchObject({ code: 'CDP_MANAGED_BY_CONFIG' })
    }
  })
})

describe('an archived workspace', () => {
  it('keeps its data, and its credentials open nothing', async () => {
    const made = await make()
    const items = [{ identifiers: [{ kind: 'userId', value: 'kept' }] }]
    expect((await send(made.secret, 'POST', '/api/v1/profiles', { items })).status).toBe(200)
    expect((await send(made.secret, 'DELETE', `${PATH}/${made.guid}`)).status).toBe(204)
    expectVendorError('native', await send(made.secret, 'DELETE', `${PATH}/${made.guid}`), 'unauthenticated')
    expectVendorError('native', await send(made.secret, 'GET', '/api/v1/stats'), 'unauthenticated')
    const profiles = await countOf(
      database,
      `select count(*) from profile p join workspace w using (workspace_id) where w.guid = $1`,
      [made.guid],
    )
    expect(profiles).toBe(1)
  })
})

describe('an Idempotency-Key', () => {
  it('makes one workspace, however often it comes, and gives the same answer with its secret', async () => {
    const body = { name: newName() }
    const headers = { 'idempotency-key': randomUUID() }
    const first = await create(body, headers)
    expect(first.status).toBe(201)
    const second = await create(body, headers)
    expect([second.status, second.text]).toEqual([201, first.text])
    expect(second.headers['etag']).toBe(first.headers['etag'])
    expectVendorError('native', await create({ name: newName() }, headers), 'unprocessable')
    const elsewhere = await send(creator(), 'POST', '/api/v1/profiles', { items: [{}] }, headers)
    expectVendorError('native', elsewhere, 'unprocessable')
  })

  it('of requests at the same time lets one through, and the others get its answer or are told to wait', async () => {
    const body = { name: newName() }
    const headers = { 'idempotency-key': randomUUID() }
    const replies = await Promise.all(Array.from({ length: 5 }, () => create(body, headers)))
    const statuses = replies.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201).length).toBeGreaterThan(0)
    expect(new Set(statuses.filter((status) => status !== 201))).toEqual(
      new Set(statuses.some((status) => status === 409) ? [409] : []),
    )
    expect(await countOf(database, 'select count(*) from workspace where name = $1', [body.name])).toBe(1)
  })

  it('of a change gives the stored answer, also when its If-Match is stale by then', async () => {
    const made = await make()
    const headers = { 'idempotency-key': randomUUID(), 'if-match': made.etag }
    const first = await patch(made, { settings: { ledgerDays: 5 } }, headers)
    const second = await patch(made, { settings: { ledgerDays: 5 } }, headers)
    expect([second.status, second.text]).toEqual([200, first.text])
    const tooLong = await patch(made, {}, { 'idempotency-key': 'x'.repeat(256) })
    expectVendorError('native', tooLong, 'invalid')
  })
})
