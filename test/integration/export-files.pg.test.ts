import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { now } from '../../src/lib/time.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { asArrayBuffer, linesOf, openExportPath, runExports } from '../setup/exports.ts'
import type { ExportPath } from '../setup/exports.ts'

let setup: ExportPath

beforeAll(async () => {
  setup = await openExportPath()
})

afterAll(async () => {
  expect(setup.errors).toEqual([])
  await setup.close()
})

test('a file of many parts is whole in every format, compressed or not, and rows are read from the middle of it', async () => {
  const workspace = await setup.declared()
  await setup.database.admin.query(
    `insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
     select $1, 5000000 + n, 1, jsonb_build_object('n', n), now(), now() from generate_series(0, 9999) n`,
    [workspace.id],
  )
  const expected = Array.from({ length: 10_000 }, (_, n) => n)
  const fields = ['attributes.n']
  const plain = await setup.written(workspace, { fields })
  expect(linesOf(plain).map((row) => row['attributes.n'])).toEqual(expected)
  const packed = await setup.ask(workspace, { fields, isGzip: true })
  await runExports(setup.exports)
  expect(gunzipSync(await setup.bytesOf(packed)).equals(plain)).toBe(true)
  const csv = gunzipSync(await setup.written(workspace, { fields, format: 'csv', isGzip: true }))
  expect(parse(csv, { from_line: 2 }).map(([n]: string[]) => Number(n))).toEqual(expected)
  const parquet = asArrayBuffer(await setup.written(workspace, { fields, format: 'parquet' }))
  expect((await parquetReadObjects({ file: parquet })).map((row) => row['attributes.n'])).toEqual(expected)
  for (const [offset, limit] of [
    [0, 3],
    [150, 100],
    [4_190, 20],
    [9_990, 100],
    [10_000, 5],
    [199, 9_000],
  ] as const) {
    const rows = await setup.exports.readRows(packed, { offset, limit })
    expect(rows.map((row) => row['attributes.n'])).toEqual(expected.slice(offset, offset + limit))
  }
})

test('places in a file are counted in bytes, whatever letters it has', async () => {
  const workspace = await setup.declared()
  await setup.database.admin.query(
    `insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
     select $1, 5500000 + n, 1, jsonb_build_object('city', 'Łódź ' || n), now(), now() from generate_series(0, 999) n`,
    [workspace.id],
  )
  const task = await setup.ask(workspace, { fields: ['attributes.city'] })
  await runExports(setup.exports)
  expect((await setup.exports.get(task)).bytes).toBe((await setup.bytesOf(task)).length)
  const rows = await setup.exports.readRows(task, { offset: 700, limit: 2 })
  expect(rows.map((row) => row['attributes.city'])).toEqual(['Łódź 700', 'Łódź 701'])
})

test('an export of nobody is a valid file in every format', async () => {
  const workspace = await setup.declared()
  expect(await setup.written(workspace)).toHaveLength(0)
  expect(gunzipSync(await setup.written(workspace, { isGzip: true }))).toHaveLength(0)
  expect(parse(await setup.written(workspace, { format: 'csv', fields: ['userId'] }))).toEqual([['userId']])
  const parquet = asArrayBuffer(await setup.written(workspace, { format: 'parquet' }))
  expect(await parquetReadObjects({ file: parquet })).toEqual([])
})

test('rows of one workspace only, and of a segment only those who belong to it', async () => {
  const [mine, theirs] = [await setup.declared(), await setup.declared()]
  await setup.store(mine, 'a', { plan: 'gold' })
  await setup.store(mine, 'b', { plan: 'free' })
  await setup.store(mine, 'c', { plan: 'gold' })
  await setup.store(theirs, 'a', { plan: 'gold' })
  const segmentId = '019c1371-9a80-7c5e-8a41-6f2f0c1d2e3f'
  const definition = { type: 'attribute', name: 'plan', operator: 'equals', value: 'gold' }
  await setup.database.admin.query(
    `insert into segment values ($1, $2, 'gold', $3, 1, now(), 'test', now(), 'test')`,
    [mine.id, segmentId, JSON.stringify(definition)],
  )
  const fields = ['userId']
  const users = async (workspace: Workspace, filter = {}): Promise<unknown[]> =>
    linesOf(await setup.written(workspace, { fields, ...filter })).map((row) => row['userId'])
  expect(await users(mine)).toEqual(['a', 'b', 'c'])
  expect(await users(mine, { segmentId })).toEqual(['a', 'c'])
  for (const [workspace, wanted] of [
    [theirs, segmentId],
    [mine, 'none'],
  ] as const)
    await expect(setup.ask(workspace, { segmentId: wanted })).rejects.toMatchObject({
      code: 'CDP_SEGMENT_NOT_FOUND',
    })
  // What the segment said when the export was asked for is what counts.
  const task = await setup.ask(mine, { fields, segmentId })
  await setup.database.admin.query('delete from segment where segment_id = $1', [segmentId])
  await runExports(setup.exports)
  expect(linesOf(await setup.bytesOf(task))).toHaveLength(2)
})

test('all rows show one instant, also those that are read while others write', async () => {
  const workspace = await setup.declared()
  const rows = 6_000
  await setup.database.admin.query(
    `insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
     select $1, 6000000 + n, 1, '{"wave": 0}', now(), now() from generate_series(1, $2::integer) n`,
    [workspace.id, rows],
  )
  const task = await setup.ask(workspace, { fields: ['attributes.wave'] })
  const over = new AbortController()
  let waves = 0
  const writing = (async () => {
    while (!over.signal.aborted)
      await setup.database.admin.query(
        `update profile set attributes = jsonb_build_object('wave', $2::integer) where workspace_id = $1`,
        [workspace.id, ++waves],
      )
  })()
  const before = now()
  await runExports(setup.exports)
  over.abort()
  await writing
  expect(waves).toBeGreaterThan(0)
  const seen = linesOf(await setup.bytesOf(task)).map((row) => row['attributes.wave'])
  expect(seen).toHaveLength(rows)
  expect(new Set(seen).size).toBe(1)
  expect((await setup.exports.get(task)).snapshotAt).toBeGreaterThanOrEqual(before)
})
