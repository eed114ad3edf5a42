import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { now, useClock } from '../../src/lib/time.ts'
import { CdpError } from '../../src/model/errors.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { countOf, rowsOf } from '../setup/database.ts'
import { openWritePath } from '../setup/ingest.ts'
import { openImportPath, people, runAll } from '../setup/imports.ts'
import type { ImportPath } from '../setup/imports.ts'

let setup: ImportPath

beforeAll(async () => {
  setup = await openImportPath()
})

afterAll(() => setup.close())

const EVENTS = [
  { target: 'userId', column: 'id' },
  { target: 'name', constant: 'Seen' },
]

const profileCount = ({ id }: Workspace): Promise<number> =>
  countOf(setup.database, 'select count(*) from profile where workspace_id = $1', [id])

test('a process that dies between commit and note leaves an import that is taken up: each row is stored and counted once', async () => {
  const workspace = await setup.declared()
  const rows = people(375).map((row) => ({ ...row, values: { ...(row.values as object), id: 'one' } }))
  // Events without an id of their own: only the key of the chunk keeps them from being stored twice.
  const task = await setup.accept(workspace, [...rows, { line: 9_999, values: { id: '' } }], {
    type: 'events',
    columns: EVENTS,
  })
  const dying = setup.open(setup.database.db, {
    queuedCommands: 0,
    submit: async (unit) => {
      await setup.path.ingest.submit(unit)
      // As a killed process does it: the answer is never heard.
      return new Promise(() => undefined)
    },
  })
  void dying.run()
  const events = 'select count(*) from event where workspace_id = $1'
  await expect.poll(() => countOf(setup.database, events, [workspace.id])).toBe(250)
  expect(await setup.imports.run()).toBe(false)
  const later = now() + 61_000
  const restore = useClock(() => later)
  await runAll(setup.imports)
  restore()
  expect(await countOf(setup.database, events, [workspace.id])).toBe(375)
  const done = await setup.imports.get(task)
  expect(done).toMatchObject({ state: 'done', processed: 376, created: 1, updated: 374, refused: 1 })
  expect(await setup.imports.refusals(task, { after: 0, limit: 9 })).toHaveLength(1)
})

test('two processes work on different imports, and on the same one never at once', async () => {
  const workspace = await setup.declared()
  const tasks = [
    await setup.accept(workspace, people(750)),
    await setup.accept(workspace, people(750, 10_001)),
  ]
  const another = setup.database.openAnother()
  const second = await openWritePath(another)
  const other = setup.open(another, second.ingest)
  await Promise.all([runAll(setup.imports), runAll(other), runAll(setup.imports), runAll(other)])
  for (const task of tasks)
    expect(await setup.imports.get(task)).toMatchObject({ state: 'done', processed: 750, created: 750 })
  expect(await profileCount(workspace)).toBe(1_500)
  await second.close()
  await another.close()
})

test('an import pauses between two chunks, goes on where it was, and can be cancelled', async () => {
  const workspace = await setup.declared()
  const task = await setup.accept(workspace, people(625))
  await setup.imports.run()
  expect(await setup.imports.move(task, 'pause', COMMAND_LINE)).toMatchObject({ state: 'paused' })
  expect(await setup.imports.run()).toBe(false)
  expect(await setup.imports.get(task)).toMatchObject({ state: 'paused', processed: 250 })
  await setup.imports.move(task, 'resume', COMMAND_LINE)
  await setup.imports.run()
  await setup.imports.move(task, 'cancel', COMMAND_LINE)
  await runAll(setup.imports)
  expect(await setup.imports.get(task)).toMatchObject({
    state: 'cancelled',
    processed: 500,
    created: 500,
  })
  expect(await profileCount(workspace)).toBe(500)
  await expect(setup.imports.move(task, 'resume', COMMAND_LINE)).rejects.toMatchObject({
    code: 'CDP_IMPORT_STATE',
  })
  const acts = await rowsOf<{ action: string }>(
    setup.database,
    'select action from audit_log where workspace_id = $1 order by at, audit_id',
    [workspace.id],
  )
  expect(acts.map(({ action }) => action)).toEqual(['import.pause', 'import.resume', 'import.cancel'])
})

test('a chunk that is being stored while its import is paused counts', async () => {
  const workspace = await setup.declared()
  const task = await setup.accept(workspace, people(375))
  const pausing = setup.open(setup.database.db, {
    queuedCommands: 0,
    submit: async (unit) => {
      const answer = await setup.path.ingest.submit(unit)
      await setup.imports.move(task, 'pause', COMMAND_LINE)
      return answer
    },
  })
  await pausing.run()
  expect(await setup.imports.get(task)).toMatchObject({ state: 'paused', processed: 250, created: 250 })
})

test('a chunk that fails for a reason of ours is tried again, ever later, then the import fails and says why', async () => {
  const workspace = await setup.declared()
  const [bad, good] = [
    await setup.accept(workspace, people(1), { kind: 'broken' }),
    await setup.accept(workspace, people(5)),
  ]
  let time = now()
  const restore = useClock(() => time)
  const tries: number[] = []
  for (let minute = 0; minute < 60; minute++) {
    const before = setup.errors.length
    await runAll(setup.imports)
    if (setup.errors.length > before) tries.push(minute)
    time += 60_000
  }
  restore()
  expect(tries).toHaveLength(10)
  expect(tries.at(-1)).toBeGreaterThan(8)
  expect(await setup.imports.get(good)).toMatchObject({ state: 'done', created: 5 })
  const failed = await setup.imports.get(bad)
  expect(failed).toMatchObject({ state: 'failed', processed: 0 })
  expect(failed.lastError).toMatch(/^CDP_INTERNAL: /)
  await setup.imports.move(bad, 'resume', COMMAND_LINE)
  expect(await setup.imports.get(bad)).toMatchObject({
    state: 'queued',
    lastError: undefined,
    endedAt: undefined,
  })
  await setup.imports.move(bad, 'cancel', COMMAND_LINE)
})

test('a server at its limit makes an import wait, and that is no failure', async () => {
  const workspace = await setup.declared()
  const task = await setup.accept(workspace, people(1))
  const submit = setup.path.ingest.submit.bind(setup.path.ingest)
  const busy = setup.open(setup.database.db, { queuedCommands: 500, submit })
  expect(await busy.run()).toBe(false)
  const full = setup.open(setup.database.db, {
    queuedCommands: 0,
    submit: () => Promise.reject(new CdpError('CDP_OVERLOADED', { retryAfterSeconds: 1 })),
  })
  let time = now()
  const restore = useClock(() => time)
  for (let tries = 0; tries < 20; tries++) {
    await runAll(full)
    time += 2_000
  }
  await runAll(setup.imports)
  restore()
  expect(await setup.imports.get(task)).toMatchObject({ state: 'done', created: 1, lastError: undefined })
})
