import { afterAll, beforeAll, expect, test } from 'vitest'
import { forgetImports } from '../../src/core/imports/index.ts'
import { DAY_MS, now, useClock } from '../../src/lib/time.ts'
import { CdpError } from '../../src/model/errors.ts'
import type { ImportTask, ImportedRow } from '../../src/model/import.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { countOf } from '../setup/database.ts'
import { openImportPath, people, runAll } from '../setup/imports.ts'
import type { ImportPath } from '../setup/imports.ts'
import { PostgresProxy } from '../setup/proxy.ts'

let setup: ImportPath

beforeAll(async () => {
  setup = await openImportPath()
})

afterAll(() => setup.close())

const profileCount = ({ id }: Workspace): Promise<number> =>
  countOf(setup.database, 'select count(*) from profile where workspace_id = $1', [id])

const changeCount = ({ id }: Workspace): Promise<number> =>
  countOf(setup.database, 'select count(*) from profile_change where workspace_id = $1', [id])

test('an import is stored row by row, counts what became of them, and a second run of it changes nothing', async () => {
  const workspace = await setup.declared()
  const accepted = await setup.accept(workspace, people(625))
  expect(accepted).toMatchObject({ state: 'queued', total: 625, processed: 0 })
  expect(await setup.imports.run()).toBe(true)
  expect(await setup.imports.get(accepted)).toMatchObject({
    state: 'running',
    processed: 250,
    created: 250,
  })
  await runAll(setup.imports)
  const done = await setup.imports.get(accepted)
  expect(done).toMatchObject({ state: 'done', processed: 625, created: 625, updated: 0, refused: 0 })
  expect(done.endedAt).toBeGreaterThanOrEqual(done.startedAt ?? Infinity)
  const changes = await changeCount(workspace)
  const again = await setup.accept(workspace, people(625))
  await runAll(setup.imports)
  expect(await setup.imports.get(again)).toMatchObject({ state: 'done', created: 0, updated: 625 })
  expect([await profileCount(workspace), await changeCount(workspace)]).toEqual([625, changes])
})

test('refused rows are kept with their line, reason and item, in the ledger too; the others are stored', async () => {
  const workspace = await setup.declared()
  const rows: ImportedRow[] = [
    ...people(2),
    { line: 3, values: { id: '', plan: 'gold' } },
    { line: 4, values: { id: 'u4', age: 'old' } },
    { line: 5, problem: 'the line is not JSON', text: '{"a\u0000' },
    { line: 6, values: { id: 'u6' } },
  ]
  const task = await setup.accept(workspace, rows)
  await runAll(setup.imports)
  expect(await setup.imports.get(task)).toMatchObject({ state: 'done', processed: 6, created: 3, refused: 3 })
  const refusals = await setup.imports.refusals(task, { after: 0, limit: 10 })
  expect(refusals).toEqual([
    expect.objectContaining({ line: 3, code: 'CDP_IDENTIFIER_MISSING', item: { id: '', plan: 'gold' } }),
    expect.objectContaining({ line: 4, code: 'CDP_BODY_INVALID', pointer: '/age' }),
    expect.objectContaining({ line: 5, detail: 'the line is not JSON', item: '{"a\u0000' }),
  ])
  expect(await setup.imports.refusals(task, { after: 3, limit: 1 })).toMatchObject([{ line: 4 }])
  const ledger = 'select count(*) from rejection where workspace_id = $1'
  await expect.poll(() => countOf(setup.database, ledger, [workspace.id])).toBe(3)
})

test('nobody sees an import before its last row is stored, and an upload that breaks leaves nothing', async () => {
  const workspace = await setup.declared()
  async function* breaking(): AsyncGenerator<ImportedRow> {
    yield* people(375)
    expect(await setup.imports.run()).toBe(false)
    expect(await listOf(workspace)).toEqual([])
    throw new CdpError('CDP_CLIENT_GONE')
  }
  await expect(setup.accept(workspace, breaking())).rejects.toMatchObject({ code: 'CDP_CLIENT_GONE' })
  for (const table of ['import', 'import_chunk'])
    expect(
      await countOf(setup.database, `select count(*) from ${table} where workspace_id = $1`, [workspace.id]),
    ).toBe(0)
})

const listOf = ({ id: workspaceId }: Workspace): Promise<ImportTask[]> =>
  setup.imports.list({ workspaceId, sort: { by: 'id', order: 'desc' }, offset: 0, limit: 10 })

