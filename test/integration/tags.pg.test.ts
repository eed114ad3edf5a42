import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profiles } from '../../src/core/profiles/index.ts'
import { openTags, tagCommand } from '../../src/core/tags/index.ts'
import type { Tags } from '../../src/core/tags/index.ts'
import type { TagChange } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'

let database: TestDatabase
let path: WritePath
let profiles: Profiles
let tags: Tags

beforeAll(async () => {
  database = await openTestDatabase()
  path = await openWritePath(database.db)
  profiles = openProfiles(database.db)
  tags = openTags(database.db)
})

afterAll(async () => {
  await path.close()
  await database.close()
})

const person = async (workspace: Workspace, name: string, given: readonly string[] = []): Promise<number> => {
  const { profileId } = await path.write(
    workspace,
    makeCommand(userId(name), { attributes: {}, tags: given }),
  )
  return profileId ?? 0
}

const change = (workspace: Workspace, profileId: number, tagChange: TagChange): Promise<Shown> =>
  path.write(workspace, tagCommand(profileId, tagChange))

const newTag = async ({ id: workspaceId }: Workspace, name: string): Promise<number> =>
  (await tags.create({ workspaceId, name }, COMMAND_LINE)).tag.tagId

/** Name → how many profiles have it, once every committed flush is in it. */
const counts = async ({ id }: Workspace): Promise<Record<string, number>> => {
  await followAll(database)
  const { items } = await tags.list(id, { cursor: undefined, limit: 100 })
  return Object.fromEntries(items.map(({ name, profiles: count }) => [name, count]))
}

/** The same, counted row by row. */
const counted = async ({ id }: Workspace): Promise<Record<string, number>> => {
  const rows = await rowsOf<{ name: string; count: number }>(
    database,
    `select t.name, count(p.profile_id)::int as count from tag t
       left join tag_assignment a on a.workspace_id = $1 and a.tag_id = t.tag_id
       left join profile p on p.workspace_id = $1 and p.profile_id = a.profile_id
      where t.workspace_id = $1 and t.removal is null group by t.name`,
    [id],
  )
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
}

test('the counts of tags follow writes, merges, their undoing and deletions', async () => {
  const workspace = makeWorkspace()
  const [a, b, c] = [
    await person(workspace, 'a', ['x', 'y']),
    await person(workspace, 'b', ['x']),
    await person(workspace, 'c', ['x', 'z']),
  ]
  const x = (await tags.create({ workspaceId: workspace.id, name: 'x' }, COMMAND_LINE)).tag.tagId
  expect(await counts(workspace)).toEqual({ x: 3, y: 1, z: 1 })
  await profiles.merge({ workspace, loserIds: [a], winnerId: b, by: 'test' })
  expect(await counts(workspace)).toEqual({ x: 2, y: 0, z: 1 })
  await change(workspace, b, { tagId: x, change: 'remove' })
  await change(workspace, b, { tagId: x, change: 'remove' })
  expect(await counts(workspace)).toEqual({ x: 1, y: 0, z: 1 })
  await profiles.unmerge({ workspace, profileId: a })
  expect(await counts(workspace)).toEqual({ x: 2, y: 1, z: 1 })
  await profiles.delete(workspace, { profileId: c })
  expect(await counts(workspace)).toEqual({ x: 1, y: 1, z: 0 })
  expect(await counts(workspace)).toEqual(await counted(workspace))
})

test('the counts of tags follow a write that merges two profiles', async () => {
  const workspace = makeWorkspace()
  const email = 'ann@x.example'
  await path.write(
    workspace,
    makeCommand({ kind: 'email', value: email }, { attributes: {}, tags: ['x', 'y'] }),
  )
  await person(workspace, 'ann', ['x'])
  expect(await counts(workspace)).toEqual({ x: 2, y: 1 })
  await path.submit(
    makeUnit(workspace, [
      makeCommand({ kind: 'email', value: email }, { attributes: {}, tags: ['z'] }),
      makeCommand(userId('ann'), { attributes: { email }, tags: ['w'] }),
    ]),
  )
  expect(await counts(workspace)).toEqual(await counted(workspace))
  expect(await counts(workspace)).toMatchObject({ x: 1, y: 0, w: 1 })
})

test('a survivor keeps its own tags, and a merge that is taken back gives the others back', async () => {
  const workspace = makeWorkspace()
  const [loser, winner] = [
    await person(workspace, 'loser', ['mine']),
    await person(workspace, 'winner', ['own']),
  ]
  await profiles.merge({ workspace, loserIds: [loser], winnerId: winner, by: 'test' })
  const late = await newTag(workspace, 'late')
  await change(workspace, winner, { tagId: late, change: 'assign' })
  expect((await profiles.get(workspace, loser)).tags).toEqual(['late', 'own'])
  expect(await change(workspace, loser, { tagId: late, change: 'assign' })).toMatchObject({
    code: 'CDP_PROFILE_NOT_FOUND',
  })
  await profiles.unmerge({ workspace, profileId: loser })
  expect((await profiles.get(workspace, loser)).tags).toEqual(['mine'])
  expect((await profiles.get(workspace, winner)).tags).toEqual(['late', 'own'])
})

test('a tag put on and taken off in one transaction leaves what the last one said', async () => {
  const workspace = makeWorkspace()
  const [id, tagId] = [await person(workspace, 'a'), await newTag(workspace, 't')]
  const send = (...changes: TagChange['change'][]): Promise<Shown[]> =>
    path.submit(
      makeUnit(
        workspace,
        changes.map((what) => tagCommand(id, { tagId, change: what })),
      ),
    )
  const has = async (): Promise<string[]> => [...(await profiles.get(workspace, id)).tags]
  await send('assign', 'remove')
  expect(await has()).toEqual([])
  await send('remove', 'assign')
  expect(await has()).toEqual(['t'])
  await send('remove', 'assign', 'remove')
  expect(await has()).toEqual([])
  expect(await counts(workspace)).toEqual({ t: 0 })
})

test('a command that is refused leaves no tag to those that come with it', async () => {
  const workspace = makeWorkspace()
  const id = await person(workspace, 'a', ['known'])
  const refused = makeUnit(
    workspace,
    [
      makeCommand(userId('a'), { attributes: {}, tags: ['fresh'] }),
      makeCommand(userId('a'), { attributes: {}, ifVersion: 99 }),
    ],
    { atomic: 'all' },
  )
  for (let round = 0; round < 5; round++) {
    const [first, second] = await Promise.allSettled([
      path.submit(refused),
      person(workspace, 'a', ['fresh', `round ${round}`]),
    ])
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
  }
  expect((await profiles.get(workspace, id)).tags).toContain('fresh')
  expect(await counts(workspace)).toEqual(await counted(workspace))
  expect(path.failures).toEqual([])
})

test('a list of tags is read page by page in the order of names', async () => {
  const workspace = makeWorkspace()
  for (const name of ['d', 'a', 'c', 'b', 'e']) await newTag(workspace, name)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await tags.list(workspace.id, { cursor, limit: 2 })
    seen.push(...page.items.map(({ name }) => name))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
})
