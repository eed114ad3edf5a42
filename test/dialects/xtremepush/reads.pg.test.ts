import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const post = (operation: string, body: object = {}): Promise<Reply> =>
  harness.call('xtremepush', operation, { body: { apptoken: '@apptoken', ...body } })

const dataOf = async (operation: string, body: object = {}): Promise<Record<string, unknown>[]> => {
  const reply = await post(operation, body)
  expect(reply.status, reply.text).toBe(200)
  return (reply.body as { data: Record<string, unknown>[] }).data
}

const start = async (rows: unknown[][]): Promise<number> => {
  const reply = await post('import-profile', { columns: ['user_id', 'plan'], rows, async: 1 })
  const { task_id: id } = reply.body as { task_id: number }
  const status = async () =>
    ((await post('info-task', { id })).body as { model: { status: string } }).model.status
  await expect.poll(status).toBe('finished')
  return id
}

test('tasks are listed by conditions, in an order, part by part', async () => {
  const ids = [await start([['t1', 'a']]), await start([['t2', 'b']]), await start([['', 'c']])]
  const list = async (body: object) => (await dataOf('list-task', body)).map(({ id }) => id)
  expect(await list({})).toEqual(ids)
  expect(await list({ order: ['id DESC'], limit: 2, offset: 1 })).toEqual([ids[1], ids[0]])
  expect(await list({ condition: [['id', '>', ids[0]]] })).toEqual(ids.slice(1))
  expect(await list({ condition: [['status', '=', 'running']] })).toEqual([])
  expect(await list({ condition: [['identifier', '=', 'list_export']] })).toEqual([])
  const [last] = await dataOf('list-task', { order: ['finish_time desc'], limit: 1 })
  expect(last).toMatchObject({ id: ids[2], identifier: 'profile_import', failed: 1, progress: 100 })
  const finish = Number(last?.['finish_time'])
  expect(await list({ condition: [['finish_time', '>', finish]] })).toEqual([])
  expect(
    await list({
      condition: [
        ['finish_time', '>=', finish],
        ['id', '=', String(ids[2])],
      ],
    }),
  ).toEqual([ids[2]])
  expect(await list({ condition: [['finish_time', '<', 0]] })).toEqual([])
  for (const body of [
    { condition: [['finish_time', '>', 'soon']] },
    { condition: [['status', '>', 'a']] },
    { condition: [['id', '~', 1]] },
    { condition: [['id', '=']] },
    { order: ['colour'] },
    { limit: 0 },
  ])
    expect((await post('list-task', body)).status, JSON.stringify(body)).toBe(400)
})

test('an import of another API is no task here', async () => {
  const { workspace_id: workspaceId } = (
    await database.admin.query<{ workspace_id: number }>('select workspace_id from import limit 1')
  ).rows[0] ?? { workspace_id: 0 }
  await database.admin.query(
    `insert into import (workspace_id, import_id, state, dialect, operation, kind, credential, trace_id, options, is_dry_run,
                         next_attempt_at, created_at)
     values ($1, 5000000, 'done', 'native', 'create-import', 'rows', 'k', 't', '{}', false, now(), now())`,
    [workspaceId],
  )
  expect((await post('info-task', { id: 5_000_000 })).status).toBe(404)
  expect((await dataOf('list-task')).map(({ id }) => id)).not.toContain(5_000_000)
})

