import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OPERATOR, openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
import { tokenFrom } from '../../setup/accounts.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let headers: Record<string, string>
let foreign: Record<string, string>

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  headers = await userIn('First')
  foreign = await userIn('Second')
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

async function userIn(workspace: 'First' | 'Second'): Promise<Record<string, string>> {
  const { email: username, password } = OPERATOR
  const login = tokenFrom(await harness.call('synerise', 'login-user', { body: { username, password } }))
  const as = { headers: { authorization: `Bearer ${login}` }, workspace }
  return { authorization: `Bearer ${tokenFrom(await harness.call('synerise', 'select-workspace', as))}` }
}

interface Note {
  id: string
  subject: string
  body: string
  created: string
  updated: string
  createdBy: string
  userId: number
}

const call = (operation: string, more: Call): Promise<Reply> =>
  harness.call('synerise', operation, { headers, ...more })

const newProfile = async (): Promise<string> => {
  const items = [{ identifiers: [{ kind: 'userId', value: randomUUID() }] }]
  const reply = await harness.call('native', 'write-profiles', { body: { items } })
  return String((reply.body as { items: { profileId: number }[] }).items[0]?.profileId)
}

const create = async (clientId: string, subject: string, more: Call = {}): Promise<Note> => {
  const reply = await call('create-note', {
    params: { clientId },
    body: { subject, body: '<b>x</b>' },
    ...more,
  })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Note
}

const listed = async (clientId: string): Promise<string[]> => {
  const reply = await call('list-notes', { params: { clientId } })
  expect(reply.status, reply.text).toBe(200)
  return (reply.body as Note[]).map(({ subject }) => subject)
}

describe('notes', () => {
  it('are given newest first, as they were stored, with who wrote them', async () => {
    const clientId = await newProfile()
    const first = await create(clientId, 'first')
    await create(clientId, 'second')
    expect(await listed(clientId)).toEqual(['second', 'first'])
    expect(first).toMatchObject({ body: '<b>x</b>', createdBy: OPERATOR.email, userId: expect.any(Number) })
    expect(first.created).toBe(first.updated)
  })

  it('keep what an update leaves out, and who created them', async () => {
    const clientId = await newProfile()
    const { id: noteId, ...note } = await create(clientId, 'old')
    const reply = await call('update-note', {
      params: { clientId, noteId },
      body: { subject: 'new', body: null },
    })
    expect(reply.body).toMatchObject({ ...note, subject: 'new', updated: expect.any(String) })
  })

  it('are written once by a replay with the same Idempotency-Key', async () => {
    const clientId = await newProfile()
    const keyed = { headers: { ...headers, 'idempotency-key': randomUUID() } }
    const [first, second] = [await create(clientId, 'once', keyed), await create(clientId, 'once', keyed)]
    expect(second).toEqual(first)
    expect(await listed(clientId)).toEqual(['once'])
  })

  it('are deleted for ever, and the audit log keeps who did it', async () => {
    const clientId = await newProfile()
    const { id: noteId } = await create(clientId, 'gone')
    expect((await call('delete-note', { params: { clientId, noteId } })).status).toBe(204)
    for (const operation of ['get-note', 'delete-note'])
      expectVendorError('synerise', await call(operation, { params: { clientId, noteId } }), 'not_found')
    const audit = await harness.call('native', 'list-audit', { query: { action: 'note.delete' } })
    expect((audit.body as { items: object[] }).items[0]).toMatchObject({
      actor: { kind: 'user', name: OPERATOR.email },
      object: noteId,
    })
  })

  it('follow a merge to the survivor, and a merge that is taken back parts them again', async () => {
    const [loser, winner] = [await newProfile(), await newProfile()]
    const { id: noteId } = await create(loser, "loser's")
    await create(winner, "winner's")
    const body = { from: Number(loser), into: Number(winner) }
    expect((await harness.call('native', 'merge-profiles', { body })).status).toBe(200)
    expect(await listed(winner)).toEqual(["winner's", "loser's"])
    expectVendorError('synerise', await call('list-notes', { params: { clientId: loser } }), 'not_found')
    const params = { clientId: winner, noteId }
    expect((await call('update-note', { params, body: { body: 'y' } })).status).toBe(200)
    const native = await harness.call('native', 'list-notes', { params: { profileId: loser } })
    expect((native.body as { items: object[] }).items).toHaveLength(2)
    await harness.call('native', 'unmerge-profile', { params: { profileId: loser } })
    expect([await listed(winner), await listed(loser)]).toEqual([["winner's"], ["loser's"]])
  })

  it('go with their profile', async () => {
    const clientId = await newProfile()
    await create(clientId, 'gone')
    await harness.call('synerise', 'delete-client', { params: { clientId } })
    expectVendorError('synerise', await call('list-notes', { params: { clientId } }), 'not_found')
    const { rows } = await database.admin.query('select 1 from note where profile_id = $1', [clientId])
    expect(rows).toEqual([])
  })

  it('are not found for another profile, nor from another workspace', async () => {
    const [clientId, other] = [await newProfile(), await newProfile()]
    const { id: noteId } = await create(clientId, 'mine')
    const elsewhere = [
      { params: { clientId: other, noteId } },
      { params: { clientId, noteId: 'no-uuid' } },
      { params: { clientId, noteId }, headers: foreign, workspace: 'Second' as const },
    ]
    for (const address of elsewhere) {
      for (const operation of ['get-note', 'delete-note'])
        expectVendorError('synerise', await call(operation, address), 'not_found')
      const update = await call('update-note', { ...address, body: { subject: 'stolen' } })
      expectVendorError('synerise', update, 'not_found')
    }
    expect(await listed(clientId)).toEqual(['mine'])
  })

  it('are refused in shape B whatever is wrong', async () => {
    const params = { clientId: await newProfile() }
    const shapeB = {
      error: expect.any(String),
      errors: expect.any(Array),
      path: expect.stringMatching(/^\/notes/),
    }
    const send = (rawBody: string): Promise<Reply> => call('create-note', { params, rawBody })
    const answers = [
      [400, await send('{"subject":')],
      [400, await send(JSON.stringify({ subject: 'a\0' }))],
      [400, await send(JSON.stringify({ body: 'x'.repeat(50_001) }))],
      [413, await send(JSON.stringify({ body: 'x'.repeat(300_000) }))],
      [401, await call('list-notes', { params, headers: {}, credential: 'none' })],
      [403, await harness.call('synerise', 'list-notes', { params })],
      [404, await harness.raw('GET', '/notes-service/unknown', { headers })],
    ] as const
    for (const [status, reply] of answers) {
      expect(reply.status, reply.text).toBe(status)
      expect(reply.body).toMatchObject({ ...shapeB, status })
    }
  })
})
