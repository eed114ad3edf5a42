import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyDeclaration, DEFAULT_SETTINGS } from '../../src/core/workspaces/index.ts'
import { followBatches, readStatistics } from '../../src/core/statistics/index.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

describe.each(MAJORS)('years of operation on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath

  beforeEach(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
  })
  afterEach(async () => {
    await path.close()
    await database.close()
  })

  test('a dump restored into another cluster goes on counting, each flush once', async () => {
    const workspace = makeWorkspace()
    const event = { name: 'Seen' }
    await path.write(workspace, makeCommand(userId('u'), { event }))
    await followAll(database)
    await path.write(workspace, makeCommand(userId('u'), { event }))
    // What a dump brings along: transaction ids of a cluster that was far ahead of this one.
    await database.admin.query(
      `update ingest_batch set xid = ((xid::text)::numeric + 1000000000)::text::xid8`,
    )
    await database.admin.query(
      `update follower set position = ((position::text)::numeric + 1000000000)::text::xid8`,
    )
    await migrate(database.db)
    await path.write(workspace, makeCommand(userId('u'), { event }))
    const read = async (): Promise<number> => {
      await followBatches(database.db)
      return (await readStatistics(database.db, workspace.id, [])).events
    }
    await expect.poll(read).toBe(3)
    await migrate(database.db)
    expect(await read()).toBe(3)
  })

  test('two workspaces may swap their names', async () => {
    const workspace = (name: string, last: number) => ({
      name,
      guid: `aaaaaaaa-0000-4000-8000-00000000000${last}`,
      settings: DEFAULT_SETTINGS,
      keys: [],
    })
    const declare = (first: string, second: string): Promise<void> =>
      applyDeclaration(
        database.db,
        { workspaces: [workspace(first, 1), workspace(second, 2)], users: [] },
        'config',
      )
    await declare('North', 'South')
    await declare('South', 'North')
    const rows = await rowsOf<{ name: string }>(database, 'select name from workspace order by guid')
    expect(rows.map(({ name }) => name)).toEqual(['South', 'North'])
  })
})

describe('bounds', () => {
  let database: TestDatabase
  let path: WritePath

  beforeEach(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
  })
  afterEach(async () => {
    await path.close()
    await database.close()
  })

  test('bodies that wait are bounded in bytes, and what was taken is stored', async () => {
    const workspace = makeWorkspace()
    const bytes = 100 * 1024 ** 2
    const units = ['a', 'b', 'c'].map((user) =>
      path.submit(makeUnit(workspace, [makeCommand(userId(user), { event: {} })], { bytes })),
    )
    const settled = await Promise.allSettled(units)
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(settled[2]).toMatchObject({ reason: { code: 'CDP_OVERLOADED', retryAfterSeconds: 1 } })
    expect(
      await path.submit(makeUnit(workspace, [makeCommand(userId('c'), { event: {} })], { bytes })),
    ).toHaveLength(1)
    expect(await countOf(database, 'select count(*) from event')).toBe(3)
  })

  test('events with an empty messageId are not one event', async () => {
    const workspace = makeWorkspace()
    const event = { name: 'Seen', messageId: '' }
    await path.write(workspace, makeCommand(userId('u'), { event }))
    await path.write(workspace, makeCommand(userId('u'), { event }))
    expect(await countOf(database, 'select count(*) from event')).toBe(2)
  })
})
