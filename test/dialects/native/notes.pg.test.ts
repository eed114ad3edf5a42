import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'

let database: TestDatabase
let harness: Harness
let profileId: string

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  const items = [{ identifiers: [{ kind: 'userId', value: randomUUID() }] }]
  const reply = await harness.call('native', 'write-profiles', { body: { items } })
  profileId = String((reply.body as { items: { profileId: number }[] }).items[0]?.profileId)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const call = (operation: string, more: Call = {}): Promise<Reply> =>
  harness.call('native', operation, { ...more, params: { profileId, ...more.params } })

const create = (subject: string, more: Call = {}): Promise<Reply> =>
  call('create-note', { body: { subject, body: '' }, ...more })

it('a list of notes is read page by page, newest first, and no note is given twice or left out', async () => {
  for (const subject of ['a', 'b', 'c', 'd', 'e']) await create(subject)
  const seen: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = { limit: '2', ...(cursor !== '' && { cursor }) }
    const reply = await call('list-notes', { query })
    const page = reply.body as { items: { subject: string }[]; nextCursor: string | null }
    seen.push(...page.items.map(({ subject }) => subject))
    cursor = page.nextCursor
  }
  expect(seen).toEqual(['e', 'd', 'c', 'b', 'a'])
})

it('a note that a key writes names the key, and stands once however often it is sent', async () => {
  const keyed = { headers: { 'idempotency-key': randomUUID() } }
  const [first, second] = [await create('once', keyed), await create('once', keyed)]
  expect([first.status, second.status, second.body]).toEqual([201, 201, first.body])
  expect(first.body).toMatchObject({ createdBy: expect.stringMatching(/^native:/) })
  expect((await create('other', keyed)).status).toBe(422)
})

it('a note without a subject, of an unknown profile or of another workspace is refused', async () => {
  const { id: noteId } = (await create('mine')).body as { id: string }
  const foreign = { params: { noteId }, workspace: 'Second' as const }
  const refusals = [
    [400, 'CDP_BODY_INVALID', await create('')],
    [400, 'CDP_BODY_INVALID', await create('x', { body: { subject: 'x', body: '', color: 'red' } })],
    [400, 'CDP_QUERY_INVALID', await call('list-notes', { query: { cursor: 'x' } })],
    [404, 'CDP_PROFILE_NOT_FOUND', await create('x', { params: { profileId: '999999999' } })],
    [404, 'CDP_PROFILE_NOT_FOUND', await call('delete-note', foreign)],
    [404, 'CDP_NOTE_NOT_FOUND', await call('delete-note', { params: { noteId: randomUUID() } })],
    [413, 'CDP_BODY_TOO_LARGE', await create('x'.repeat(300_000))],
  ] as const
  for (const [status, code, reply] of refusals)
    expect([reply.status, (reply.body as { code: string }).code], reply.text).toEqual([status, code])
})
