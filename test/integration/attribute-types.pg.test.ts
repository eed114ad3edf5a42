import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../src/lib/json.ts'
import type { AttributeType, Command } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

describe.each(MAJORS)('attribute types that a dialect fixes, on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let otherDb: Database
  let path: WritePath
  let other: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    otherDb = database.openAnother()
    path = await openWritePath(database.db)
    other = await openWritePath(otherDb)
  })
  afterAll(async () => {
    await Promise.all([path.close(), other.close()])
    await otherDb.close()
    await database.close()
  })

  test('are those of the first datapoint, for that dialect only; other values go to the ledger', async () => {
    const workspace = makeWorkspace()
    await path.write(workspace, typed('u', { age: 5 }))
    await path.write(workspace, typed('u', { age: 'five', name: 'x' }))
    await other.write(workspace, typed('u', { age: '6' }))
    expect(await attributesOf(workspace)).toEqual([{ age: 5, name: 'x' }])
    expect(await ledgerOf(workspace)).toEqual([
      { reason: 'attribute_type_mismatch', pointer: '/0/age', count: 2 },
    ])
    await path.write(workspace, typed('u', { age: 'five' }), { dialect: 'another' })
    await path.write(workspace, makeCommand(userId('u'), { attributes: { name: [1] } }), {
      dialect: 'untyped',
    })
    expect(await attributesOf(workspace)).toEqual([{ age: 'five', name: [1] }])
    await path.write(makeWorkspace(), typed('u', { age: 'another workspace' }))
    expect(await ledgerOf(workspace)).toHaveLength(1)
  })

  test('are fixed apart for profiles and for the events of each name', async () => {
    const workspace = makeWorkspace()
    const event = (name: string, value: Json) =>
      path.write(
        workspace,
        makeCommand(userId('u'), { event: { name, properties: { value } }, types: { value: typeOf(value) } }),
      )
    await path.write(workspace, typed('u', { value: true }))
    await event('A', 1)
    await event('B', 'one')
    await event('A', 'dropped')
    await event('B', 2)
    const rows = await rowsOf<{ name: string; properties: unknown }>(
      database,
      'select name, properties from event where workspace_id = $1 order by event_id',
      [workspace.id],
    )
    expect(rows.map(({ name, properties }) => [name, properties])).toEqual([
      ['A', { value: 1 }],
      ['B', { value: 'one' }],
      ['A', {}],
      ['B', {}],
    ])
  })

  test('hold at most 25 attributes a type; the 26th goes to the ledger', async () => {
    const workspace = makeWorkspace()
    const many = Object.fromEntries(Array.from({ length: 26 }, (_, n) => [`n${n}`, n]))
    await path.write(workspace, typed('u', many))
    await path.write(workspace, typed('u', { n3: 33, n25: 'as text it has room', late: 1 }))
    const [attributes] = await attributesOf(workspace)
    expect(Object.keys(attributes ?? {})).toHaveLength(26)
    expect(attributes).toMatchObject({ n3: 33, n25: 'as text it has room' })
    expect(await ledgerOf(workspace)).toEqual([
      { reason: 'attribute_type_limit', pointer: '/0/late', count: 1 },
      { reason: 'attribute_type_limit', pointer: '/0/n25', count: 1 },
    ])
  })

  test('are one when two processes send two types for one new attribute: one wins, the other is in the ledger', async () => {
    const workspace = makeWorkspace()
    const names = Array.from({ length: 20 }, (_, n) => `race${n}`)
    await Promise.all(
      names.flatMap((name) => [
        path.write(workspace, typed(name, { [name]: 1 })),
        other.write(workspace, typed(name, { [name]: 'one' })),
      ]),
    )
    const definitions = await rowsOf<{ attribute: string; type: string }>(
      database,
      'select attribute, type from attribute_definition where workspace_id = $1',
      [workspace.id],
    )
    expect(definitions).toHaveLength(20)
    for (const attributes of await attributesOf(workspace)) {
      const [name = '', value = null] = Object.entries(attributes)[0] ?? []
      expect(definitions).toContainEqual({ attribute: name, type: typeOf(value) })
    }
    expect((await ledgerOf(workspace)).reduce((sum, { count }) => sum + count, 0)).toBe(20)
  })

  test('hold exactly 25 under two processes that both add', async () => {
    const workspace = makeWorkspace()
    const add = (through: WritePath, side: string) =>
      Array.from({ length: 30 }, (_, n) => through.write(workspace, typed('u', { [`${side}${n}`]: n })))
    const shown = await Promise.all([...add(path, 'left'), ...add(other, 'right')])
    expect(shown.every(({ ok }) => ok)).toBe(true)
    expect(
      await countOf(database, 'select count(*) from attribute_definition where workspace_id = $1', [
        workspace.id,
      ]),
    ).toBe(25)
    expect(Object.keys((await attributesOf(workspace))[0] ?? {})).toHaveLength(25)
    expect((await ledgerOf(workspace)).reduce((sum, { count }) => sum + count, 0)).toBe(35)
  })

  test('are not fixed by a unit that was rolled back', async () => {
    const workspace = makeWorkspace()
    await database.admin.query(`alter table event add constraint refuse_bad check (name <> 'Bad')`)
    const bad = [typed('u', { fresh: 1 }), makeCommand(userId('u'), { event: { name: 'Bad' } })]
    await expect(path.submit(makeUnit(workspace, bad, { atomic: 'all' }))).rejects.toMatchObject({
      code: 'CDP_INTERNAL',
    })
    await path.write(workspace, typed('u', { fresh: 'text' }))
    expect(await attributesOf(workspace)).toEqual([{ fresh: 'text' }])
    await database.admin.query('alter table event drop constraint refuse_bad')
  })

  async function attributesOf(workspace: Workspace): Promise<Record<string, Json>[]> {
    const rows = await rowsOf<{ attributes: Record<string, Json> }>(
      database,
      'select attributes from profile where workspace_id = $1 order by profile_id',
      [workspace.id],
    )
    return rows.map(({ attributes }) => attributes)
  }

  function ledgerOf(workspace: Workspace): Promise<{ reason: string; pointer: string; count: number }[]> {
    return rowsOf(
      database,
      `select reason, pointer, sum(occurrences)::int as count from rejection where workspace_id = $1 group by 1, 2 order by 2`,
      [workspace.id],
    )
  }
})

function typed(who: string, attributes: Record<string, Json>): Command {
  const types = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, typeOf(value)]))
  return makeCommand(userId(who), { attributes, types })
}

function typeOf(value: Json): AttributeType {
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'number' || type === 'boolean' || type === 'string' ? type : 'object'
}
