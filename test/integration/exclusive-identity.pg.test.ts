import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profile } from '../../src/core/profiles/index.ts'
import type { RawIdentifier } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeWorkspace, openWritePath } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'

/** Who a write is about: `uuid`, `customId` (a userId) and `email`, as one sender names them. */
interface Who {
  uuid?: string
  customId?: string
  email?: string
}

describe('the exclusive identity rule', () => {
  let database: TestDatabase
  let path: WritePath
  let workspace: Workspace

  beforeAll(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })
  beforeEach(() => {
    workspace = makeWorkspace()
  })

  const write = ({ uuid, customId, email }: Who, values: Record<string, string> = {}): Promise<Shown> => {
    const identifiers: RawIdentifier[] = [
      ...(uuid === undefined ? [] : [id('uuid', uuid)]),
      ...(customId === undefined ? [] : [id('userId', customId)]),
      ...(email === undefined ? [] : [id('email', email)]),
    ]
    const attributes = { ...values, ...(email !== undefined && { email }) }
    return path.write(workspace, makeCommand(identifiers, { attributes, identityRule: 'exclusive' }))
  }

  const find = (kind: RawIdentifier['kind'], value: string): Promise<Profile> =>
    openProfiles(database.db).lookup(workspace, id(kind, value))

  const reasons = async (): Promise<string[]> => {
    const rows = await rowsOf<{ reason: string }>(
      database,
      'select reason from rejection where workspace_id = $1',
      [workspace.id],
    )
    return rows.map(({ reason }) => reason)
  }

  test('uuid of an anonymous profile with a new e-mail: it becomes a known person', async () => {
    const { profileId } = await write({ uuid: 'A' })
    expect(await write({ uuid: 'A', email: 'a@x.example' })).toMatchObject({ profileId })
    expect((await find('email', 'a@x.example')).id).toBe(profileId)
  })

  test.each([
    ['e-mail', { email: 'b@x.example' }],
    ['userId', { customId: 'b' }],
  ])('uuid of an anonymous profile with the %s of another: the two become that one', async (_kind, ofB) => {
    const a = await write({ uuid: 'A' }, { city: 'Brno', plan: 'free' })
    const b = await write({ ...ofB }, { plan: 'gold' })
    expect(await write({ uuid: 'A', ...ofB }, { name: 'B' })).toMatchObject({ profileId: b.profileId })
    const merged = await find('uuid', 'A')
    expect(merged).toMatchObject({ id: b.profileId, attributes: { plan: 'gold', city: 'Brno', name: 'B' } })
    expect(await openProfiles(database.db).get(workspace, a.profileId ?? 0)).toMatchObject({
      mergedFrom: a.profileId,
    })
  })

  test('uuid of an anonymous profile with a new userId: it gets it', async () => {
    const { profileId } = await write({ uuid: 'A' })
    await write({ uuid: 'A', customId: 'new' })
    expect((await find('userId', 'new')).id).toBe(profileId)
  })

  test('uuid of a known person with a new e-mail or userId: the old one is overwritten', async () => {
    const { profileId } = await write({ uuid: 'R', email: 'old@x.example', customId: 'old' })
    await write({ uuid: 'R', email: 'new@x.example', customId: 'new' })
    expect((await find('email', 'new@x.example')).id).toBe(profileId)
    expect((await find('userId', 'new')).id).toBe(profileId)
    await expect(find('email', 'old@x.example')).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
    await expect(find('userId', 'old')).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  })

  test.each([
    ['e-mail', { email: 'b@x.example' }],
    ['userId', { customId: 'b' }],
  ])('uuid of a known person with the %s of another: nothing is stored', async (_kind, ofB) => {
    const a = await write({ uuid: 'R', email: 'r@x.example' })
    const b = await write(ofB)
    expect(await write({ uuid: 'R', ...ofB }, { name: 'never' })).toEqual({
      ok: true,
      ignored: 'identity_conflict',
    })
    expect(await find('uuid', 'R')).toMatchObject({ id: a.profileId, attributes: { email: 'r@x.example' } })
    expect((await openProfiles(database.db).get(workspace, b.profileId ?? 0)).attributes).not.toHaveProperty(
      'name',
    )
    expect(await reasons()).toEqual(['identity_conflict'])
  })

  test('e-mail and userId that nobody has: one new profile holds both', async () => {
    const { profileId } = await write({ email: 'n@x.example', customId: 'n' })
    expect([(await find('email', 'n@x.example')).id, (await find('userId', 'n')).id]).toEqual([
      profileId,
      profileId,
    ])
  })

  test('a new e-mail with a known userId is written to that profile', async () => {
    const { profileId } = await write({ customId: 'u', email: 'first@x.example' })
    await write({ customId: 'u', email: 'second@x.example' })
    expect(await find('email', 'second@x.example')).toMatchObject({
      id: profileId,
      attributes: { email: 'second@x.example' },
    })
    await expect(find('email', 'first@x.example')).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  })

  test('a known e-mail with a new userId: its profile gets the userId', async () => {
    const { profileId } = await write({ email: 'e@x.example' })
    await write({ email: 'e@x.example', customId: 'c' })
    expect((await find('userId', 'c')).id).toBe(profileId)
  })

  test('a known e-mail of somebody with another userId stays there', async () => {
    const first = await write({ email: 'e@x.example', customId: 'c1' })
    const second = await write({ email: 'e@x.example', customId: 'c2' })
    expect(second.profileId).not.toBe(first.profileId)
    expect((await find('email', 'e@x.example')).id).toBe(first.profileId)
    expect((await find('userId', 'c1')).id).toBe(first.profileId)
    expect(await reasons()).toEqual(['contact_held'])
  })

  test('e-mail and userId of two profiles: nothing changes', async () => {
    const byMail = await write({ email: 'e@x.example' })
    const byId = await write({ customId: 'c' })
    expect(await write({ email: 'e@x.example', customId: 'c' }, { name: 'never' })).toMatchObject({
      ok: true,
    })
    expect((await find('email', 'e@x.example')).id).toBe(byMail.profileId)
    expect(await find('userId', 'c')).toMatchObject({ id: byId.profileId, attributes: {} })
    expect(await reasons()).toEqual(['identity_conflict'])
  })
})
