import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profiles } from '../../src/core/profiles/index.ts'
import { INSTALLATION, openTagSweep, openTags } from '../../src/core/tags/index.ts'
import type { Tags } from '../../src/core/tags/index.ts'
import { DEFAULT_SETTINGS, applyDeclaration, findWorkspace } from '../../src/core/workspaces/index.ts'
import { now, useClock } from '../../src/lib/time.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { makeCommand, makeUnit, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

let database: TestDatabase
let path: WritePath
let profiles: Profiles
let tags: Tags
let sweep: () => Promise<boolean>

beforeAll(async () => {
  database = await openTestDatabase()
  path = await openWritePath(database.db)
  profiles = openProfiles(database.db)
  tags = openTags(database.db)
  sweep = openTagSweep(database.db, path.ingest)
})

afterAll(async () => {
  await path.close()
  await database.close()
})

const BY = { dialect: 'test', operation: 'remove', credential: 'test:remover', traceId: 'trace' }

const person = async (workspace: Workspace, name: string, given: readonly string[] = []): Promise<number> => {
  const { profileId } = await path.write(
    workspace,
    makeCommand(userId(name), { attributes: {}, tags: given }),
  )
  return profileId ?? 0
}

const newTag = async ({ id: workspaceId }: Workspace, name: string): Promise<number> =>
  (await tags.create({ workspaceId, name }, COMMAND_LINE)).tag.tagId

/** Name → how many profiles have it, once every committed flush is in it. */
const counts = async ({ id }: Workspace): Promise<Record<string, number>> => {
  await followAll(database)
  const { items } = await tags.list(id, { cursor: undefined, limit: 100 })
  return Object.fromEntries(items.map(({ name, profiles: count }) => [name, count]))
}

async function declared(name: string): Promise<Workspace> {
  const guid = randomUUID()
  const settings = { ...DEFAULT_SETTINGS, dialects: {} }
  await applyDeclaration(
    database.db,
    { workspaces: [{ name, guid, keys: [], settings }], users: [] },
    'config',
  )
  return findWorkspace(database.db, guid)
}

test('a removed tag goes off every profile in batches, each with a version and a row of the change log', async () => {
  const workspace = await declared('Sweeping')
  const commands = Array.from({ length: 1_100 }, (_, n) =>
    makeCommand(userId(`p${n}`), { attributes: {}, tags: ['old', 'kept'] }),
  )
  await path.submit(makeUnit(workspace, commands))
  const [loserId, winnerId] = [await person(workspace, 'p0'), await person(workspace, 'p1')]
  await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
  const tagId = await newTag(workspace, 'old')
  await tags.remove({ workspaceId: workspace.id, tagId }, BY, COMMAND_LINE)
  expect((await profiles.get(workspace, winnerId)).tags).toEqual(['kept'])
  const { version } = await profiles.get(workspace, winnerId)
  let runs = 0
  while (await sweep()) runs++
  expect(runs).toBe(3)
  const left = `select count(*) from tag_assignment where tag_id = ${tagId}`
  expect(await countOf(database, left)).toBe(0)
  expect((await profiles.get(workspace, winnerId)).version).toBe(version + 1)
  const changes = await rowsOf<{ count: number }>(
    database,
    `select count(*)::int as count from profile_change
      where workspace_id = $1 and diff -> 'tag.old' = '[true, null]' and credential = 'test:remover'`,
    [workspace.id],
  )
  expect(changes).toEqual([{ count: 1_099 }])
  expect(await counts(workspace)).toEqual({ kept: 1_099 })
  await profiles.unmerge({ workspace, profileId: loserId })
  expect((await profiles.get(workspace, loserId)).tags).toEqual(['kept'])
})

test('a removed tag is remembered for an hour, for writes that had found it before', async () => {
  const workspace = await declared('Remembering')
  const tagId = await newTag(workspace, 'late')
  await tags.remove({ workspaceId: workspace.id, tagId }, BY, COMMAND_LINE)
  const id = await person(workspace, 'a')
  await database.admin.query(
    `insert into tag_assignment (workspace_id, profile_id, tag_id, origin_profile_id, at) values ($1, $2, $3, $2, now())`,
    [workspace.id, id, tagId],
  )
  while (await sweep());
  expect((await profiles.get(workspace, id)).tags).toEqual([])
  const rows = `select count(*) from tag where tag_id = ${tagId}`
  expect(await countOf(database, rows)).toBe(1)
  const later = now() + 2 * 3_600_000
  const restore = useClock(() => later)
  await sweep()
  restore()
  expect(await countOf(database, rows)).toBe(0)
})

test('a tag of the installation needs a name that no workspace uses, and its removal reaches all of them', async () => {
  const [first, second] = [await declared('One'), await declared('Two')]
  await newTag(first, 'taken')
  const taken = tags.createShared({ name: 'taken' }, COMMAND_LINE)
  await expect(taken).rejects.toMatchObject({ code: 'CDP_TAG_TAKEN' })
  const { tagId } = await tags.createShared({ name: 'shared' }, COMMAND_LINE)
  await expect(tags.createShared({ name: 'shared' }, COMMAND_LINE)).rejects.toMatchObject({
    code: 'CDP_TAG_TAKEN',
  })
  const ids = [await person(first, 'a', ['shared']), await person(second, 'b', ['shared'])]
  expect([await counts(first), await counts(second)]).toEqual([{ taken: 0, shared: 1 }, { shared: 1 }])
  const mine = { workspaceId: first.id, tagId }
  await expect(tags.remove(mine, BY, COMMAND_LINE)).rejects.toMatchObject({ code: 'CDP_TAG_NOT_FOUND' })
  await tags.remove({ workspaceId: INSTALLATION, tagId }, BY, COMMAND_LINE)
  expect((await profiles.get(first, ids[0] ?? 0)).tags).toEqual([])
  while (await sweep());
  expect(await countOf(database, `select count(*) from tag_assignment where tag_id = ${tagId}`)).toBe(0)
})
