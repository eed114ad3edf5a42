import { afterAll, beforeAll, expect, test } from 'vitest'
import { maintain } from '../../src/core/workspaces/index.ts'
import { DAY_MS } from '../../src/lib/time.ts'
import type { Workspace, WorkspaceSettings } from '../../src/model/workspace.ts'
import { openPartitions } from '../../src/storage/partitions.ts'
import { saveWorkspace } from '../../src/storage/workspaces.ts'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

let database: TestDatabase
let path: WritePath

beforeAll(async () => {
  database = await openTestDatabase()
  path = await openWritePath(database.db)
})
afterAll(async () => {
  await path.close()
  await database.close()
})

test('each workspace forgets what its own settings say, and keeps its events, profiles and the rest', async () => {
  const brief = await stored({ ledgerDays: 5, changeLogDays: 5, dedupeDays: 5 })
  const long = await stored({ ledgerDays: 20, changeLogDays: 0, dedupeDays: 0 })
  const ages = [1, 10, 40]
  for (const workspace of [brief, long]) for (const days of ages) await writeAt(workspace, days)
  await maintain(database.db)
  await maintain(database.db)
  expect(await agesOf('rejection', brief)).toEqual([1])
  expect(await agesOf('rejection', long)).toEqual([1, 10])
  expect(await agesOf('profile_change', brief)).toEqual([1])
  expect(await agesOf('profile_change', long)).toEqual(ages)
  for (const workspace of [brief, long]) {
    expect(
      await countOf(database, 'select count(*) from event where workspace_id = $1', [workspace.id]),
    ).toBe(3)
    expect(
      await countOf(database, 'select count(*) from profile where workspace_id = $1', [workspace.id]),
    ).toBe(3)
  }
  const again = (workspace: Workspace) => path.write(workspace, visit(10))
  expect(await again(brief)).toMatchObject({ duplicate: false })
  expect(await again(long)).toMatchObject({ duplicate: true })
})

test('a write goes on while the days of the ledger are dropped', async () => {
  const workspace = await stored({ ledgerDays: 1 })
  const partitions = await openPartitions(database.db.background)
  for (let days = 50; days < 60; days++) await partitions.ensureLogs(Date.now() - days * DAY_MS)
  const dropped = [{ reason: 'field_unknown', pointer: '', item: 1 }] as const
  const writes = Array.from({ length: 200 }, (_, n) =>
    path.submit(makeUnit(workspace, [makeCommand(userId(`u${n}`))], { dropped })),
  )
  await maintain(database.db)
  expect((await Promise.all(writes)).flat().every(({ ok }) => ok)).toBe(true)
  expect(path.failures).toEqual([])
})

async function stored(settings: Partial<WorkspaceSettings>): Promise<Workspace> {
  const workspace = makeWorkspace(settings)
  await saveWorkspace(database.db.general, { ...workspace, managedBy: 'config' }, Date.now())
  return workspace
}

function visit(days: number): ReturnType<typeof makeCommand> {
  return makeCommand(userId(`u${days}`), { attributes: { days }, event: { messageId: `m${days}` } })
}

/** Everything that a write leaves behind, as if it had been received so many days ago. */
async function writeAt(workspace: Workspace, days: number): Promise<void> {
  const dropped = [{ reason: 'field_unknown', pointer: '', item: days }] as const
  const receivedAt = Date.now() - days * DAY_MS
  await path.submit(makeUnit(workspace, [visit(days)], { receivedAt, dropped }))
}

async function agesOf(table: 'rejection' | 'profile_change', workspace: Workspace): Promise<number[]> {
  const rows = await rowsOf<{ at: Date }>(
    database,
    `select at from ${table} where workspace_id = $1 order by at desc`,
    [workspace.id],
  )
  return rows.map(({ at }) => Math.round((Date.now() - at.getTime()) / DAY_MS))
}
