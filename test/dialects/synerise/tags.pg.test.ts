import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMAND_LINE } from '../../../src/core/audit/index.ts'
import { openTags } from '../../../src/core/tags/index.ts'
import { openHarness } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { expectVendorError } from '../../contract/vendor-errors.ts'
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

interface Tag {
  id: number
  name: string
  color: string
  businessProfileId: number | null
}

const call = (operation: string, more: Call = {}): Promise<Reply> => harness.call('synerise', operation, more)

const newProfile = async (tags: string[] = []): Promise<string> => {
  const items = [{ identifiers: [{ kind: 'userId', value: randomUUID() }], tags }]
  const reply = await harness.call('native', 'write-profiles', { body: { items } })
  return String((reply.body as { items: { profileId: number }[] }).items[0]?.profileId)
}

const newTag = async (more: object = {}): Promise<Tag> => {
  const reply = await call('create-tag', { body: { name: randomUUID(), ...more } })
  expect(reply.status, reply.text).toBe(200)
  return reply.body as Tag
}

const assign = (clientId: string, { id }: Tag, more: Call = {}): Promise<Reply> =>
  call('assign-tag', { ...more, params: { clientId, tagID: String(id) } })

const unassign = (clientId: string, { id }: Tag): Promise<Reply> =>
  call('unassign-tag', { params: { clientId, tagID: String(id) } })

const namesOf = async (clientId: string): Promise<string[]> =>
  ((await call('list-client-tags', { params: { clientId } })).body as Tag[]).map(({ name }) => name)

const listed = async (more: Call = {}): Promise<Tag[]> => (await call('list-tags', more)).body as Tag[]

const changesOf = async (profileId: string): Promise<object[]> => {
  const reply = await harness.call('native', 'list-changes', { params: { profileId } })
  return (reply.body as { items: { changes: object[] }[] }).items.flatMap(({ changes }) => changes)
}

const versionOf = async (profileId: string): Promise<unknown> =>
  (await harness.call('native', 'get-profile', { params: { profileId } })).headers['etag']

describe('definitions of tags', () => {
  it('are listed with those that writes of profiles made, and named lists win over ids in paths', async () => {
    const name = randomUUID()
    await newProfile([name])
    const tag = (await listed()).find((candidate) => candidate.name === name)
    expect(tag).toEqual({ id: expect.any(Number), name, color: '#0768ff' })
    expect((await call('list-clients')).body).not.toEqual(await listed())
    const posted = await harness.raw('POST', '/v4/clients/tags', {
      headers: { ...harness.credentialOf('synerise').headers, 'content-type': 'application/json' },
      payload: '{"firstName":"x"}',
    })
    expectVendorError('synerise', posted, 'not_found')
  })

  it('ask for the version in the list of all of them, and nowhere else', async () => {
    const { authorization = '' } = harness.credentialOf('synerise').headers
    const clientId = await newProfile()
    const send = (method: string, path: string): Promise<Reply> =>
      harness.raw(method, path, { headers: { authorization } })
    expect((await send('GET', '/v4/clients/tags')).status).toBe(400)
    expect((await send('GET', `/v4/clients/${clientId}/tags`)).status).toBe(200)
    expect((await send('DELETE', `/v4/tags/${(await newTag()).id}`)).status).toBe(200)
  })

  it('keep name, id and colour when they are made again, also by two at once', async () => {
    const name = randomUUID()
    const made = await Promise.all([1, 2, 3, 4].map((n) => newTag({ name, color: `#00000${n}` })))
    expect(new Set(made.map((tag) => JSON.stringify(tag))).size).toBe(1)
  })

  it('change their colour by PUT and by PATCH, and never their name', async () => {
    const tag = await newTag()
    const params = { tagID: String(tag.id) }
    const put = await call('update-tag', { params, body: { color: '#ABCDEF', name: 'other' } })
    expect(put.body).toEqual({ ...tag, color: '#ABCDEF' })
    const patch = await harness.raw('PATCH', `/v4/tags/${tag.id}`, {
      headers: { ...harness.credentialOf('synerise').headers, 'content-type': 'application/json' },
      payload: '{"color":"#123456"}',
    })
    expect([patch.status, patch.body]).toEqual([200, { ...tag, color: '#123456' }])
    const nothing = await call('update-tag', { params, body: {} })
    expect(nothing.body).toEqual({ ...tag, color: '#123456' })
  })

  it('are refused where name or colour is none', async () => {
    for (const body of [
      {},
      { name: '' },
      { name: 'x'.repeat(256) },
      { name: 'a\0' },
      { name: '\uD800' },
      { name: 'x', color: '#12345g' },
    ])
      expectVendorError('synerise', await call('create-tag', { body }), 'invalid')
  })

  it('are gone from lists and profiles at once when they are removed, and the change log follows', async () => {
    const tag = await newTag()
    const clientId = await newProfile()
    await assign(clientId, tag)
    expect((await call('remove-tag', { params: { tagID: String(tag.id) } })).status).toBe(200)
    expect(await namesOf(clientId)).toEqual([])
    expect((await listed()).map(({ id }) => id)).not.toContain(tag.id)
    for (const operation of ['remove-tag', 'update-tag', 'assign-tag', 'unassign-tag']) {
      const reply = await call(operation, {
        params: { clientId, tagID: String(tag.id) },
        ...(operation === 'update-tag' && { body: {} }),
      })
      expectVendorError('synerise', reply, 'not_found')
    }
    await expect
      .poll(() => changesOf(clientId))
      .toContainEqual({
        name: `tag.${tag.name}`,
        before: true,
        after: null,
      })
    const again = await newTag({ name: tag.name })
    expect(again.id).not.toBe(tag.id)
    expect(await namesOf(clientId)).toEqual([])
  })
})

