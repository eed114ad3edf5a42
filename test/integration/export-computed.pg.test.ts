import { parse } from 'csv-parse/sync'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { openComputed } from '../../src/core/computed/index.ts'
import { newUuid } from '../../src/lib/ids.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { makeCommand, userId } from '../setup/ingest.ts'
import { linesOf, openExportPath } from '../setup/exports.ts'
import type { ExportPath } from '../setup/exports.ts'
import { openKeeping } from '../setup/segments/keeping.ts'

let setup: ExportPath
let workspace: Workspace
const fields: string[] = []
let aggregateId = ''

beforeAll(async () => {
  setup = await openExportPath()
  workspace = await setup.declared()
  const computed = openComputed(setup.database.db, Buffer.alloc(32))
  const define = async (
    kind: 'aggregate' | 'expression',
    name: string,
    definition: object,
  ): Promise<string> => {
    const row = await computed.create(workspace, { kind, name, definition }, COMMAND_LINE)
    return row.computedId
  }
  const property = { name: 'total' }
  aggregateId = await define('aggregate', 'Spent', { function: 'sum', name: 'Bought', property })
  const last = await define('aggregate', 'Last', {
    function: 'last',
    name: 'Bought',
    property: { name: 'sku' },
  })
  const label = await define('expression', 'Label', {
    type: 'concat',
    operands: [
      { type: 'attribute', name: 'city' },
      { type: 'literal', value: ' "x"' },
    ],
  })
  fields.push(
    'userId',
    `aggregate.${aggregateId}`,
    'attributes.city',
    `aggregate.${last}`,
    `expression.${label}`,
  )
  const buy = (who: string, total: number, sku: string): Promise<unknown> =>
    setup.path.write(
      workspace,
      makeCommand(userId(who), {
        attributes: { city: 'Łódź' },
        event: { name: 'Bought', properties: { total, sku } },
      }),
    )
  await buy('ann', 5, 'a')
  await buy('ann', 7.5, 'b')
  await buy('bob', 1, 'c')
  await setup.path.write(workspace, makeCommand(userId('cleo'), {}))
})

afterAll(async () => {
  expect(setup.errors).toEqual([])
  await setup.close()
})

const ROWS = [
  ['ann', 12.5, 'Łódź', 'b', 'Łódź "x"'],
  ['bob', 1, 'Łódź', 'c', 'Łódź "x"'],
  ['cleo', null, null, null, null],
]

test('aggregates and expressions are columns between others, in lines of JSON', async () => {
  const lines = linesOf(await setup.written(workspace, { fields }))
  expect(lines.map((line) => Object.values(line))).toEqual(ROWS)
  expect(Object.keys(lines[0] ?? {})).toEqual(fields)
})

test('and in CSV and Parquet', async () => {
  const csv = await setup.written(workspace, { fields, format: 'csv' })
  const [head, ...rows] = parse(csv.toString())
  expect([head, rows]).toEqual([fields, ROWS.map((row) => row.map((cell) => String(cell ?? '')))])
  const parquet = await setup.written(workspace, { fields, format: 'parquet' })
  const objects = await parquetReadObjects({ file: new Uint8Array(parquet).buffer })
  expect(objects.map((object) => Object.values(object))).toEqual(ROWS)
})

test('one that there is not is refused at its place', async () => {
  const unknown = setup.written(workspace, { fields: ['userId', `aggregate.${newUuid()}`] })
  await expect(unknown).rejects.toMatchObject({ code: 'CDP_COMPUTED_NOT_FOUND', pointer: '/fields/1' })
})

test('a segment may refer to one too', async () => {
  const { segments } = openKeeping(setup.database)
  const definition = { type: 'aggregate', id: aggregateId, operator: 'greaterThan', value: 10 }
  const { segmentId } = await segments.create(workspace, { name: 'Big', definition }, COMMAND_LINE)
  const lines = linesOf(await setup.written(workspace, { fields: ['userId'], segmentId }))
  expect(lines).toEqual([{ userId: 'ann' }])
})
