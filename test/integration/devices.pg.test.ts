import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDevices } from '../../src/core/devices/index.ts'
import type { Devices } from '../../src/core/devices/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profiles } from '../../src/core/profiles/index.ts'
import type { Command } from '../../src/model/command.ts'
import type { Device } from '../../src/model/device.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'
import { findBrokenIn } from '../setup/invariants.ts'

let database: TestDatabase
let path: WritePath
let other: WritePath
let profiles: Profiles
let devices: Devices

beforeAll(async () => {
  database = await openTestDatabase()
  path = await openWritePath(database.db)
  other = await openWritePath(database.db)
  profiles = openProfiles(database.db)
  devices = openDevices(database.db)
})

afterAll(async () => {
  await path.close()
  await other.close()
  await database.close()
})

const person = async (workspace: Workspace, name: string): Promise<number> =>
  (await path.write(workspace, makeCommand(userId(name), { attributes: {} }))).profileId ?? 0

const linkOf = (profileId: number, deviceId = 'phone', facts: Partial<Device> = {}): Command => ({
  identifiers: [],
  profileId,
  target: 'existing',
  device: { deviceId, registrationId: `to ${profileId}`, type: 'android', ...facts },
  pointer: '',
  item: {},
  notices: [],
})

const link = (
  workspace: Workspace,
  profileId: number,
  deviceId?: string,
  facts?: Partial<Device>,
): Promise<Shown> => path.write(workspace, linkOf(profileId, deviceId, facts))

const devicesOf = async (workspace: Workspace, profileId: number): Promise<string[]> => {
  const profileIds = await profiles.idsOf(workspace, profileId)
  const page = await devices.list({ workspaceId: workspace.id, profileIds, cursor: undefined, limit: 100 })
  return page.items.map(({ deviceId }) => deviceId).toSorted()
}

const holderOf = async (workspace: Workspace, deviceId = 'phone'): Promise<number> =>
  (await profiles.lookup(workspace, id('deviceId', deviceId))).id

const changesOf = (workspace: Workspace, profileId: number): Promise<object[]> =>
  rowsOf(
    database,
    'select diff from profile_change where workspace_id = $1 and profile_id = $2 order by change_id',
    [workspace.id, profileId],
  )

const reasonsIn = async (workspace: Workspace): Promise<string[]> => {
  const rows = await rowsOf<{ reason: string }>(
    database,
    'select reason from rejection where workspace_id = $1',
    [workspace.id],
  )
  return rows.map(({ reason }) => reason)
}

const versionOf = async (workspace: Workspace, profileId: number): Promise<number> =>
  (await profiles.get(workspace, profileId)).version

test('a device is linked with its id as identifier, and what is known of it is the last that was said', async () => {
  const workspace = makeWorkspace()
  const ann = await person(workspace, 'ann')
  await link(workspace, ann, 'phone', { model: 'old', screenWidth: 100 })
  await link(workspace, ann, 'phone', { model: 'new' })
  await link(workspace, ann, 'tablet')
  expect(await devicesOf(workspace, ann)).toEqual(['phone', 'tablet'])
  const page = await devices.list({
    workspaceId: workspace.id,
    profileIds: [ann],
    cursor: undefined,
    limit: 100,
  })
  const phone = page.items.find(({ deviceId }) => deviceId === 'phone')
  expect(phone).toMatchObject({ model: 'new', screenWidth: undefined })
  expect([await holderOf(workspace), await holderOf(workspace, 'tablet')]).toEqual([ann, ann])
  expect(await changesOf(workspace, ann)).toEqual([
    { diff: { 'device.phone': [null, 'android'] } },
    { diff: { 'device.tablet': [null, 'android'] } },
  ])
})

test('a device that changes hands moves, both profiles say so, and the two people stay two', async () => {
  const workspace = makeWorkspace()
  const [ann, bob] = [await person(workspace, 'ann'), await person(workspace, 'bob')]
  await link(workspace, ann)
  const before = [await versionOf(workspace, ann), await versionOf(workspace, bob)]
  await link(workspace, bob)
  expect([await devicesOf(workspace, ann), await devicesOf(workspace, bob)]).toEqual([[], ['phone']])
  expect(await holderOf(workspace)).toBe(bob)
  expect([await versionOf(workspace, ann), await versionOf(workspace, bob)]).toEqual(before.map((n) => n + 1))
  expect((await changesOf(workspace, ann)).at(-1)).toEqual({ diff: { 'device.phone': ['android', null] } })
  expect(await changesOf(workspace, bob)).toEqual([{ diff: { 'device.phone': [null, 'android'] } }])
  expect((await profiles.lookup(workspace, userId('ann'))).id).toBe(ann)
  expect(await reasonsIn(workspace)).toEqual([])
  expect(await findBrokenIn(database)).toEqual([])
})

test('an identifier that a profile has for another reason stays there, and the ledger says so', async () => {
  const workspace = makeWorkspace()
  const bob = await person(workspace, 'bob')
  const visitor = await path.write(workspace, makeCommand(id('deviceId', 'phone'), { event: {} }))
  await link(workspace, bob)
  expect(await devicesOf(workspace, bob)).toEqual(['phone'])
  expect(await holderOf(workspace)).toBe(visitor.profileId)
  expect(await reasonsIn(workspace)).toEqual(['identifier_held'])
  expect(await findBrokenIn(database)).toEqual([])
})

