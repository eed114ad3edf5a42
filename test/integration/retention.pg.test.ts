import { afterAll, beforeAll, expect, test } from 'vitest'
import { readStatistics } from '../../src/core/statistics/index.ts'
import { maintain, previewRetention } from '../../src/core/workspaces/index.ts'
import { DAY_MS } from '../../src/lib/time.ts'
import type { Workspace, WorkspaceSettings } from '../../src/model/workspace.ts'
import { openPartitions } from '../../src/storage/partitions.ts'
import { saveWorkspace } from '../../src/storage/workspaces.ts'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
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

test('events are forgotten by the days of their name, the others by those of the workspace', async () => {
  const workspace = await stored({ eventDays: 30, eventDaysByName: RULES })
  const names = ['Viewed', 'Bought', 'Other']
  for (const name of names)
    for (const days of [1, 20, 60]) await path.write(workspace, visitNamed(name, days))
  expect(await previewRetention(database.db, workspace, {})).toMatchObject([
    { kind: 'ledger', count: 0 },
    { kind: 'exports', count: 0 },
    { kind: 'events', name: 'Viewed', count: 2, isCapped: false },
    { kind: 'events', name: 'Other', count: 1 },
  ])
  expect(await eventsOf(workspace)).toHaveLength(9)
  expect(await previewRetention(database.db, workspace, { eventDays: 10, ledgerDays: 1 })).toMatchObject([
    { kind: 'ledger', count: 0 },
    { kind: 'exports', count: 0 },
    { kind: 'events', name: 'Viewed', count: 2 },
    { kind: 'events', name: 'Other', count: 2 },
  ])
  expect(await maintain(database.db)).toBe(false)
  expect(await eventsOf(workspace)).toEqual([
    'Bought 1',
    'Bought 20',
    'Bought 60',
    'Other 1',
    'Other 20',
    'Viewed 1',
  ])
  expect(await path.write(workspace, visitNamed('Viewed', 60))).toMatchObject({ duplicate: true })
  await followAll(database)
  const totals = await readStatistics(database.db, workspace.id, ['test'])
  expect(totals).toMatchObject({ events: 6 })
})

test('what is to be forgotten at once is forgotten in steps, and all of it', async () => {
  const workspace = await stored({ eventDays: 10 })
  await path.write(workspace, visitNamed('Many', 100))
  await database.admin.query(
    `insert into event (workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source,
                        properties)
     select workspace_id, profile_id, gen_random_uuid(), occurred_at, received_at, profile_id, name, source, properties
       from event, generate_series(1, 45000) where workspace_id = $1`,
    [workspace.id],
  )
  expect(await maintain(database.db)).toBe(true)
  expect((await eventsOf(workspace)).length).toBe(45_001 - 40_000)
  expect(await maintain(database.db)).toBe(false)
  expect(await eventsOf(workspace)).toEqual([])
})

const RULES = [
  { name: 'Viewed', days: 7 },
  { name: 'Bought', days: 0 },
]

function visitNamed(name: string, days: number): ReturnType<typeof makeCommand> {
  const occurredAt = Date.now() - days * DAY_MS
  const properties = { days }
  return makeCommand(userId('u'), { event: { name, occurredAt, properties, messageId: `${name} ${days}` } })
}

async function eventsOf(workspace: Workspace): Promise<string[]> {
  const rows = await rowsOf<{ event: string }>(
    database,
    `select name || ' ' || (properties ->> 'days') as event from event where workspace_id = $1 order by 1`,
    [workspace.id],
  )
  return rows.map(({ event }) => event)
}

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
