import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profile } from '../../src/core/profiles/index.ts'
import type { Json } from '../../src/lib/json.ts'
import { useClock } from '../../src/lib/time.ts'
import { MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'

interface Change {
  at: Date
  dialect: string
  credential: string
  trace_id: string
  diff: Record<string, [Json, Json]>
}

describe.each(MAJORS)('what is known of a profile, on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('keeps the types of its attributes', async () => {
    const workspace = makeWorkspace()
    const attributes: Record<string, Json> = {
      text: '1',
      number: 1,
      fraction: 0.1,
      large: 9_007_199_254_740_991,
      flag: false,
      list: [1, '1', null, { a: [] }],
      object: { b: 2, a: { c: null } },
      empty: '',
      constructor: 'own',
      toString: 0,
    }
    Object.defineProperty(attributes, '__proto__', { value: { polluted: true }, enumerable: true })
    const shown = await path.write(workspace, makeCommand(userId('u'), { attributes }))
    const stored = (await read(shown)).attributes
    expect(JSON.parse(JSON.stringify(stored))).toEqual(JSON.parse(JSON.stringify(attributes)))
    expect(Object.keys(stored)).toContain('__proto__')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    const again = await path.write(workspace, makeCommand(userId('u'), { attributes }))
    expect((await read(again)).version).toBe(1)
  })

  test('loses an attribute by null, and null for an absent one is nothing', async () => {
    const workspace = makeWorkspace()
    const set = (attributes: Record<string, Json>) =>
      path.write(workspace, makeCommand(userId('u'), { attributes }))
    await set({ a: 1, b: 2 })
    await set({ a: null, c: null })
    const shown = await set({ a: null })
    expect(await read(shown)).toMatchObject({ version: 2, attributes: { b: 2 } })
    expect(await diffsOf(shown)).toEqual([{ a: [null, 1], b: [null, 2] }, { a: [1, null] }])
  })

  test('gets one row in the change log for each write that changed something, with who, when and what', async () => {
    const workspace = makeWorkspace()
    const write = (attributes: Record<string, Json>, minutes: number, more = {}) =>
      path.write(workspace, makeCommand(userId('u'), { attributes, ...more }), {
        receivedAt: start + minutes * 60_000,
        dialect: `dialect-${minutes}`,
        credential: `key-${minutes}`,
        traceId: `trace-${minutes}`,
      })
    const start = Date.now() - 3_600_000
    await write({ color: 'red', size: { w: 1, h: 2 } }, 0)
    await write({ color: 'red', size: { h: 2, w: 1 } }, 1)
    const shown = await write({ color: 'blue', size: { w: 1, h: 2 }, tags: ['x'] }, 2, {
      consents: [{ channel: 'sms', state: 'denied' }],
    })
    const changes = await changesOf(shown)
    expect(changes.map(({ at, ...rest }) => ({ minutes: (at.getTime() - start) / 60_000, ...rest }))).toEqual(
      [
        {
          minutes: 0,
          dialect: 'dialect-0',
          credential: 'key-0',
          trace_id: 'trace-0',
          diff: { color: [null, 'red'], size: [null, { w: 1, h: 2 }] },
        },
        {
          minutes: 2,
          dialect: 'dialect-2',
          credential: 'key-2',
          trace_id: 'trace-2',
          diff: { color: ['red', 'blue'], tags: [null, ['x']], 'consent.sms': [null, 'denied'] },
        },
      ],
    )
    expect(await read(shown)).toMatchObject({ version: 2, createdAt: start, updatedAt: start + 120_000 })
  })

  test('changes in the order of the commands of one request, a row each', async () => {
    const workspace = makeWorkspace()
    const values: Json[] = [1, 2, 2, null, 3]
    const shown = await path.submit(
      makeUnit(
        workspace,
        values.map((a) => makeCommand(userId('u'), { attributes: { a } })),
      ),
    )
    expect(await read(shown[0])).toMatchObject({ version: 1, attributes: { a: 3 } })
    const diffs = await diffsOf(shown[0])
    expect(diffs).toHaveLength(4)
    expect(diffs).toEqual(
      expect.arrayContaining([{ a: [null, 1] }, { a: [1, 2] }, { a: [2, null] }, { a: [null, 3] }]),
    )
  })

  test('is not written by an event, nor by a write that changes nothing', async () => {
    const workspace = makeWorkspace()
    const first = await path.write(
      workspace,
      makeCommand(userId('u'), { attributes: { a: 1 }, consents: [{ channel: 'push', state: 'granted' }] }),
    )
    const before = await rowsOf(database, 'select xmin, ctid, * from profile where profile_id = $1', [
      first.profileId,
    ])
    await path.write(workspace, makeCommand(userId('u'), { event: {} }))
    await path.write(
      workspace,
      makeCommand(userId('u'), { attributes: { a: 1 }, consents: [{ channel: 'push', state: 'granted' }] }),
    )
    await path.write(workspace, makeCommand(userId('u')))
    expect(
      await rowsOf(database, 'select xmin, ctid, * from profile where profile_id = $1', [first.profileId]),
    ).toEqual(before)
    expect(await diffsOf(first)).toHaveLength(1)
  })

  test('holds one answer a channel, and its time is that of the answer', async () => {
    const workspace = makeWorkspace()
    const answer = (state: 'granted' | 'denied' | 'unknown', receivedAt: number) =>
      path.write(workspace, makeCommand(userId('u'), { consents: [{ channel: 'email', state }] }), {
        receivedAt,
        dialect: state,
      })
    const at = Date.now() - 60_000
    await answer('granted', at)
    const same = await answer('granted', at + 1_000)
    expect((await read(same)).consents).toEqual([
      { channel: 'email', state: 'granted', at, source: 'granted' },
    ])
    await answer('denied', at + 2_000)
    const last = await answer('unknown', at + 3_000)
    expect((await read(last)).consents).toEqual([
      { channel: 'email', state: 'unknown', at: at + 3_000, source: 'unknown' },
    ])
    expect(await diffsOf(last)).toEqual([
      { 'consent.email': [null, 'granted'] },
      { 'consent.email': ['granted', 'denied'] },
      { 'consent.email': ['denied', 'unknown'] },
    ])
  })

  test('records an answer once when an earlier command of the same request linked the identifier', async () => {
    const workspace = makeWorkspace()
    const consents = [{ channel: 'email', state: 'granted' }] as const
    const first = await path.write(workspace, makeCommand(userId('u'), { consents }), {
      receivedAt: Date.now() - 60_000,
    })
    const linked = [
      makeCommand([userId('u'), id('deviceId', 'd')]),
      makeCommand(id('deviceId', 'd'), { consents }),
    ]
    await path.submit(makeUnit(workspace, linked))
    expect(await diffsOf(first)).toEqual([{ 'consent.email': [null, 'granted'] }])
  })

  test("is written with the one clock, not with the database's", async () => {
    const workspace = makeWorkspace()
    const restore = useClock(() => Date.UTC(2026, 0, 2, 3, 4, 5, 6))
    const shown = await path
      .write(workspace, makeCommand(userId('u'), { attributes: { a: 1 } }))
      .finally(restore)
    const { createdAt, updatedAt, identifiers } = await read(shown)
    expect(new Set([createdAt, updatedAt, identifiers[0]?.firstSeenAt])).toEqual(
      new Set([Date.UTC(2026, 0, 2, 3, 4, 5, 6)]),
    )
  })

  async function read(shown: Shown | undefined): Promise<Profile> {
    const [row] = await rowsOf<{ id: number }>(
      database,
      'select workspace_id as id from profile where profile_id = $1',
      [shown?.profileId],
    )
    const workspace = { ...makeWorkspace(), id: row?.id ?? 0 }
    return openProfiles(database.db).get(workspace, shown?.profileId ?? 0)
  }

  function changesOf(shown: Shown | undefined): Promise<Change[]> {
    return rowsOf<Change>(
      database,
      'select at, dialect, credential, trace_id, diff from profile_change where profile_id = $1 order by at, change_id',
      [shown?.profileId],
    )
  }

  async function diffsOf(shown: Shown | undefined): Promise<Change['diff'][]> {
    return (await changesOf(shown)).map(({ diff }) => diff)
  }
})
