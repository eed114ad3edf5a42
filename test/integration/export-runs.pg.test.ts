import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { forgetExports, withdrawExportsOf } from '../../src/core/exports/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { previewRetention } from '../../src/core/workspaces/index.ts'
import { DAY_MS, now, useClock } from '../../src/lib/time.ts'
import type { ExportTask } from '../../src/model/export.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { inTransaction } from '../../src/storage/db.ts'
import { inSnapshot } from '../../src/storage/exports/snapshot.ts'
import { countOf, rowsOf } from '../setup/database.ts'
import { makeCommand, userId } from '../setup/ingest.ts'
import { linesOf, openExportPath, runExports } from '../setup/exports.ts'
import type { ExportPath } from '../setup/exports.ts'

let setup: ExportPath
let restoreClock = (): void => undefined

beforeAll(async () => {
  setup = await openExportPath()
})

afterEach(() => restoreClock())

afterAll(() => setup.close())

async function people(count: number): Promise<{ workspace: Workspace; profileIds: number[] }> {
  const workspace = await setup.declared()
  const profileIds: number[] = []
  for (let n = 0; n < count; n++) {
    const { profileId } = await setup.path.write(workspace, makeCommand(userId(`u${n}`)))
    profileIds.push(profileId!)
  }
  return { workspace, profileIds }
}

const stateOf = async (task: ExportTask): Promise<string> => (await setup.exports.get(task)).state

/** Runs with the table of profiles locked, so that whatever reads it waits. */
async function whileBlocked(work: () => Promise<void>): Promise<void> {
  await setup.database.admin.query('begin; lock table profile in access exclusive mode')
  try {
    await work()
  } finally {
    await setup.database.admin.query('rollback')
  }
}