test('of profiles that link one device at the same time, in several processes, one has it in the end', async () => {
  for (let round = 0; round < 15; round++) {
    const workspace = makeWorkspace()
    const people = await Promise.all(['a', 'b', 'c', 'd'].map((name) => person(workspace, name)))
    // Held by somebody else in every second round: then no identifier is written that could part the writers.
    if (round % 2 === 0) await path.write(workspace, makeCommand(id('deviceId', 'phone'), { event: {} }))
    const results = await Promise.all(
      people.map((profileId, n) => (n % 2 === 0 ? path : other).write(workspace, linkOf(profileId))),
    )
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, true])
    const rows = await rowsOf<{ profile_id: string }>(
      database,
      'select profile_id from device where workspace_id = $1',
      [workspace.id],
    )
    expect(rows).toHaveLength(1)
    const owners = await Promise.all(people.map((profileId) => devicesOf(workspace, profileId)))
    expect(owners.flat()).toEqual(['phone'])
    if (round % 2 === 1) expect(await holderOf(workspace)).toBe(Number(rows[0]?.profile_id))
    expect(await findBrokenIn(database)).toEqual([])
  }
  expect([...path.failures, ...other.failures]).toEqual([])
})

test('several links in one transaction leave the device where the last one said', async () => {
  const workspace = makeWorkspace()
  const [a, b, c] = [await person(workspace, 'a'), await person(workspace, 'b'), await person(workspace, 'c')]
  await link(workspace, a)
  await path.submit(makeUnit(workspace, [linkOf(b), linkOf(c), linkOf(a), linkOf(b)]))
  const found = [await devicesOf(workspace, a), await devicesOf(workspace, b), await devicesOf(workspace, c)]
  expect(found).toEqual([[], ['phone'], []])
  expect(await holderOf(workspace)).toBe(b)
  expect(await findBrokenIn(database)).toEqual([])
})

test('a survivor has the devices of those merged into it, and a merge that is taken back parts them', async () => {
  const workspace = makeWorkspace()
  const [loser, winner] = [await person(workspace, 'loser'), await person(workspace, 'winner')]
  await link(workspace, loser, 'old')
  await link(workspace, loser, 'phone')
  await link(workspace, winner, 'tablet')
  await profiles.merge({ workspace, loserIds: [loser], winnerId: winner, by: 'test' })
  expect(await devicesOf(workspace, winner)).toEqual(['old', 'phone', 'tablet'])
  expect(await link(workspace, loser, 'lost')).toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  await link(workspace, winner, 'phone', { model: 'told since' })
  await link(workspace, winner, 'later')
  await profiles.unmerge({ workspace, profileId: loser })
  expect(await devicesOf(workspace, loser)).toEqual(['old', 'phone'])
  expect(await devicesOf(workspace, winner)).toEqual(['later', 'tablet'])
  expect([await holderOf(workspace), await holderOf(workspace, 'later')]).toEqual([loser, winner])
  expect(await findBrokenIn(database)).toEqual([])
})

test('a device leaves a survivor that had it from a merged profile, and does not come back with that one', async () => {
  const workspace = makeWorkspace()
  const [loser, winner, third] = [
    await person(workspace, 'loser'),
    await person(workspace, 'winner'),
    await person(workspace, 'third'),
  ]
  await link(workspace, loser)
  await profiles.merge({ workspace, loserIds: [loser], winnerId: winner, by: 'test' })
  await link(workspace, third)
  expect([await devicesOf(workspace, winner), await devicesOf(workspace, third)]).toEqual([[], ['phone']])
  expect((await changesOf(workspace, winner)).at(-1)).toEqual({ diff: { 'device.phone': ['android', null] } })
  await profiles.unmerge({ workspace, profileId: loser })
  expect([await devicesOf(workspace, loser), await holderOf(workspace)]).toEqual([[], third])
  expect(await findBrokenIn(database)).toEqual([])
})

test('devices go with their profile, and another one can have them then', async () => {
  const workspace = makeWorkspace()
  const [ann, bob] = [await person(workspace, 'ann'), await person(workspace, 'bob')]
  await link(workspace, ann)
  await profiles.delete(workspace, { profileId: ann })
  expect(await rowsOf(database, 'select 1 from device where workspace_id = $1', [workspace.id])).toEqual([])
  await link(workspace, bob)
  expect([await devicesOf(workspace, bob), await holderOf(workspace)]).toEqual([['phone'], bob])
})

test('a device id that is none, or cannot be stored, is refused, and one workspace is none of the other’s business', async () => {
  const [mine, theirs] = [makeWorkspace(), makeWorkspace()]
  const [ann, bob] = [await person(mine, 'ann'), await person(theirs, 'bob')]
  expect(await link(mine, ann, 'null')).toMatchObject({
    code: 'CDP_IDENTIFIER_MISSING',
    pointer: '/deviceId',
  })
  expect(await link(mine, ann, 'a\0')).toMatchObject({ code: 'CDP_IDENTIFIER_INVALID', pointer: '/deviceId' })
  expect(await link(mine, 999_999_999)).toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  await link(mine, ann, 'phone', { model: 'a\0b' })
  await link(theirs, bob, 'phone')
  expect([await devicesOf(mine, ann), await devicesOf(theirs, bob)]).toEqual([['phone'], ['phone']])
  expect(await reasonsIn(mine)).toContain('text_replaced')
  expect(path.failures).toEqual([])
})

test('a list of devices is read page by page, those that were linked last first', async () => {
  const workspace = makeWorkspace()
  const ann = await person(workspace, 'ann')
  const names = ['a', 'b', 'c', 'd', 'e']
  await path.submit(
    makeUnit(
      workspace,
      names.map((name) => linkOf(ann, name)),
    ),
  )
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const query = { workspaceId: workspace.id, profileIds: [ann], cursor, limit: 2 }
    const page = await devices.list(query)
    seen.push(...page.items.map(({ deviceId }) => deviceId))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(names.toReversed())
})
