import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDictionary } from '../../src/core/dictionary/index.ts'
import type { DictionaryEntry } from '../../src/core/dictionary/index.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

describe.each(MAJORS)('the dictionary on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath
  let workspace: Workspace

  beforeEach(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
    workspace = makeWorkspace()
  })
  afterEach(async () => {
    await path.close()
    await database.close()
  })

  const list = async (query: object = {}): Promise<readonly DictionaryEntry[]> => {
    const all = { target: undefined, eventName: undefined, search: undefined, onlyConflicts: false }
    const request = { workspaceId: workspace.id, ...all, cursor: undefined, limit: 500, ...query }
    return (await openDictionary(database.db).list(request)).items
  }

  const names = async (query: object = {}): Promise<string[]> =>
    (await list(query)).map(({ target, eventName, attribute, seen }) =>
      [target, eventName, attribute, ...seen.map(({ type, dialect }) => `${type} by ${dialect}`)].join(' '),
    )

  test('knows every attribute and event property with its types, by dialect', async () => {
    const attributes = { n: 1, s: 'x', list: [], object: {}, no: null }
    await path.write(workspace, makeCommand(userId('u'), { attributes }))
    await path.write(workspace, makeCommand(userId('u'), { attributes: { n: 'text' } }), { dialect: 'other' })
    await path.write(
      workspace,
      makeCommand(userId('u'), { event: { name: 'Seen', properties: { a: true } } }),
    )
    await path.write(makeWorkspace(), makeCommand(userId('u'), { attributes: { foreign: 1 } }))
    expect(await names()).toEqual([
      'event Seen a boolean by test',
      'profile  list array by test',
      'profile  n number by test string by other',
      'profile  object object by test',
      'profile  s string by test',
    ])
    expect(await names({ onlyConflicts: true })).toEqual(['profile  n number by test string by other'])
    expect(await names({ target: 'event', eventName: 'Seen' })).toHaveLength(1)
    expect(await names({ search: 'LIST' })).toHaveLength(1)
  })

  test('is written only when there is news, or after an hour', async () => {
    const write = (receivedAt: number) =>
      path.submit(
        makeUnit(workspace, [makeCommand(userId('u'), { event: { properties: { a: 1 } } })], { receivedAt }),
      )
    const started = Date.now()
    await write(started)
    const read = () => rowsOf(database, 'select xmin::text, first_seen_at, last_seen_at from attribute_seen')
    const before = await read()
    await write(started + 60_000)
    expect(await read()).toEqual(before)
    await write(started + 3_600_001)
    expect(await read()).toMatchObject([{ last_seen_at: new Date(started + 3_600_001) }])
  })

  test('does not grow without bound when a sender makes names up', async () => {
    for (let round = 0; round < 6; round++) {
      const properties = Object.fromEntries(
        Array.from({ length: 500 }, (_, n) => [`made-up-${round}-${n}`, n]),
      )
      await path.write(workspace, makeCommand(userId('u'), { event: { properties } }))
    }
    expect((await list()).length).toBeLessThanOrEqual(2_500)
    await path.write(workspace, makeCommand(userId('u'), { event: { properties: { 'made-up-0-0': 'x' } } }))
    expect(await names({ search: 'made-up-0-0' })).toContain(
      'event Visited made-up-0-0 number by test string by test',
    )
  })

  test('a cursor goes on where the page ended', async () => {
    await path.write(workspace, makeCommand(userId('u'), { attributes: { a: 1, b: 1, c: 1 } }))
    const query = {
      workspaceId: workspace.id,
      target: undefined,
      eventName: undefined,
      search: undefined,
      onlyConflicts: false,
      limit: 2,
    }
    const dictionary = openDictionary(database.db)
    const first = await dictionary.list({ ...query, cursor: undefined })
    const second = await dictionary.list({ ...query, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map(({ attribute }) => attribute)).toEqual(['a', 'b', 'c'])
    expect(second.nextCursor).toBeNull()
    await expect(dictionary.list({ ...query, cursor: 'x' })).rejects.toMatchObject({
      code: 'CDP_QUERY_INVALID',
    })
  })
})
