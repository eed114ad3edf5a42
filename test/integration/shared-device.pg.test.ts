import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profiles } from '../../src/core/profiles/index.ts'
import type { Command, RawIdentifier } from '../../src/model/command.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

let database: TestDatabase
let path: WritePath
let other: WritePath
let profiles: Profiles

beforeAll(async () => {
  database = await openTestDatabase()
  path = await openWritePath(database.db)
  other = await openWritePath(database.db)
  profiles = openProfiles(database.db)
})

afterAll(async () => {
  await path.close()
  await other.close()
  await database.close()
})

const both = (...identifiers: RawIdentifier[]): Command => ({
  ...makeCommand(userId('x'), { event: { name: 'e' } }),
  identifiers,
})

test('a userId that comes with the anonymous id of nobody else takes that profile over', async () => {
  const workspace = makeWorkspace()
  const anonymous = await path.write(workspace, both(id('anonymousId', 'device')))
  const known = await path.write(workspace, both(userId('ann'), id('anonymousId', 'device')))
  expect(known.profileId).toBe(anonymous.profileId)
})

test('a second userId on a shared device is another person, and the first keeps userId and device', async () => {
  const workspace = makeWorkspace()
  const ann = await path.write(workspace, both(userId('ann'), id('anonymousId', 'device')))
  const bob = await path.write(workspace, both(userId('bob'), id('anonymousId', 'device')))
  expect(bob.profileId).not.toBe(ann.profileId)
  expect((await profiles.lookup(workspace, userId('ann'))).id).toBe(ann.profileId)
  expect((await profiles.lookup(workspace, id('anonymousId', 'device'))).id).toBe(ann.profileId)
  const reasons = await rowsOf<{ reason: string }>(
    database,
    'select reason from rejection where workspace_id = $1',
    [workspace.id],
  )
  expect(reasons.map(({ reason }) => reason)).toEqual(['identifier_held'])
})

test('two processes that give one anonymous profile two userIds at once end with two people', async () => {
  for (let round = 0; round < 20; round++) {
    const workspace = makeWorkspace()
    const device = id('anonymousId', 'device')
    await path.write(workspace, both(device))
    const [ann, bob] = await Promise.all([
      path.write(workspace, both(userId('ann'), device)),
      other.write(workspace, both(userId('bob'), device)),
    ])
    expect(ann.profileId).not.toBe(bob.profileId)
    expect((await profiles.lookup(workspace, userId('ann'))).id).toBe(ann.profileId)
    expect((await profiles.lookup(workspace, userId('bob'))).id).toBe(bob.profileId)
  }
})
