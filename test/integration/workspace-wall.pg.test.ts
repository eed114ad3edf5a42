import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEvents } from '../../src/core/events/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { readStatistics } from '../../src/core/statistics/index.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { readPeople } from '../setup/people.ts'

describe('a workspace is a wall', () => {
  let database: TestDatabase
  let path: WritePath
  const [left, right] = [makeWorkspace(), makeWorkspace()]

  beforeAll(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('the same identifiers, event ids and keys in two workspaces never meet', async () => {
    const unit = (workspace: Workspace, n: number) => {
      const command = makeCommand([userId(`u${n}`), id('anonymousId', `a${n}`)], {
        attributes: { of: workspace.id, email: `${n}@x.example` },
        consents: [{ channel: 'sms', state: workspace === left ? 'granted' : 'denied' }],
        event: { name: `event-${n}`, messageId: `m${n}`, properties: { of: workspace.id } },
      })
      return makeUnit(workspace, [command], { idempotency: { key: `k${n}`, body: `of ${workspace.id}` } })
    }
    const numbers = Array.from({ length: 40 }, (_, n) => n)
    const shown = await Promise.all(
      numbers.flatMap((n) => [left, right].map((workspace) => path.submit(unit(workspace, n)))),
    )
    expect(shown.flat().every(({ ok, duplicate }) => ok && duplicate === false)).toBe(true)
    for (const workspace of [left, right]) {
      const people = await readPeople(database, workspace)
      expect(people).toHaveLength(40)
      for (const { attributes, events, consents } of people) {
        expect(attributes['of']).toBe(workspace.id)
        expect(events).toHaveLength(1)
        expect(consents).toEqual([workspace === left ? 'sms:granted' : 'sms:denied'])
      }
    }
    const crossed = await rowsOf(
      database,
      `select 1 from event where (properties ->> 'of')::int <> workspace_id`,
    )
    expect(crossed).toEqual([])
  })

  test("another workspace's profile is not found, in any way of asking", async () => {
    const { profileId = 0 } = await path.write(
      left,
      makeCommand(userId('secret'), { event: { name: 'Secret' } }),
    )
    const { profileId: survivor = 0 } = await path.write(left, makeCommand(userId('survivor')))
    const profiles = openProfiles(database.db)
    const notFound = { code: 'CDP_PROFILE_NOT_FOUND' }
    await expect(profiles.get(right, profileId)).rejects.toMatchObject(notFound)
    await expect(profiles.idsOf(right, profileId)).rejects.toMatchObject(notFound)
    await expect(profiles.lookup(right, userId('secret'))).rejects.toMatchObject(notFound)
    await expect(
      profiles.merge({ workspace: right, loserIds: [profileId], winnerId: survivor, by: 'x' }),
    ).rejects.toMatchObject(notFound)
    await profiles.merge({ workspace: left, loserIds: [profileId], winnerId: survivor, by: 'x' })
    await expect(profiles.get(right, profileId)).rejects.toMatchObject(notFound)
    await expect(profiles.unmerge({ workspace: right, profileId })).rejects.toMatchObject({
      code: 'CDP_MERGE_NOT_FOUND',
    })
    const nothing = { from: undefined, to: undefined, name: undefined, cursor: undefined, limit: 10 }
    const page = await openEvents(database.db).list({
      workspaceId: right.id,
      profileIds: [profileId, survivor],
      ...nothing,
    })
    expect(page).toEqual({ items: [], nextCursor: null })
  })

  test('totals, aggregates and the ledger show one workspace only', async () => {
    await path.submit(
      makeUnit(left, [], { dropped: [{ reason: 'field_unknown', pointer: '/x', item: 'left' }] }),
    )
    await followAll(database)
    const total = await readStatistics(database.db, right.id, ['test'])
    expect(total).toMatchObject({ profiles: 40, events: 40, rejections: 0 })
    const query = { name: 'event-1', fn: 'count', path: [], from: 0, to: Date.now() + 1_000 } as const
    expect(await openEvents(database.db).aggregate({ workspaceId: right.id, ...query })).toEqual({
      count: 1,
      value: '1',
    })
    const everything = {
      from: 0,
      to: Date.now() + 1_000,
      dialect: undefined,
      reason: undefined,
      cursor: undefined,
      limit: 10,
    }
    expect((await path.ledger.list({ workspaceId: right.id, ...everything })).items).toEqual([])
    expect((await path.ledger.list({ workspaceId: left.id, ...everything })).items).toHaveLength(1)
  })
})
