import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let profileId: number

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  const identifiers = [{ kind: 'userId', value: randomUUID() }]
  const items = [{ identifiers, attributes: { city: 'Dublin', level: 3 } }]
  const reply = await native('write-profiles', { body: { items } })
  profileId = Number((reply.body as { items: { profileId: number }[] }).items[0]?.profileId)
  const events = [1, 2.25].map((total) => ({ identifiers, name: 'Bought', properties: { total } }))
  expect((await native('create-events', { body: { items: events } })).status).toBe(200)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

const DEFINITIONS = {
  aggregate: { function: 'sum', property: { name: 'total' }, name: 'Bought' },
  expression: { type: 'upper', operand: { type: 'attribute', name: 'city' } },
} as const

type Kind = keyof typeof DEFINITIONS

async function define(kind: Kind, definition: object = DEFINITIONS[kind], more: Call = {}): Promise<Reply> {
  return native(`create-${kind}`, { body: { name: randomUUID(), definition }, ...more })
}

async function idOf(reply: Promise<Reply>): Promise<string> {
  return ((await reply).body as { id: string }).id
}

const valuesUrl = (query = '', profile = profileId): string => `/api/v1/profiles/${profile}/computed${query}`

async function values(url: string): Promise<Reply> {
  return harness.raw('GET', url, { headers: harness.credentialOf('native').headers })
}

async function keyWith(...permissions: string[]): Promise<Record<string, string>> {
  const { body } = await native('create-key', { body: { scope: 'native', permissions } })
  return { authorization: `Bearer ${(body as { secret: string }).secret}` }
}

describe.each(['aggregate', 'expression'] as const)('of the kind %s', (kind) => {
  it('a definition stands once however often it is sent, and a key belongs to one request', async () => {
    const body = { name: randomUUID(), definition: DEFINITIONS[kind] }
    const keyed = { headers: { 'idempotency-key': randomUUID() } }
    const [first, second] = [
      await native(`create-${kind}`, { body, ...keyed }),
      await native(`create-${kind}`, { body, ...keyed }),
    ]
    expect([first.status, second.status, second.body]).toEqual([201, 201, first.body])
    const other = { body: { ...body, name: randomUUID() }, ...keyed }
    expect((await native(`create-${kind}`, other)).status).toBe(422)
  })

  it('one of another workspace or of the other kind is not found', async () => {
    const params = { [`${kind}Id`]: await idOf(define(kind)) }
    const write = { params, body: { name: randomUUID(), definition: DEFINITIONS[kind] } }
    const replies = [
      await native(`get-${kind}`, { params, workspace: 'Second' }),
      await native(`put-${kind}`, { ...write, workspace: 'Second' }),
      await native(`delete-${kind}`, { params, workspace: 'Second' }),
      await native(`get-${kind}`, { params: { [`${kind}Id`]: 'x' } }),
      await native(`get-${kind}`, {
        params: { [`${kind}Id`]: await idOf(define(kind === 'aggregate' ? 'expression' : 'aggregate')) },
      }),
    ]
    for (const { status, body } of replies)
      expect([status, body]).toMatchObject([404, { code: 'CDP_COMPUTED_NOT_FOUND' }])
  })

  it('a list is read page by page, newest first', async () => {
    const made = [await idOf(define(kind)), await idOf(define(kind)), await idOf(define(kind))]
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = { limit: '2', ...(cursor !== '' && { cursor }) }
      const { body } = await native(`list-${kind}s`, { query })
      const page = body as { items: { id: string }[]; nextCursor: string | null }
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    expect(seen.slice(0, 3)).toEqual(made.toReversed())
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('definitions are for who may read or write segments, values for who may read them', async () => {
    const body = { name: randomUUID(), definition: DEFINITIONS[kind] }
    const preview = { body: { definition: DEFINITIONS[kind], profileId } }
    const statusesOf = async (headers: Record<string, string>): Promise<number[]> => [
      (await native(`list-${kind}s`, { headers })).status,
      (await native(`create-${kind}`, { headers, body: { ...body, name: randomUUID() } })).status,
      (await native(`preview-${kind}`, { headers, ...preview })).status,
      (await native('list-computed', { headers, params: { profileId: String(profileId) } })).status,
    ]
    expect(await statusesOf(await keyWith('segments:read'))).toEqual([200, 403, 403, 403])
    expect(await statusesOf(await keyWith('segments:write'))).toEqual([403, 201, 403, 403])
    expect(await statusesOf(await keyWith('computed:read'))).toEqual([403, 403, 200, 200])
    expect(await statusesOf({ authorization: 'Bearer tk_wrong' })).toEqual([401, 401, 401, 401])
  })
})

it('values are given in the order asked for, each for the living profile', async () => {
  const [sum, city] = [await idOf(define('aggregate')), await idOf(define('expression'))]
  for (const [query, found] of [
    [`?id=${sum}&id=${city}`, [3.25, 'DUBLIN']],
    [`?id=${city}&id=${sum}`, ['DUBLIN', 3.25]],
    [`?id=${city}`, ['DUBLIN']],
  ] as const) {
    const { status, body } = await values(valuesUrl(query))
    const { items } = body as { items: { id: string; value: unknown }[] }
    expect([status, items.map(({ value }) => value)]).toEqual([200, found])
  }
  const all = (await values(valuesUrl())).body as { items: { id: string }[] }
  expect(all.items.map(({ id }) => id)).toEqual(expect.arrayContaining([sum, city]))
})

it('values of nobody, of no definition and of too many are refused', async () => {
  const id = await idOf(define('aggregate'))
  const foreign = await idOf(define('aggregate', DEFINITIONS.aggregate, { workspace: 'Second' }))
  const many = Array.from({ length: 51 }, () => `id=${id}`).join('&')
  for (const [url, status, code] of [
    [valuesUrl(`?id=${id}`, 999_999_999), 404, 'CDP_PROFILE_NOT_FOUND'],
    [valuesUrl(`?id=${foreign}`), 404, 'CDP_COMPUTED_NOT_FOUND'],
    [valuesUrl('?id=x'), 404, 'CDP_COMPUTED_NOT_FOUND'],
    [valuesUrl(`?${many}`), 400, 'CDP_QUERY_INVALID'],
    [valuesUrl('?ids=x'), 400, 'CDP_QUERY_INVALID'],
  ] as const) {
    const { status: got, body } = await values(url)
    expect([url, got, body]).toMatchObject([url, status, { code }])
  }
})

it('a definition without a name, or with one that is too long, is refused', async () => {
  for (const name of ['', 'x'.repeat(256), 'a\0'])
    expect(
      await native('create-aggregate', { body: { name, definition: DEFINITIONS.aggregate } }),
    ).toMatchObject({
      status: 400,
      body: { code: 'CDP_BODY_INVALID' },
    })
})

it('a value is what a segment sees', async () => {
  const id = await idOf(define('aggregate'))
  const condition = { type: 'aggregate', id, operator: 'equals', value: 3.25 }
  const { body } = await native('preview-segment', { body: { definition: condition } })
  expect(body).toMatchObject({ count: 1, sample: [profileId] })
})
