import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { COMMAND_LINE } from '../../../src/core/audit/index.ts'
import { openTags } from '../../../src/core/tags/index.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
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

const call = (operation: string, more: Call = {}): Promise<Reply> => harness.call('native', operation, more)

const newProfile = async (): Promise<string> => {
  const items = [{ identifiers: [{ kind: 'userId', value: randomUUID() }] }]
  const reply = await call('write-profiles', { body: { items } })
  return String((reply.body as { items: { profileId: number }[] }).items[0]?.profileId)
}

const newTag = async (more: Call = {}): Promise<{ id: string; name: string }> => {
  const reply = await call('create-tag', { body: { name: randomUUID() }, ...more })
  expect(reply.status, reply.text).toBe(201)
  return reply.body as { id: string; name: string }
}

const countOf = async (tagId: string): Promise<unknown> => {
  const reply = await call('list-tags', { query: { limit: '500' } })
  return (reply.body as { items: { id: string; profiles: number }[] }).items.find(({ id }) => id === tagId)
    ?.profiles
}

it('a list of tags says how many profiles have each, a second later at most', async () => {
  const [{ id: tagId }, first, second] = [await newTag(), await newProfile(), await newProfile()]
  for (const profileId of [first, second, second])
    expect((await call('assign-tag', { params: { profileId, tagId } })).status).toBe(204)
  await expect.poll(() => countOf(tagId)).toBe(2)
  await call('unassign-tag', { params: { profileId: first, tagId } })
  await expect.poll(() => countOf(tagId)).toBe(1)
})

it('a profile that was merged away gets a tag as its survivor', async () => {
  const [{ id: tagId, name }, loser, winner] = [await newTag(), await newProfile(), await newProfile()]
  await call('merge-profiles', { body: { from: Number(loser), into: Number(winner) } })
  expect((await call('assign-tag', { params: { profileId: loser, tagId } })).status).toBe(204)
  const profile = await call('get-profile', { params: { profileId: winner } })
  expect(profile.body).toMatchObject({ tags: [name] })
})

it('a tag is made once by a replay, its acts are in the audit log, and a removed one is not found', async () => {
  const more = { body: { name: randomUUID() }, headers: { 'idempotency-key': randomUUID() } }
  const [first, second] = [await newTag(more), await newTag(more)]
  expect(second).toEqual(first)
  const params = { tagId: first.id, profileId: await newProfile() }
  expect((await call('patch-tag', { params, body: { color: '#aabbcc' } })).body).toMatchObject({
    color: '#aabbcc',
  })
  expect((await call('delete-tag', { params })).status).toBe(204)
  for (const operation of ['delete-tag', 'assign-tag', 'unassign-tag'])
    expect((await call(operation, { params })).body).toMatchObject({ code: 'CDP_TAG_NOT_FOUND', status: 404 })
  const audit = (await call('list-audit')).body as { items: { action: string; object: string }[] }
  const acts = audit.items
    .filter(({ action, object }) => object === first.id && action.startsWith('tag.'))
    .map(({ action }) => action)
  expect(acts).toEqual(['tag.remove', 'tag.recolor', 'tag.create'])
})

it('a tag of the installation is shared, and no workspace changes it', async () => {
  const name = randomUUID()
  const { tagId } = await openTags(database.db).createShared({ name }, COMMAND_LINE)
  const made = await call('create-tag', { body: { name }, workspace: 'Second' })
  expect([made.status, made.body]).toEqual([
    200,
    expect.objectContaining({ id: String(tagId), isShared: true }),
  ])
  const params = { tagId: String(tagId) }
  const patched = await call('patch-tag', { params, body: { color: '#000000' } })
  expect([patched.status, (await call('delete-tag', { params })).status]).toEqual([404, 404])
})

it('what is no tag, no profile, or of another workspace is refused', async () => {
  const [{ id: tagId }, profileId] = [await newTag(), await newProfile()]
  const refusals = [
    [400, 'CDP_BODY_INVALID', await call('create-tag', { body: { name: '' } })],
    [400, 'CDP_BODY_INVALID', await call('create-tag', { body: { name: 'x', color: 'red' } })],
    [400, 'CDP_NAME_INVALID', await call('create-tag', { body: { name: 'a\0' } })],
    [400, 'CDP_BODY_INVALID', await call('patch-tag', { params: { tagId }, body: { name: 'x' } })],
    [400, 'CDP_QUERY_INVALID', await call('list-tags', { query: { cursor: 'x' } })],
    [404, 'CDP_PROFILE_NOT_FOUND', await call('assign-tag', { params: { tagId, profileId: '999999999' } })],
    [404, 'CDP_TAG_NOT_FOUND', await call('assign-tag', { params: { tagId: 'x', profileId } })],
    [404, 'CDP_TAG_NOT_FOUND', await call('delete-tag', { params: { tagId }, workspace: 'Second' })],
    [
      404,
      'CDP_PROFILE_NOT_FOUND',
      await call('assign-tag', { params: { tagId, profileId }, workspace: 'Second' }),
    ],
    [413, 'CDP_BODY_TOO_LARGE', await call('create-tag', { body: { name: 'x'.repeat(300_000) } })],
  ] as const
  for (const [status, code, reply] of refusals)
    expect([reply.status, (reply.body as { code: string }).code], reply.text).toEqual([status, code])
})
