import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROFILE_SORTS, openProfiles } from '../../src/core/profiles/index.ts'
import type { Profile, ProfileQuery, Profiles } from '../../src/core/profiles/index.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

let database: TestDatabase
let path: WritePath
let profiles: Profiles
let workspace: Workspace

/** A person of the list: few values, so that many are equal, and some have none. */
interface Listed {
  firstName?: string
  city?: string
  email?: string
  occurredAt?: number
}

const PEOPLE: Listed[] = Array.from({ length: 60 }, (_, place) => ({
  ...(place % 3 > 0 && { firstName: place % 3 > 1 ? 'Jan' : 'Anna' }),
  ...(place % 4 > 0 && { city: `City ${place % 7}` }),
  ...(place % 5 > 0 && { email: `p${place}@example.com` }),
  ...(place % 6 > 0 && { occurredAt: Date.UTC(2026, 0, 1 + (place % 11)) }),
}))

beforeAll(async () => {
  database = await openTestDatabase()
  path = await openWritePath(database.db)
  profiles = openProfiles(database.db)
  workspace = makeWorkspace()
  for (const [place, { occurredAt, ...values }] of PEOPLE.entries())
    await path.write(
      workspace,
      makeCommand(userId(`listed-${place}`), {
        attributes: { ...values, loyalty: place % 2 ? 'gold' : 'silver' },
        ...(occurredAt !== undefined && { event: { name: 'seen', occurredAt } }),
      }),
    )
  await followAll(database)
})

afterAll(async () => {
  await path.close()
  await database.close()
})

const list = (query: ProfileQuery): Promise<readonly Profile[]> =>
  profiles.list(workspace, query).then(({ items }) => items)

/** What a profile is sorted by, as a list compares it; undefined where it has none. */
function valueOf(profile: Profile, by: ProfileQuery['sort']['by']): string | number | undefined {
  if (by === 'createdAt') return profile.createdAt
  if (by === 'lastActivityAt') return profile.lastActivityAt
  const value = profile.attributes[by]
  return typeof value === 'string' ? value.toLowerCase() : undefined
}

/** The order that every list promises, in memory: profiles without the value come last, equal ones by id. */
function inOrder(all: readonly Profile[], { by, order }: ProfileQuery['sort']): number[] {
  const sign = order === 'asc' ? 1 : -1
  return all
    .toSorted((a, b) => {
      const [left, right] = [valueOf(a, by), valueOf(b, by)]
      if (left === undefined || right === undefined)
        return left === right ? sign * (a.id - b.id) : left === undefined ? 1 : -1
      return left === right ? sign * (a.id - b.id) : left < right ? -sign : sign
    })
    .map(({ id }) => id)
}

const sorts = fc.record({
  by: fc.constantFrom(...PROFILE_SORTS),
  order: fc.constantFrom('asc' as const, 'desc' as const),
})

