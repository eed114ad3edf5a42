import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { eventually } from '../../setup/eventually.ts'

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

const native = (operation: string, call: Call = {}): Promise<Reply> => harness.call('native', operation, call)

async function person(name: string): Promise<string> {
  const identifiers = [
    { kind: 'userId', value: name },
    { kind: 'email', value: `${name}@example.com` },
  ]
  const item = { identifiers, attributes: { email: `${name}@example.com` }, tags: ['vip'] }
  const { body } = await native('write-profiles', { body: { items: [item] } })
  return String((body as { items: [{ profileId: number }] }).items[0].profileId)
}

/** The headers of a key with these permissions. */
async function keyWith(permissions: readonly string[]): Promise<Record<string, string>> {
  const { body } = await native('create-key', { body: { scope: 'native', permissions } })
  return { authorization: `Bearer ${(body as { secret: string }).secret}` }
}

const ERASE = { mode: 'erase', tombstone: 'true' }

describe('an erasure over the API', () => {
  it('gives the same receipt again for its Idempotency-Key, and 422 for another request', async () => {
    const profileId = await person('ann')
    const headers = { 'idempotency-key': randomUUID() }
    const call = { params: { profileId }, query: ERASE, headers }
    const first = await native('delete-profile', call)
    expect(first).toMatchObject({ status: 202, body: { profileId: Number(profileId), tombstone: 'kept' } })
    const again = await native('delete-profile', call)
    expect(again).toMatchObject({ status: 202, body: { id: (first.body as { id: string }).id } })
    const other = { ...call, params: { profileId: await person('bob') } }
    expect(await native('delete-profile', other)).toMatchObject({ status: 422 })
    expect(await native('delete-profile', { params: { profileId }, query: ERASE })).toMatchObject({
      status: 404,
    })
  })

  it('takes a permission of its own beside that to delete', async () => {
    const params = { profileId: await person('cy') }
    const headers = await keyWith(['profiles:delete'])
    expect(await native('delete-profile', { params, query: ERASE, headers })).toMatchObject({ status: 403 })
    expect(await native('get-erasure', { params: { erasureId: randomUUID() }, headers })).toMatchObject({
      status: 403,
    })
    const both = await keyWith(['profiles:delete', 'profiles:erase'])
    expect(await native('delete-profile', { params, query: ERASE, headers: both })).toMatchObject({
      status: 202,
    })
  })

  it('refuses a tombstone for a deletion, and a mode that is none', async () => {
    const params = { profileId: await person('di') }
    for (const query of [{ tombstone: 'true' }, { mode: 'forget' }, { mode: 'erase', tombstone: '1' }])
      expect(await native('delete-profile', { params, query })).toMatchObject({ status: 400 })
    expect(await native('get-profile', { params })).toMatchObject({ status: 200 })
    expect(await native('delete-profile', { params, query: ERASE, credential: 'none' })).toMatchObject({
      status: 401,
    })
  })

  it('is nobody else’s: another workspace finds no receipt and takes no tombstone away', async () => {
    const erased = await native('delete-profile', { params: { profileId: await person('ed') }, query: ERASE })
    const params = { erasureId: (erased.body as { id: string }).id }
    const workspace = 'Second'
    expect(await native('get-erasure', { params, workspace })).toMatchObject({ status: 404 })
    expect(await native('remove-tombstone', { params, workspace })).toMatchObject({ status: 404 })
    const { body } = await native('list-erasures', { workspace })
    expect(body).toEqual({ items: [], nextCursor: null })
  })

  it('lists receipts in pages, the newest first', async () => {
    for (const name of ['fay', 'gus', 'hal'])
      await native('delete-profile', { params: { profileId: await person(name) }, query: ERASE })
    const ids: string[] = []
    let cursor: string | null = null
    do {
      const query: Record<string, string> = { limit: '2', ...(cursor !== null && { cursor }) }
      const { body } = await native('list-erasures', { query })
      const page = body as { items: { id: string }[]; nextCursor: string | null }
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(ids).toEqual(ids.toSorted().toReversed())
    expect(new Set(ids).size).toBe(
      (await rowsOf(database, 'select 1 from erasure where workspace_id = 1')).length,
    )
  })
})

describe('a report', () => {
  it('has what was written about the person in every place, in one document', async () => {
    const profileId = await person('ira')
    const params = { profileId }
    await native('create-note', { params, body: { subject: 'Call', body: 'after five' } })
    const events = Array.from({ length: 450 }, (_, n) => ({
      identifiers: [{ kind: 'userId', value: 'ira' }],
      name: 'Seen',
      properties: { n, exact: '12345678901234567890' },
    }))
    await native('create-events', { body: { items: events } })
    await native('send-test-message', { body: { channel: 'mail', recipient: 'ira@example.com' } })
    await harness.call('webengage', 'bulk-events', {
      body: { events: [{ userId: 'ira', eventName: 'we_reserved' }] },
    })
    const old = await person('ira-old')
    await native('merge-profiles', { body: { from: Number(old), into: Number(profileId) } })
    await eventually(async () => {
      const { status, body, headers } = await native('get-report', { params: { profileId: old } })
      expect(status).toBe(200)
      expect(headers['content-disposition']).toContain('attachment')
      const report = body as Record<string, unknown[]>
      expect(report['profileId']).toBe(Number(profileId))
      expect(report['profile']).toHaveLength(1)
      expect(report['merges']).toMatchObject([{ profileId: Number(old) }])
      expect(report['events']).toHaveLength(450)
      expect(report['notes']).toMatchObject([{ subject: 'Call' }])
      expect(report['tags']).toMatchObject([{ name: 'vip' }, { name: 'vip' }])
      expect(report['messages']).toMatchObject([{ recipient: 'ira@example.com' }])
      expect(report['ledger']).toMatchObject([{ reason: 'event_name_reserved', dialect: 'webengage' }])
      expect(report['sources']).toMatchObject([{ source: 'native', events: 450 }])
      expect(report['identifiers']).toHaveLength(4)
    })
    const acts = await rowsOf(
      database,
      `select distinct object from audit_log where action = 'profile.report'`,
    )
    expect(acts).toEqual([{ object: profileId }])
  })

  it('gives back its connection when its reader goes', async () => {
    const profileId = await person('jo')
    for (let n = 0; n < 5; n++)
      expect(await native('get-report', { params: { profileId } })).toMatchObject({ status: 200 })
    expect(database.db.analysis.totalCount - database.db.analysis.idleCount).toBe(0)
  })

  it('takes a permission of its own, and is of no other workspace', async () => {
    const params = { profileId: await person('kim') }
    const headers = await keyWith(['profiles:read', 'events:read', 'notes:read'])
    expect(await native('get-report', { params, headers })).toMatchObject({ status: 403 })
    expect(await native('get-report', { params, workspace: 'Second' })).toMatchObject({ status: 404 })
    expect(await native('get-report', { params, credential: 'none' })).toMatchObject({ status: 401 })
  })
})
