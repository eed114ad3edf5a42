import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { forgetExports } from '../../../src/core/exports/index.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { openSegmentations, passHours } from '../../setup/segmentations.ts'

let database: TestDatabase
let harness: Harness
let restoreClock = (): void => undefined

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterEach(() => restoreClock())

afterAll(async () => {
  await harness.close()
  await database.close()
})

const { answered, inCity, live, makeLocal, makeNamed, people } = openSegmentations(() => harness)

const call = (operation: string, sent: Call = {}): Promise<Reply> => harness.call('synerise', operation, sent)

describe('an export task', () => {
  interface Task {
    taskId: number
    columnOrder: string[]
    estimatedCount: number
    ttl: string
  }

  const bodyOf = (segmentationHash: string, more: object = {}): object => ({
    name: 'Everybody',
    fields: ['email'],
    agreementFilter: 'NONE',
    segmentationHash,
    excludedIds: [],
    ...more,
  })

  const read = (taskId: number, query: Record<string, string> = {}): Promise<{ id: number }[]> =>
    answered('get-export-data', { params: { taskId: String(taskId) }, query })

  it('gives fields as the vendor shows them, and results by their UUIDs', async () => {
    const { city, anna, ewa, nobody } = await people()
    const items = [5, 7.5].map((total) => ({
      name: `Bought ${city}`,
      profileId: anna,
      properties: { total },
    }))
    await answered('create-events', { body: { items } }, 'native')
    const define = async (operation: string, definition: object): Promise<string> => {
      const body = { name: randomUUID(), definition }
      return (await answered<{ id: string }>(operation, { body }, 'native')).id
    }
    const property = { name: 'total' }
    const spent = await define('create-aggregate', { function: 'sum', name: `Bought ${city}`, property })
    const label = await define('create-expression', { type: 'attribute', name: 'firstName' })
    const fields = ['firstname', 'sex', 'plan', 'anonymous', 'agreements', 'tags', 'attributes', 'created']
    const computed = { aggregates: [spent.toUpperCase()], expressions: [label] }
    const body = bodyOf(await makeLocal(inCity(city)), { fields, ...computed })
    const task = await answered<Task>('create-export-task', { body })
    expect(task).toEqual({
      taskId: expect.any(Number) as number,
      columnOrder: ['id', ...fields, label, spent],
      estimatedCount: 3,
      ttl: '2h',
    })
    const rows = await read(task.taskId)
    expect(rows.map((row) => Object.keys(row))).toEqual([0, 1, 2].map(() => task.columnOrder))
    expect(rows).toMatchObject([
      {
        id: anna,
        firstname: 'Anna',
        sex: 'FEMALE',
        plan: null,
        anonymous: false,
        [label]: 'Anna',
        [spent]: 12.5,
      },
      {
        id: ewa,
        firstname: 'Ewa',
        sex: 'NOT_SPECIFIED',
        plan: 'gold',
        attributes: { plan: 'gold' },
        tags: [],
      },
      { id: nobody, firstname: null, anonymous: true, agreements: { email: false }, [label]: null },
    ])
  })

  it('holds what there was when it was answered, filtered as it was asked, in parts', async () => {
    const { city, anna, ewa, nobody } = await people()
    const id = await makeNamed(city, 3)
    const ask = (agreementFilter: string): Promise<Task> =>
      answered<Task>('create-export-task', { body: bodyOf(id, { agreementFilter }) })
    const all = await ask('NONE')
    await live(city)
    await answered('crm-update', {
      params: { clientId: String(anna) },
      body: { email: `x-${city}@example.com` },
    })
    expect(await read(all.taskId)).toMatchObject([
      { id: anna, email: `a-${city}@example.com` },
      { id: ewa },
      {},
    ])
    expect(await read(all.taskId, { limit: '1', offset: '2' })).toEqual([{ id: nobody, email: null }])
    expect(await read(all.taskId, { offset: '3' })).toEqual([])
    const recognized = await ask('RECOGNIZED')
    expect([recognized.estimatedCount, (await read(recognized.taskId)).length]).toEqual([2, 2])
    const anonymous = await ask('ANONYMOUS')
    expect((await read(anonymous.taskId)).map((row) => row.id)).toContain(nobody)
  })

  it('is there for two hours, and upkeep deletes its file', async () => {
    const { city } = await people()
    const { taskId } = await answered<Task>('create-export-task', {
      body: bodyOf(await makeLocal(inCity(city))),
    })
    expect(await read(taskId)).toHaveLength(3)
    restoreClock = passHours(1.9)
    expect(await read(taskId)).toHaveLength(3)
    restoreClock = passHours(2.1)
    const params = { taskId: String(taskId) }
    expectVendorError('synerise', await call('get-export-data', { params }), 'not_found')
    await forgetExports(database.db, '/nowhere')
    expect(
      await countOf(
        database,
        `select count(*) from export where export_id = ${taskId} and state = 'expired'`,
      ),
    ).toBe(1)
  })

  it('is made once for an Idempotency-Key, also when its segmentation is gone by then', async () => {
    const { city } = await people()
    const id = await makeNamed(city, 3)
    const sent = { body: bodyOf(id), headers: { 'idempotency-key': randomUUID() } }
    const first = await answered<Task>('create-export-task', sent)
    await answered('delete-segment', { params: { segmentId: id } }, 'native')
    expect(await answered<Task>('create-export-task', sent)).toEqual(first)
    expectVendorError('synerise', await call('create-export-task', { body: bodyOf(id) }), 'not_found')
  })

  it('is told to come again for while its file is not written yet', async () => {
    const { city } = await people()
    const { taskId } = await answered<Task>('create-export-task', {
      body: bodyOf(await makeLocal(inCity(city))),
    })
    await read(taskId)
    await database.admin.query(
      `update export set state = 'queued', next_attempt_at = now() + interval '1 day' where export_id = $1`,
      [taskId],
    )
    expectVendorError(
      'synerise',
      await call('get-export-data', { params: { taskId: String(taskId) } }),
      'conflict',
    )
  })

  it.each([
    { excludedIds: [1] },
    { fields: ['receive_smses'] },
    { fields: ['gender'] },
    { agreementFilter: 'ALL' },
    { segmentationHash: 'x' },
  ])('is refused for %o', async (more) => {
    const body = bodyOf(await makeLocal(inCity('x')), more)
    expectVendorError('synerise', await call('create-export-task', { body }), 'invalid')
  })

  it('is refused for more than fifty results', async () => {
    const ids = (count: number): string[] => Array.from({ length: count }, () => randomUUID())
    const more = { aggregates: ids(26), expressions: ids(25) }
    const body = bodyOf(await makeLocal(inCity('x')), more)
    expectVendorError('synerise', await call('create-export-task', { body }), 'invalid')
  })

  it('is not found for results that nobody defined, for rows of the native API, and from another workspace', async () => {
    const id = await makeLocal(inCity(randomUUID()))
    const unknown = await call('create-export-task', { body: bodyOf(id, { aggregates: [randomUUID()] }) })
    expectVendorError('synerise', unknown, 'not_found')
    const own = await answered<{ id: number }>('create-export', { body: { fields: ['userId'] } }, 'native')
    const native = await call('get-export-data', { params: { taskId: String(own.id) } })
    expectVendorError('synerise', native, 'not_found')
    const { taskId } = await answered<Task>('create-export-task', { body: bodyOf(id) })
    const params = { taskId: String(taskId) }
    const foreign = await call('get-export-data', { params, workspace: 'Second' })
    expectVendorError('synerise', foreign, 'not_found')
  })
})