describe('a tag on a profile', () => {
  it('has a number that stays, and another one when it was taken off in between', async () => {
    const [clientId, tag] = [await newProfile(), await newTag()]
    const first = (await assign(clientId, tag)).body as { id: number }
    expect(first).toEqual({ clientId: Number(clientId), id: expect.any(Number), tagId: tag.id })
    expect(Number.isSafeInteger(first.id)).toBe(true)
    expect((await assign(clientId, tag)).body).toEqual(first)
    expect((await unassign(clientId, tag)).status).toBe(204)
    expect(await namesOf(clientId)).toEqual([])
    expect((await assign(clientId, tag)).body).not.toEqual(first)
  })

  it('is a change of the profile with a version and a row of the change log; nothing done is none', async () => {
    const [clientId, tag] = [await newProfile(), await newTag()]
    const before = await versionOf(clientId)
    await unassign(clientId, tag)
    expect(await versionOf(clientId)).toBe(before)
    await assign(clientId, tag)
    const assigned = await versionOf(clientId)
    expect(assigned).not.toBe(before)
    await assign(clientId, tag)
    expect(await versionOf(clientId)).toBe(assigned)
    await unassign(clientId, tag)
    const name = `tag.${tag.name}`
    expect(await changesOf(clientId)).toEqual([
      { name, before: true, after: null },
      { name, before: null, after: true },
    ])
  })

  it('is assigned once by a replay with the same Idempotency-Key', async () => {
    const [clientId, tag] = [await newProfile(), await newTag()]
    const keyed = { headers: { 'idempotency-key': randomUUID() } }
    const first = await assign(clientId, tag, keyed)
    await unassign(clientId, tag)
    const second = await assign(clientId, tag, keyed)
    expect([second.status, second.text]).toEqual([first.status, first.text])
    expect(await namesOf(clientId)).toEqual([])
  })

  it('is not found for nobody, for a profile that was merged away, and from another workspace', async () => {
    const [clientId, tag, survivor] = [await newProfile(), await newTag(), await newProfile()]
    await harness.call('native', 'merge-profiles', {
      body: { from: Number(clientId), into: Number(survivor) },
    })
    const params = { clientId: survivor, tagID: String(tag.id) }
    const replies = [
      await assign(clientId, tag),
      await assign('999999999', tag),
      await assign(survivor, { ...tag, id: 2_147_483_648 }),
      await call('assign-tag', { params, workspace: 'Second' }),
      await call('unassign-tag', { params, workspace: 'Second' }),
      await call('update-tag', { params, workspace: 'Second', body: { color: '#000000' } }),
      await call('remove-tag', { params, workspace: 'Second' }),
    ]
    for (const reply of replies) expectVendorError('synerise', reply, 'not_found')
    expect((await listed({ workspace: 'Second' })).map(({ id }) => id)).not.toContain(tag.id)
    expect(await namesOf(clientId)).toEqual([])
  })
})

describe('a tag of the installation', () => {
  it('is everywhere, with no workspace, and no workspace changes or removes it', async () => {
    const name = randomUUID()
    const shared = await openTags(database.db).createShared({ name, color: '#00ff00' }, COMMAND_LINE)
    for (const workspace of ['First', 'Second'] as const) {
      const made = await call('create-tag', { body: { name, color: '#ffffff' }, workspace })
      expect(made.body).toEqual({ businessProfileId: null, id: shared.tagId, name, color: '#00ff00' })
      const params = { tagID: String(shared.tagId) }
      const update = await call('update-tag', { params, body: { color: '#000000' }, workspace })
      expectVendorError('synerise', update, 'not_found')
      expectVendorError('synerise', await call('remove-tag', { params, workspace }), 'not_found')
      expect((await listed({ workspace })).filter((tag) => tag.name === name)).toHaveLength(1)
    }
    const [byName, byId] = [await newProfile([name]), await newProfile()]
    expect((await assign(byId, { ...shared, id: shared.tagId, businessProfileId: null })).status).toBe(200)
    expect([await namesOf(byName), await namesOf(byId)]).toEqual([[name], [name]])
    const profile = await call('get-client', { params: { clientId: byId } })
    expect(profile.body).toMatchObject({ tags: [name] })
  })
})