test('profiles are found by what identifies them, by attributes and in pages', async () => {
  const columns = [
    'user_id',
    'email',
    'email_subscription',
    'mobile_number',
    'sms_subscription',
    'first_name',
    'plan',
  ]
  await post('import-profile', {
    columns,
    rows: [
      ['p1', 'p1@example.com', 1, '353850123456', 0, 'Ana', 'gold'],
      ['p2', 'p2@example.com', 0, null, null, 'Bo', 'silver'],
    ],
  })
  const [first] = await dataOf('list-profile', { condition: [['email', '=', 'P1@example.com']] })
  expect(first).toEqual({
    id: expect.any(Number),
    user_id: 'p1',
    device_id: null,
    email: 'p1@example.com',
    email_subscription: 1,
    mobile_number: '353850123456',
    sms_subscription: 0,
    whatsapp_subscription: null,
    first_name: 'Ana',
    plan: 'gold',
    create_time: expect.any(Number),
    update_time: expect.any(Number),
  })
  const list = async (body: object) => (await dataOf('list-profile', body)).map(({ user_id: id }) => id)
  expect(
    await list({
      condition: [
        ['user_id', '=', 'p1'],
        ['plan', '=', 'silver'],
      ],
    }),
  ).toEqual([])
  expect(await list({ condition: [['user_id', '=', 'nobody']] })).toEqual([])
  expect(await list({ condition: [['first_name', '=', 'bo']] })).toEqual(['p2'])
  expect(await list({ condition: [['plan', '=', 'gold']] })).toEqual(['p1'])
  const all = await list({ limit: 1_000 })
  expect(all).toEqual(expect.arrayContaining(['p1', 'p2']))
  expect(await list({ limit: 2, offset: 1 })).toEqual(all.slice(1, 3))
  expect((await post('list-profile', { condition: [['plan', '>', 'a']] })).status).toBe(400)
})

test('subscriptions are listed by user and by when they changed, what was taken back is not', async () => {
  const columns = ['user_id', 'email', 'email_subscription']
  await post('import-profile', {
    columns,
    rows: [
      ['s1', 's1@example.com', 1],
      ['s2', 's2@example.com', 0],
    ],
  })
  const [mine] = await dataOf('list-profile-subscription', { condition: [['user_id', '=', 's1']] })
  expect(mine).toEqual({
    id: expect.any(Number),
    user_id: 's1',
    channel: 'email',
    email_address: 's1@example.com',
    status: 1,
    update_time: expect.any(Number),
    update_is_external: 1,
  })
  const since = Number(mine?.['update_time'])
  const changed = await dataOf('list-profile-subscription', { condition: [['update_time', '>=', since]] })
  expect(changed.map(({ user_id: id, status }) => [id, status])).toEqual(
    expect.arrayContaining([
      ['s1', 1],
      ['s2', 0],
    ]),
  )
  const later = { condition: [['update_time', '>', since + 3_600]] }
  expect(await dataOf('list-profile-subscription', later)).toEqual([])
  await post('import-profile', { columns, rows: [['s1', null, '']] })
  expect(await dataOf('list-profile-subscription', { condition: [['user_id', '=', 's1']] })).toEqual([])
})

test('events make their user, set attributes, and in a batch stand for themselves', async () => {
  const events = [
    {
      user_id: 'e1',
      event: 'seen',
      value: { page: '/a' },
      user_attributes: { plan: 'gold' },
      timestamp: '2024-03-01 09:00:00',
    },
    { user_id: 'e1', event: 'seen', timestamp: 'soon' },
    'nothing',
  ]
  const reply = await post('hit-event', { events })
  expect(reply.body).toEqual({
    success: true,
    code: 200,
    model: { total: 3, failed: 2 },
    errors: [
      { row: 1, message: 'must be YYYY-MM-DD HH:MM:SS' },
      { row: 2, message: expect.stringContaining('must be object') },
    ],
  })
  const found = await harness.call('native', 'lookup-profile', { query: { kind: 'userId', value: 'e1' } })
  const { id, attributes } = found.body as { id: number; attributes: object }
  expect(attributes).toEqual({ plan: 'gold' })
  const list = await harness.call('native', 'list-events', { params: { profileId: String(id) } })
  expect((list.body as { items: object[] }).items).toMatchObject([
    { name: 'seen', occurredAt: '2024-03-01T09:00:00.000Z', properties: { page: '/a' } },
  ])
  expect((await post('hit-event', {})).status).toBe(400)
})
