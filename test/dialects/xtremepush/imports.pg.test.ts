import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { countOf, openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let people = 0

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const someone = (): string => `person-${++people}`

const send = (columns: string[], rows: unknown[][], more: object = {}, call: Call = {}): Promise<Reply> =>
  harness.call('xtremepush', 'import-profile', {
    ...call,
    body: { apptoken: '@apptoken', columns, rows, ...more },
  })

const post = (operation: string, body: object, call: Call = {}): Promise<Reply> =>
  harness.call('xtremepush', operation, { ...call, body: { apptoken: '@apptoken', ...body } })

interface Shown {
  id: number
  version: number
  attributes: Record<string, unknown>
  consents: { channel: string; state: string }[]
  identifiers: { kind: string; value: string }[]
}

const find = async (value: string, kind = 'userId'): Promise<Shown> => {
  const reply = await harness.call('native', 'lookup-profile', { query: { kind, value } })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Shown
}

interface Answer {
  task_id: number
  model: Record<string, unknown> & { errors?: object[] }
  errors: { row: number; column?: string; message: string }[]
  data: Record<string, unknown>[]
}

const answerOf = ({ body }: Reply): Answer => body as Answer

const finished = async (id: number): Promise<Answer['model']> => {
  const read = async (): Promise<unknown> => answerOf(await post('info-task', { id })).model['status']
  await expect.poll(read).toMatch(/finished|failed/)
  return answerOf(await post('info-task', { id })).model
}

const users = (count: number): string[][] => Array.from({ length: count }, () => [someone(), 'gold'])

test('a person of whom other systems know is the same one, with consents and contacts in the words of the product', async () => {
  const user = someone()
  const columns = ['user_id', 'email', 'email_subscription', 'mobile_number', 'sms_subscription', 'orders']
  const row = [user, `${user}@X.example`, 1, 353850123456, '0', '{"n":1}']
  expect((await send(columns, [row])).body).toEqual({
    success: true,
    code: 200,
    data: [],
    model: { total: 1, created: 1, updated: 0, failed: 0 },
  })
  const { attributes, consents, identifiers, version } = await find(user)
  expect(attributes).toEqual({ email: `${user}@X.example`, phone: '+353850123456', orders: { n: 1 } })
  expect(consents.map(({ channel, state }) => [channel, state])).toEqual([
    ['email', 'granted'],
    ['sms', 'denied'],
  ])
  expect(identifiers.map(({ kind }) => kind).sort()).toEqual(['email', 'userId'])
  // The same once more writes nothing; null leaves, an empty text clears.
  expect(answerOf(await send(columns, [row])).model).toMatchObject({ created: 0, updated: 1 })
  expect((await find(user)).version).toBe(version)
  await send(columns, [[user, null, null, '', null, null]])
  expect((await find(user)).attributes).toEqual({ email: `${user}@X.example`, orders: { n: 1 } })
})

test('of 99 rows all are stored before the answer, 100 are stored behind it, and async says otherwise', async () => {
  const columns = ['user_id', 'plan']
  expect((await send(columns, users(99))).status).toBe(200)
  const behind = await send(columns, users(100))
  expect(behind.body).toEqual({
    success: true,
    code: 202,
    task_id: expect.any(Number),
    model: { id: answerOf(behind).task_id, identifier: 'profile_import', status: 'pending' },
  })
  for (const async of [0, false, '0', 'false'])
    expect((await send(columns, users(100), { async })).status).toBe(200)
  for (const async of [1, true, '1']) expect((await send(columns, users(1), { async })).status).toBe(202)
  expect(await finished(answerOf(behind).task_id)).toMatchObject({
    status: 'finished',
    progress: 100,
    total: 100,
    created: 100,
    failed: 0,
    errors: [],
  })
})

test('what was answered with 202 is in the database, and another process can do it', async () => {
  const [before] = users(1)
  const reply = await send(['user_id', 'plan'], [...users(150), before ?? []])
  const { rows } = await database.admin.query<{ state: string; rows: string }>(
    `select i.state, c.rows from import i join import_chunk c using (workspace_id, import_id) where import_id = $1`,
    [answerOf(reply).task_id],
  )
  expect(rows).toHaveLength(1)
  expect(JSON.parse(rows[0]?.rows ?? '')).toHaveLength(151)
  expect(await finished(answerOf(reply).task_id)).toMatchObject({ created: 151 })
})

test('10,000 rows and more are one task; refused rows are told by their index', async () => {
  const rows = Array.from({ length: 10_500 }, (_, n) => [`many-${n}`, n === 10_499 ? ['x'] : ''])
  rows[3] = ['', 'x']
  rows[4] = ['many-0']
  const reply = await send(['user_id', 'plan'], rows)
  expect(reply.status).toBe(202)
  const model = await finished(answerOf(reply).task_id)
  expect(model).toMatchObject({ total: 10_500, created: 10_497, failed: 3, status: 'finished' })
  expect(model.errors).toEqual([
    { row: 3, column: 'user_id', message: 'user_id is empty' },
    { row: 4, message: 'has 1 values for 2 columns' },
    { row: 10_499, column: 'plan', message: 'Value must be a JSON string' },
  ])
})

test('more rows than a transaction takes are stored before the answer where the caller wants it, and once', async () => {
  const rows = [...users(2_300), ['', 'x']]
  const call = { headers: { 'idempotency-key': 'in parts' } }
  const first = await send(['user_id', 'plan'], rows, { async: 0 }, call)
  const model = { total: 2_301, created: 2_300, updated: 0, failed: 1 }
  expect(first.body).toMatchObject({ code: 200, model, errors: [{ row: 2_300 }] })
  const again = await send(['user_id', 'plan'], rows, { async: 0 }, call)
  expect([again.status, again.text]).toEqual([first.status, first.text])
  expectVendorError(
    'xtremepush',
    await send(['user_id', 'plan'], users(2_000), { async: 0 }, call),
    'unprocessable',
  )
})

test('a replay of a call that is stored behind its answer gives the same task, another call under its key none', async () => {
  const call = { headers: { 'idempotency-key': 'behind' } }
  const rows = users(120)
  const first = await send(['user_id', 'plan'], rows, {}, call)
  const second = await send(['user_id', 'plan'], rows, {}, call)
  expect([second.status, second.text]).toEqual([202, first.text])
  const other = await send(['user_id', 'plan'], users(120), {}, call)
  expectVendorError('xtremepush', other, 'unprocessable')
  await finished(answerOf(first).task_id)
})

test('the same user twice in a call is applied in order', async () => {
  const user = someone()
  const reply = await send(
    ['user_id', 'plan'],
    [
      [user, 'a'],
      [user, 'b'],
    ],
  )
  expect(answerOf(reply).model).toMatchObject({ created: 1, updated: 1 })
  expect((await find(user)).attributes).toEqual({ plan: 'b' })
})

test('ids that no double holds are two people, and other numbers of that size are noted', async () => {
  const rawBody = (points: string): string =>
    `{"apptoken":${JSON.stringify(harness.credentialOf('xtremepush').params['apptoken'])},"columns":["user_id","points"],"rows":[[12345678901234567890,${points}],[12345678901234567891,1]]}`
  const reply = await harness.call('xtremepush', 'import-profile', {
    rawBody: rawBody('12345678901234567892'),
  })
  expect(answerOf(reply).model).toMatchObject({ created: 2 })
  expect((await find('12345678901234567890')).attributes).toEqual({ points: '12345678901234567892' })
  const ledger = await harness.call('native', 'list-rejections', { query: { reason: 'number_as_text' } })
  expect((ledger.body as { items: { pointer: string }[] }).items).toMatchObject([{ pointer: '/rows/0/1' }])
})

test('an attribute that held arrays takes nothing else, and a workspace may take no new ones', async () => {
  const user = someone()
  await send(['user_id', 'list'], [[user, '["a"]']])
  expect(answerOf(await send(['user_id', 'list'], [[user, 'b']])).errors).toEqual([
    { row: 0, column: 'list', message: 'Value must be a JSON string' },
  ])
  await database.admin.query(
    `update workspace set settings = jsonb_set(settings, '{dialects,xtremepush,autoCreateAttributes}', 'false')`,
  )
  harness.app.credentials.forget()
  expect((await send(['user_id', 'list'], [[user, '["b"]']])).status).toBe(200)
  expect((await send(['user_id', 'list', 'newer', 'new'], [[user, '["b"]', 1, 1]])).body).toEqual({
    success: false,
    code: 400,
    message: 'Invalid request',
    errors: [{ field: 'columns', message: 'unknown: newer, new' }],
  })
  await database.admin.query(
    `update workspace set settings = jsonb_set(settings, '{dialects,xtremepush,autoCreateAttributes}', 'true')`,
  )
  harness.app.credentials.forget()
})

test('a row that was refused is sent again from the ledger, corrected', async () => {
  const user = someone()
  await send(['user_id', 'tastes'], [[user, ['tea']]])
  const list = await harness.call('native', 'list-rejections', { query: { dialect: 'xtremepush' } })
  const { items } = list.body as { items: { id: string; item: string }[] }
  const entry = items.find(({ item }) => item.includes(`"${user}"`))
  expect(JSON.parse(entry?.item ?? '')).toEqual({ user_id: user, tastes: ['tea'] })
  const reply = await harness.call('native', 'replay-rejection', {
    params: { rejectionId: entry?.id ?? '' },
    body: { item: { user_id: user, tastes: '["tea"]' } },
  })
  expect(reply.status, reply.text).toBe(200)
  expect((await find(user)).attributes).toEqual({ tastes: ['tea'] })
})

describe('what is refused as a whole', () => {
  it('says in the vendor’s shape what is wrong with it', async () => {
    for (const body of [
      {},
      { columns: ['user_id'] },
      { columns: [], rows: [['u']] },
      { columns: ['user_id'], rows: ['u'] },
    ])
      expectVendorError('xtremepush', await post('import-profile', body), 'invalid')
  })

  it('is 400 without a token, 401 with a wrong one, and tells nothing of the body', async () => {
    const body = { columns: ['user_id'], rows: [['u']] }
    const without = await harness.call('xtremepush', 'import-profile', { body })
    expect(without.body).toEqual({ success: false, code: 400, message: 'No credential was given.' })
    const wrong = await harness.call('xtremepush', 'import-profile', { body: { apptoken: 'x', ...body } })
    expect(wrong.body).toEqual({ success: false, code: 401, message: 'The credential is not known.' })
  })

  it('is 405 for a typo in the method of the URL, 404 for a model that there is not', async () => {
    expect((await harness.raw('POST', '/api/external/imprt/profile')).status).toBe(405)
    expect((await harness.raw('GET', '/api/external/import/profile')).status).toBe(405)
    expect((await harness.raw('POST', '/api/external/import/planet')).status).toBe(404)
  })
})

test('a workspace sees neither tasks nor profiles of another', async () => {
  const reply = await send(['user_id', 'plan'], users(100))
  const id = answerOf(reply).task_id
  await finished(id)
  const theirs: Call = { workspace: 'Second' }
  expectVendorError('xtremepush', await post('info-task', { id }, theirs), 'not_found')
  expect(answerOf(await post('list-task', {}, theirs)).data).toEqual([])
  expect(answerOf(await post('list-profile', {}, theirs)).data).toEqual([])
  expect(await countOf(database, 'select count(*) from import where import_id = $1', [id])).toBe(1)
})