describe('a list of profiles', () => {
  it('gives any part of any order, also across the end of those that have the value', async () => {
    const all = await list({
      where: {},
      sort: { by: 'createdAt', order: 'asc' },
      page: { limit: 500, offset: 0 },
    })
    expect(all).toHaveLength(PEOPLE.length)
    await fc.assert(
      fc.asyncProperty(
        sorts,
        fc.integer({ min: 0, max: 70 }),
        fc.integer({ min: 1, max: 30 }),
        async (sort, offset, limit) => {
          const part = await list({ where: {}, sort, page: { limit, offset } })
          expect(part.map(({ id }) => id)).toEqual(inOrder(all, sort).slice(offset, offset + limit))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('gives everybody once by cursors, in the same order', async () => {
    const all = await list({
      where: {},
      sort: { by: 'createdAt', order: 'asc' },
      page: { limit: 500, offset: 0 },
    })
    await fc.assert(
      fc.asyncProperty(sorts, fc.integer({ min: 1, max: 25 }), async (sort, limit) => {
        const seen: number[] = []
        let cursor: string | undefined
        do {
          const page = await profiles.list(workspace, { where: {}, sort, page: { limit, cursor } })
          seen.push(...page.items.map(({ id }) => id))
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined)
        expect(seen).toEqual(inOrder(all, sort))
      }),
      { numRuns: 40 },
    )
  })

  it.each([
    ['anna', 20],
    ['an', 20],
    ['A', 20],
    ['nna', 20],
    ['na', 0],
    ['gold', 30],
    ['P7@EXAMPLE.COM', 1],
    ['listed-7', 1],
    ['nobody at all', 0],
    ['%', 0],
    ['_', 0],
  ])('finds %j in %i profiles, and counts as many', async (search, count) => {
    const found = await list({
      where: { search },
      sort: { by: 'createdAt', order: 'desc' },
      page: { limit: 500, offset: 0 },
    })
    expect([found.length, await profiles.count(workspace, { search })]).toEqual([count, count])
  })

  it('is filtered by custom attributes, and by whether there is an e-mail', async () => {
    const where = { attribute: { name: 'loyalty', value: 'GOLD' }, hasEmail: false }
    expect(await profiles.count(workspace, where)).toBe(6)
  })

  it('counts exactly up to 10,000, and more than that above', async () => {
    const crowd = makeWorkspace()
    await database.admin.query(
      `insert into profile_search (workspace_id, profile_id, created_at, search_text)
       select $1, i, now(), ' crowd' from generate_series(1, 10001) i`,
      [crowd.id],
    )
    expect(await profiles.count(crowd, {})).toBeGreaterThan(10_000)
    await database.admin.query('delete from profile_search where workspace_id = $1 and profile_id = 1', [
      crowd.id,
    ])
    expect(await profiles.count(crowd, {})).toBe(10_000)
  })
})

describe('suggestions', () => {
  it('are the different values that begin with the prefix, as they are spelt, the likest first', async () => {
    const suggest = (attribute: string, prefix: string, limit = 10): Promise<string[]> =>
      profiles.suggest(workspace, { attribute, prefix, limit })
    expect(await suggest('firstName', 'AN')).toEqual(['Anna'])
    expect(await suggest('firstName', 'e')).toEqual([])
    expect(await suggest('city', 'city')).toEqual([0, 1, 2, 3, 4, 5, 6].map((place) => `City ${place}`))
    expect(await suggest('city', 'CITY 3')).toEqual(['City 3'])
    expect(await suggest('city', 'city', 2)).toHaveLength(2)
    expect(await suggest('loyalty', 'G')).toEqual(['gold'])
    expect(await suggest('loyalty', '')).toEqual([])
    expect(await suggest('nothing', 'x')).toEqual([])
  })
})

describe('the order of activity', () => {
  it('follows merges and their undoing, and what a late look at the events brings', async () => {
    const own = makeWorkspace()
    const seenAt = (who: string, day: number): Promise<{ profileId?: number }> =>
      path.write(
        own,
        makeCommand(userId(who), { event: { name: 'seen', occurredAt: Date.UTC(2026, 2, day) } }),
      )
    const [a, b, c] = [await seenAt('a', 1), await seenAt('b', 2), await seenAt('c', 3)].map(
      ({ profileId = 0 }) => profileId,
    )
    const order = async (): Promise<number[]> => {
      await followAll(database)
      const sort = { by: 'lastActivityAt', order: 'desc' } as const
      const { items } = await profiles.list(own, { where: {}, sort, page: { limit: 10, offset: 0 } })
      return items.map(({ id }) => id)
    }
    expect(await order()).toEqual([c, b, a])
    await profiles.merge({ workspace: own, loserIds: [c ?? 0], winnerId: a ?? 0, by: 'test' })
    expect(await order()).toEqual([a, b])
    await profiles.unmerge({ workspace: own, profileId: c ?? 0 })
    expect(await order()).toEqual([c, b, a])
    // Its flush is looked at only after the merge.
    await seenAt('c', 9)
    await profiles.merge({ workspace: own, loserIds: [c ?? 0], winnerId: b ?? 0, by: 'test' })
    expect(await order()).toEqual([b, a])
    await profiles.delete(own, { profileId: b ?? 0 })
    expect(await order()).toEqual([a])
  })
})