test('an upload whose process died is forgotten, and goes on no more', async () => {
  const workspace = await setup.declared()
  let later = now()
  async function* stalling(): AsyncGenerator<ImportedRow> {
    yield* people(1_001)
    later = now() + 2 * 3_600_000
    const restore = useClock(() => later)
    await forgetImports(setup.database.db)
    restore()
    yield* people(1_000, 2_000)
  }
  await expect(setup.accept(workspace, stalling())).rejects.toMatchObject({ code: 'CDP_OVERLOADED' })
  expect(
    await countOf(setup.database, 'select count(*) from import_chunk where workspace_id = $1', [
      workspace.id,
    ]),
  ).toBe(0)
})

test('a dry run counts and refuses, and stores nothing', async () => {
  const workspace = await setup.declared()
  const task = await setup.accept(workspace, [...people(3), { line: 4, values: { id: '' } }], {
    isDryRun: true,
  })
  await runAll(setup.imports)
  const counts = { processed: 4, created: 0, updated: 0, refused: 1 }
  expect(await setup.imports.get(task)).toMatchObject({ state: 'done', isDryRun: true, ...counts })
  expect(await setup.imports.refusals(task, { after: 0, limit: 9 })).toMatchObject([{ line: 4 }])
  expect(await profileCount(workspace)).toBe(0)
})

test('an import without rows is done at once', async () => {
  expect(await setup.accept(await setup.declared(), [])).toMatchObject({ state: 'done', total: 0 })
})

test('the same Idempotency-Key gives the first import, and the rows that came again are not kept', async () => {
  const workspace = await setup.declared()
  const first = await setup.accept(workspace, people(3), { key: 'once' })
  expect(await setup.accept(workspace, people(3), { key: 'once' })).toEqual(first)
  expect(await listOf(workspace)).toHaveLength(1)
  expect(
    await countOf(setup.database, 'select count(*) from import_chunk where workspace_id = $1', [
      workspace.id,
    ]),
  ).toBe(1)
  await runAll(setup.imports)
})

test('an import whose acceptance was committed and not heard keeps its rows, and the same request gets it', async () => {
  const workspace = await setup.declared()
  const proxy = await PostgresProxy.open(setup.database.connectionString)
  const db = setup.database.openAnother(proxy.connectionString)
  proxy.rule = (sql) => (sql === 'commit' ? 'swallow' : 'pass')
  const lost = setup.accept(workspace, people(3), { key: 'unheard', imports: setup.open(db) })
  await expect(lost).rejects.toMatchObject({ kind: 'unavailable' })
  await db.close()
  await proxy.close()
  const task = await setup.accept(workspace, people(3), { key: 'unheard' })
  await runAll(setup.imports)
  expect(await setup.imports.get(task)).toMatchObject({ state: 'done', created: 3 })
  expect(await listOf(workspace)).toHaveLength(1)
})

test('an import of another workspace is not found', async () => {
  const [mine, theirs] = [await setup.declared(), await setup.declared()]
  const { importId } = await setup.accept(mine, people(1))
  const foreign = { workspaceId: theirs.id, importId }
  await expect(setup.imports.get(foreign)).rejects.toMatchObject({ code: 'CDP_IMPORT_NOT_FOUND' })
  await expect(setup.imports.move(foreign, 'cancel', COMMAND_LINE)).rejects.toMatchObject({
    code: 'CDP_IMPORT_NOT_FOUND',
  })
  expect(await setup.imports.refusals(foreign, { after: 0, limit: 9 })).toEqual([])
  await runAll(setup.imports)
})

test('rows are forgotten a week after the end, the import and its refusals with the ledger', async () => {
  const workspace = await setup.declared()
  const task = await setup.accept(workspace, [...people(1), { line: 2, values: { id: '' } }])
  await runAll(setup.imports)
  const counts = async (): Promise<number[]> => {
    const found: number[] = []
    for (const table of ['import', 'import_chunk', 'import_refusal'])
      found.push(
        await countOf(setup.database, `select count(*) from ${table} where workspace_id = $1`, [
          workspace.id,
        ]),
      )
    return found
  }
  const forgetAfter = async (days: number): Promise<number[]> => {
    const later = now() + days * DAY_MS
    const restore = useClock(() => later)
    await forgetImports(setup.database.db)
    restore()
    return counts()
  }
  expect(await forgetAfter(6)).toEqual([1, 1, 1])
  expect(await forgetAfter(8)).toEqual([1, 0, 1])
  await expect(setup.imports.move(task, 'resume', COMMAND_LINE)).rejects.toMatchObject({
    code: 'CDP_IMPORT_STATE',
  })
  expect(await forgetAfter(31)).toEqual([0, 0, 0])
})
