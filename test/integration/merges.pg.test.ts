import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profiles } from '../../src/core/profiles/index.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { findBrokenIn } from '../setup/invariants.ts'
import { readPeople } from '../setup/people.ts'

describe.each(MAJORS)('merging profiles on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath
  let profiles: Profiles

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
    profiles = openProfiles(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('moves identifiers, fills only what the survivor lacks, and shows both timelines', async () => {
    const workspace = makeWorkspace()
    const loserId = await person(workspace, 'loser', { color: 'red', size: 1 })
    const winnerId = await person(workspace, 'winner', { color: 'blue' })
    await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    const merged = await profiles.get(workspace, loserId)
    expect(merged).toMatchObject({
      id: winnerId,
      mergedFrom: loserId,
      attributes: { color: 'blue', size: 1 },
    })
    expect(await profiles.lookup(workspace, userId('loser'))).toMatchObject({
      id: winnerId,
      mergedFrom: undefined,
    })
    const primary = merged.identifiers
      .filter(({ kind }) => kind === 'userId')
      .map(({ value, isPrimary }) => [value, isPrimary])
    expect(primary.toSorted()).toEqual([
      ['loser', false],
      ['winner', true],
    ])
    expect(new Set(await profiles.idsOf(workspace, loserId))).toEqual(new Set([winnerId, loserId]))
    const [everyone] = await readPeople(database, workspace)
    expect(everyone?.events).toEqual(['loser', 'winner'])
    expect(everyone?.consents).toEqual(['email:granted', 'email:granted'])
  })

  test("sends later writes by the loser's identifiers to the survivor", async () => {
    const workspace = makeWorkspace()
    const loserId = await person(workspace, 'loser')
    const winnerId = await person(workspace, 'winner')
    await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    expect(
      await path.write(workspace, makeCommand(userId('loser'), { attributes: { later: 1 } })),
    ).toMatchObject({ profileId: winnerId })
    expect(
      await path.write(workspace, makeCommand(id('anonymousId', 'device-loser'), { event: {} })),
    ).toMatchObject({ profileId: winnerId })
    expect(await profiles.get(workspace, winnerId)).toMatchObject({ attributes: { later: 1 } })
  })

  test('and taking it back restores both exactly; later writes stay with the survivor', async () => {
    const workspace = makeWorkspace()
    const loserId = await person(workspace, 'loser', { color: 'red', size: 1, shape: 'round', weight: 7 })
    const winnerId = await person(workspace, 'winner', { color: 'blue' })
    const before = await readPeople(database, workspace)
    await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    expect(await profiles.unmerge({ workspace, profileId: loserId })).toBe(winnerId)
    expect(await readPeople(database, workspace)).toEqual(before)
    await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    const later = { later: true, shape: 'square', weight: null }
    await path.write(workspace, makeCommand(userId('loser'), { attributes: later, event: { name: 'later' } }))
    await profiles.unmerge({ workspace, profileId: loserId })
    expect((await profiles.get(workspace, loserId)).attributes).toEqual({
      color: 'red',
      size: 1,
      shape: 'round',
      weight: 7,
    })
    expect((await profiles.get(workspace, winnerId)).attributes).toEqual({
      color: 'blue',
      later: true,
      shape: 'square',
    })
    const [loser, winner] = (await readPeople(database, workspace)).toSorted(
      (a, b) => a.events.length - b.events.length,
    )
    expect([loser?.events, winner?.events]).toEqual([['loser'], ['later', 'winner']])
    expect(await findBrokenIn(database)).toEqual([])
  })

  test('keeps what another profile took meanwhile when it is taken back', async () => {
    const workspace = makeWorkspace()
    const loserId = await person(workspace, 'loser')
    const winnerId = await person(workspace, 'winner')
    await path.write(workspace, makeCommand(userId('loser'), { attributes: { email: 'mine@x.example' } }))
    await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    await path.write(workspace, makeCommand(userId('winner'), { attributes: { email: 'new@x.example' } }))
    await path.write(workspace, makeCommand(userId('third'), { attributes: { email: 'mine@x.example' } }))
    await profiles.unmerge({ workspace, profileId: loserId })
    const third = await profiles.lookup(workspace, id('email', 'mine@x.example'))
    expect(third.identifiers.map(({ value }) => value)).toContain('third')
    expect((await profiles.get(workspace, loserId)).identifiers.map(({ value }) => value).toSorted()).toEqual(
      ['device-loser', 'loser'],
    )
    expect(await findBrokenIn(database)).toEqual([])
  })

  test('of any chain is undone in the reverse order', async () => {
    const anyPairs = fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 })), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(anyPairs, async (pairs) => {
        const workspace = makeWorkspace()
        const ids = await Promise.all(
          [0, 1, 2, 3, 4].map((n) => person(workspace, `p${n}`, { [`a${n % 3}`]: n, own: n })),
        )
        const done: { loserId: number; before: unknown }[] = []
        for (const [from, to] of pairs) {
          const loserId = (await profiles.get(workspace, ids[from] ?? 0)).id
          const winnerId = (await profiles.get(workspace, ids[to] ?? 0)).id
          if (loserId === winnerId) continue
          done.push({ loserId, before: await readPeople(database, workspace) })
          await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
          expect(await findBrokenIn(database)).toEqual([])
        }
        for (const { loserId, before } of done.toReversed()) {
          await profiles.unmerge({ workspace, profileId: loserId })
          expect(await readPeople(database, workspace)).toEqual(before)
          expect(await findBrokenIn(database)).toEqual([])
        }
      }),
      { numRuns: 25 },
    )
  })

  test('of two into one, taken back out of order, leaves what the other one offers', async () => {
    const workspace = makeWorkspace()
    const first = await person(workspace, 'first', { color: 'red', size: 1 })
    const second = await person(workspace, 'second', { color: 'blue' })
    const winnerId = await person(workspace, 'winner', { shape: 'round' })
    const before = await readPeople(database, workspace)
    for (const loserId of [first, second])
      await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    await profiles.unmerge({ workspace, profileId: first })
    expect((await profiles.get(workspace, winnerId)).attributes).toEqual({ shape: 'round', color: 'blue' })
    expect((await profiles.get(workspace, first)).attributes).toEqual({ color: 'red', size: 1 })
    await profiles.unmerge({ workspace, profileId: second })
    expect(await readPeople(database, workspace)).toEqual(before)
    expect(await findBrokenIn(database)).toEqual([])
  })

  test('is not taken back before the later merge of its survivor is', async () => {
    const workspace = makeWorkspace()
    const [a, b, c] = [
      await person(workspace, 'a'),
      await person(workspace, 'b'),
      await person(workspace, 'c'),
    ]
    await profiles.merge({ workspace, loserIds: [a], winnerId: b, by: 'test' })
    await profiles.merge({ workspace, loserIds: [b], winnerId: c, by: 'test' })
    await expect(profiles.unmerge({ workspace, profileId: a })).rejects.toMatchObject({
      code: 'CDP_MERGE_NOT_LATEST',
    })
    expect(await profiles.get(workspace, a)).toMatchObject({ id: c })
    await profiles.unmerge({ workspace, profileId: b })
    expect(await profiles.get(workspace, a)).toMatchObject({ id: b, mergedFrom: a })
    await profiles.unmerge({ workspace, profileId: a })
    await expect(profiles.unmerge({ workspace, profileId: a })).rejects.toMatchObject({
      code: 'CDP_MERGE_NOT_FOUND',
    })
  })

  test('needs two living profiles of the workspace', async () => {
    const [workspace, foreign] = [makeWorkspace(), makeWorkspace()]
    const [a, b] = [await person(workspace, 'a'), await person(foreign, 'b')]
    const merge = (loserId: number, winnerId: number) =>
      profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
    await expect(merge(a, a)).rejects.toMatchObject({ code: 'CDP_MERGE_SELF' })
    await expect(merge(a, b)).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
    await expect(merge(b, a)).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  })

  test('while both are written loses no write and leaves nothing dangling', async () => {
    const workspace = makeWorkspace()
    for (let round = 0; round < 5; round++) {
      const loserId = await person(workspace, `l${round}`)
      const winnerId = await person(workspace, `w${round}`)
      const writes = Array.from({ length: 24 }, (_, n) => {
        const who = [userId(`${n % 2 ? 'l' : 'w'}${round}`), id('anonymousId', `n${round}-${n}`)]
        return path.write(
          workspace,
          makeCommand(who, { attributes: { [`k${n}`]: n }, event: { name: `e${n}` } }),
        )
      })
      await profiles.merge({ workspace, loserIds: [loserId], winnerId, by: 'test' })
      expect((await Promise.all(writes)).every(({ ok }) => ok)).toBe(true)
      const { id: livingId, attributes } = await profiles.get(workspace, loserId)
      expect(livingId).toBe(winnerId)
      expect(Object.keys(attributes).filter((name) => /^k\d/.test(name))).toHaveLength(24)
      expect(await findBrokenIn(database)).toEqual([])
    }
    const [row] = await rowsOf(
      database,
      `select count(*)::int as events from event where workspace_id = $1 and name like 'e%'`,
      [workspace.id],
    )
    expect(row).toEqual({ events: 5 * 24 })
  })

  async function person(
    workspace: Workspace,
    name: string,
    attributes: Record<string, string | number> = {},
  ): Promise<number> {
    const command = makeCommand([userId(name), id('anonymousId', `device-${name}`)], {
      attributes,
      event: { name },
      consents: [{ channel: 'email', state: 'granted' }],
    })
    const { profileId } = await path.write(workspace, command)
    if (profileId === undefined) throw new Error('not written')
    return profileId
  }
})