/** How many wait for a lock; the transaction that holds it sees what it saw first, unless it is told not to. */
const isWaiting = async (): Promise<number> => {
  await setup.database.admin.query('select pg_stat_clear_snapshot()')
  const sql = `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  return countOf(setup.database, sql)
}

const partsOf = ({ exportId }: ExportTask): Promise<number> =>
  countOf(setup.database, 'select count(*) from export_part where export_id = $1', [exportId])

test('an export tells how far it is, and its file is readable by its owner alone', async () => {
  const { workspace } = await people(3)
  const task = await setup.ask(workspace)
  expect(task).toMatchObject({ state: 'queued', rows: 0, bytes: 0, createdBy: 'command line' })
  await runExports(setup.exports)
  const ready = await setup.exports.get(task)
  const bytes = await setup.bytesOf(task)
  expect(ready).toMatchObject({ state: 'ready', rows: 3, bytes: bytes.length, lastError: undefined })
  expect(ready.expiresAt).toBe(ready.endedAt! + 7 * DAY_MS)
  expect(
    await setup.exports.list({ workspaceId: workspace.id, state: 'ready', idMax: undefined, limit: 9 }),
  ).toEqual([expect.objectContaining({ exportId: task.exportId })])
  const acts = await rowsOf(setup.database, 'select action, object from audit_log where workspace_id = $1', [
    workspace.id,
  ])
  expect(acts).toEqual([{ action: 'export.create', object: String(task.exportId) }])
})

test('what a process that died has begun is begun anew once its claim ends, and what it left is deleted', async () => {
  const { workspace } = await people(3)
  const task = await setup.ask(workspace)
  const claim = randomUUID()
  await setup.database.admin.query(
    `update export set state = 'running', attempts = 1, claim = $2, claimed_until = $3 where export_id = $1`,
    [task.exportId, claim, new Date(now() + 30_000)],
  )
  await setup.database.admin.query(`insert into export_part values ($1, $2, 1, 0, 9, 0, 1, 1, 1, '{1}')`, [
    workspace.id,
    task.exportId,
  ])
  const left = `${workspace.id}-${task.exportId}-${claim}.ndjson.part`
  await writeFile(join(setup.folder, left), 'half a row')
  // It may still be alive: nobody takes its work or its file away.
  expect(await setup.exports.run()).toBe(false)
  await forgetExports(setup.database.db, setup.folder)
  expect(await setup.files()).toContain(left)
  const later = now() + 31_000
  restoreClock = useClock(() => later)
  await runExports(setup.exports)
  expect(await setup.exports.get(task)).toMatchObject({ state: 'ready', rows: 3 })
  expect(linesOf(await setup.bytesOf(task))).toHaveLength(3)
  expect(await setup.files()).not.toContain(left)
  expect(await partsOf(task)).toBe(1)
})

test('a cancelled export ends also in the middle of a statement, and leaves nothing', async () => {
  const { workspace } = await people(2)
  const task = await setup.ask(workspace)
  await whileBlocked(async () => {
    const running = setup.exports.run()
    await expect.poll(isWaiting).toBeGreaterThan(0)
    expect(await stateOf(task)).toBe('running')
    expect(await setup.exports.cancel(task, COMMAND_LINE)).toMatchObject({ state: 'cancelled' })
    expect(await running).toBe(true)
  })
  expect(await stateOf(task)).toBe('cancelled')
  expect((await setup.files()).filter((name) => name.includes(`-${task.exportId}-`))).toEqual([])
  await expect(setup.exports.cancel(task, COMMAND_LINE)).rejects.toMatchObject({ code: 'CDP_EXPORT_STATE' })
  await expect(setup.exports.cancel({ ...task, exportId: 1 }, COMMAND_LINE)).rejects.toMatchObject({
    code: 'CDP_EXPORT_NOT_FOUND',
  })
})

test('a process that stops gives its export back at once, and that was no try', async () => {
  const { workspace } = await people(2)
  const task = await setup.ask(workspace)
  const stopping = setup.open()
  await whileBlocked(async () => {
    const running = stopping.run()
    await expect.poll(isWaiting).toBeGreaterThan(0)
    stopping.close()
    await running
  })
  const [row] = await rowsOf(setup.database, 'select state, attempts from export where export_id = $1', [
    task.exportId,
  ])
  expect(row).toEqual({ state: 'queued', attempts: 0 })
  expect(await stopping.run()).toBe(false)
  await runExports(setup.exports)
  expect(await stateOf(task)).toBe('ready')
})

test('two processes never write the same export', async () => {
  const { workspace } = await people(2)
  const tasks = [await setup.ask(workspace), await setup.ask(workspace), await setup.ask(workspace)]
  const another = setup.database.openAnother()
  await Promise.all([runExports(setup.exports), runExports(setup.open(another))])
  for (const task of tasks) expect(await setup.exports.get(task)).toMatchObject({ state: 'ready', rows: 2 })
  await another.close()
})

test('an export whose file cannot be written is tried again, ever later, then fails and says why', async () => {
  const { workspace } = await people(1)
  const file = join(setup.folder, 'no folder')
  await writeFile(file, '')
  const hindered = setup.open(setup.database.db, join(file, 'below'))
  const task = await setup.ask(workspace)
  let time = now()
  restoreClock = useClock(() => time)
  const before = setup.errors.length
  for (let minute = 0; minute < 10; minute++) {
    await runExports(hindered)
    time += 60_000
  }
  expect(setup.errors.splice(before)).toHaveLength(5)
  expect(await setup.exports.get(task)).toMatchObject({
    state: 'failed',
    lastError: 'CDP_FILE_UNWRITABLE: A file cannot be written: ENOTDIR.',
  })
  await runExports(setup.exports)
  expect(await stateOf(task)).toBe('failed')
})

test('a file goes when its time is over, and is nobody’s before that is noticed; the export is forgotten with the ledger', async () => {
  const { workspace } = await people(1)
  const task = await setup.ask(workspace)
  await runExports(setup.exports)
  const link = setup.exports.link(workspace, await setup.exports.get(task))!
  let time = now()
  restoreClock = useClock(() => time)
  const mine = async (): Promise<number> =>
    (await setup.files()).filter((name) => name.includes(`-${task.exportId}-`)).length
  await forgetExports(setup.database.db, setup.folder)
  expect(await mine()).toBe(1)
  time += 7 * DAY_MS + 1_000
  expect(await stateOf(task)).toBe('expired')
  await expect(setup.exports.download(link)).rejects.toMatchObject({ code: 'CDP_LINK_INVALID' })
  await expect(setup.exports.readRows(task, { offset: 0, limit: 1 })).rejects.toMatchObject({
    code: 'CDP_EXPORT_STATE',
  })
  await forgetExports(setup.database.db, setup.folder)
  expect([await mine(), await partsOf(task), await stateOf(task)]).toEqual([0, 0, 'expired'])
  time += 31 * DAY_MS
  await forgetExports(setup.database.db, setup.folder)
  await expect(setup.exports.get(task)).rejects.toMatchObject({ code: 'CDP_EXPORT_NOT_FOUND' })
})

test('a shorter time holds for files that are written already, and a preview counts them', async () => {
  const { workspace } = await people(1)
  const task = await setup.ask(workspace)
  await runExports(setup.exports)
  const later = now() + 2 * DAY_MS
  restoreClock = useClock(() => later)
  const { db, admin } = setup.database
  const going = async (exportDays?: number): Promise<number | undefined> =>
    (await previewRetention(db, workspace, exportDays === undefined ? {} : { exportDays })).find(
      ({ kind }) => kind === 'exports',
    )?.count
  expect([await going(), await going(1)]).toEqual([0, 1])
  await forgetExports(db, setup.folder)
  expect(await stateOf(task)).toBe('ready')
  await admin.query(
    `update workspace set settings = settings || '{"exportDays":1}' where workspace_id = $1`,
    [workspace.id],
  )
  await forgetExports(db, setup.folder)
  expect(await stateOf(task)).toBe('expired')
  const left = (await setup.files()).filter((name) => name.startsWith(`${workspace.id}-`))
  expect(left).toEqual([])
})

test('files that belong to nothing are deleted, whatever else lies there stays', async () => {
  const orphan = `1-99999-${randomUUID()}.csv.gz`
  await writeFile(join(setup.folder, orphan), '')
  await writeFile(join(setup.folder, 'notes.txt'), '')
  await forgetExports(setup.database.db, setup.folder)
  expect(await setup.files()).not.toContain(orphan)
  expect(await setup.files()).toContain('notes.txt')
})

const withdraw = (workspaceId: number, profileIds: readonly number[]): Promise<number[]> =>
  inTransaction(setup.database.db.background, (tx) =>
    withdrawExportsOf(tx, setup.folder, { workspaceId, profileIds }),
  )

test('exports that hold a person are withdrawn with their files, by any id that leads to that one; others stay', async () => {
  const { workspace, profileIds } = await people(4)
  const [first = 0, second = 0, third = 0, fourth = 0] = profileIds
  await setup.path.write(workspace, makeCommand(userId('u3'), { event: { name: 'Seen' } }))
  const merge = { workspace, loserIds: [fourth], winnerId: third, by: 'test' }
  await openProfiles(setup.database.db).merge(merge)
  const all = await setup.ask(workspace)
  const events = await setup.ask(workspace, { kind: 'events' })
  const none = await setup.ask(workspace, { kind: 'events', names: ['Other'] })
  await runExports(setup.exports)
  const holding = (ids: number[]): Promise<number[]> => withdraw(workspace.id, ids)
  expect(await holding([9_999_999])).toEqual([])
  // Ids are not shared between workspaces, and still another one's is nobody's here.
  expect(await withdraw(workspace.id + 1, [first])).toEqual([])
  expect(await holding([fourth])).toEqual([all.exportId, events.exportId])
  expect(await stateOf(none)).toBe('ready')
  await expect(setup.exports.get(all)).rejects.toMatchObject({ code: 'CDP_EXPORT_NOT_FOUND' })
  const left = (await setup.files()).filter((name) => name.startsWith(`${workspace.id}-`))
  expect(left).toHaveLength(1)
  const again = await setup.ask(workspace)
  await runExports(setup.exports)
  expect(await holding([second])).toEqual([again.exportId])
})

test('an export that ends before its connection is made keeps no connection', async () => {
  const { exports: pool } = setup.database.db
  const inUse = (): number => pool.totalCount - pool.idleCount
  expect(inUse()).toBe(0)
  const ending = new AbortController()
  const work = inSnapshot(pool, ending.signal, () => Promise.resolve())
  ending.abort(new Error('ended'))
  await expect(work).rejects.toThrow('ended')
  expect(inUse()).toBe(0)
})

test('an export that is being written while a person is erased begins anew', async () => {
  const { workspace, profileIds } = await people(2)
  const task = await setup.ask(workspace)
  await whileBlocked(async () => {
    const running = setup.exports.run()
    await expect.poll(isWaiting).toBeGreaterThan(0)
    await withdraw(workspace.id, profileIds)
    expect(await running).toBe(true)
  })
  expect(await stateOf(task)).toBe('queued')
  await openProfiles(setup.database.db).delete(workspace, { profileId: profileIds[0]! })
  await runExports(setup.exports)
  expect(await setup.exports.get(task)).toMatchObject({ state: 'ready', rows: 1 })
})
