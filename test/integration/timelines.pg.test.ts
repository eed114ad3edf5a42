import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEvents } from '../../src/core/events/index.ts'
import type { EventList, EventRow, Events } from '../../src/core/events/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { DAY_MS } from '../../src/lib/time.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { MAJORS, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

/** An event as the test knows it. */
interface Known {
  at: number
  id: string
  name: string
}

const NOTHING_ASKED = { from: undefined, to: undefined, name: undefined, cursor: undefined }

describe.each(MAJORS)('a timeline on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath
  let events: Events
  let workspace: Workspace
  let profileIds: readonly number[]
  let truth: Known[]

  // Three people over ten years, merged into one; many events share an instant.
  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
    events = openEvents(database.db)
    workspace = makeWorkspace()
    const start = Date.now() - 10 * 365 * DAY_MS
    const instants = Array.from(
      { length: 3_000 },
      (_, n) => start + Math.floor(((n * 7_919) % 3_650) / (n % 3 ? 1 : 90)) * DAY_MS,
    )
    truth = await append(instants)
    const profiles = openProfiles(database.db)
    const [a = 0, b = 0, c = 0] = await Promise.all(
      ['p0', 'p1', 'p2'].map(async (who) => (await profiles.lookup(workspace, userId(who))).id),
    )
    await profiles.merge({ workspace, loserIds: [a], winnerId: b, by: 'test' })
    await profiles.merge({ workspace, loserIds: [b], winnerId: c, by: 'test' })
    profileIds = await profiles.idsOf(workspace, c)
    expect(profileIds).toHaveLength(3)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('gives page after page what a sorted list holds, whatever the range, name and page size', async () => {
    const anyTime = fc.option(fc.integer({ min: -5, max: 3_700 }), { nil: undefined })
    const anyName = fc.constantFrom('Seen', 'Bought', undefined)
    await fc.assert(
      fc.asyncProperty(
        anyTime,
        anyTime,
        anyName,
        fc.integer({ min: 30, max: 500 }),
        async (fromDay, toDay, name, limit) => {
          const start = Date.now() - 3_650 * DAY_MS
          const from = fromDay === undefined ? undefined : start + fromDay * DAY_MS
          const to = toDay === undefined ? undefined : start + toDay * DAY_MS
          const expected = truth.filter(
            (event) =>
              event.at >= (from ?? 0) &&
              event.at < (to ?? Infinity) &&
              (name === undefined || event.name === name),
          )
          expect(await readAll({ from, to, name, limit })).toEqual(expected.map(({ id }) => id))
        },
      ),
      { numRuns: 15 },
    )
  })

  test('has its lower bound inclusive and its upper bound exclusive', async () => {
    const [newest, oldest] = [truth[0]?.at ?? 0, truth.at(-1)?.at ?? 0]
    const count = (from: number, to: number) => readAll({ from, to, limit: 500 }).then((ids) => ids.length)
    const [atNewest, atOldest] = [newest, oldest].map((at) => truth.filter((event) => event.at === at).length)
    expect(await count(newest, newest + 1)).toBe(atNewest)
    expect(await count(newest - 1, newest)).toBe(0)
    expect(await count(oldest, oldest + 1)).toBe(atOldest)
    expect(await count(newest, oldest)).toBe(0)
  })

  test('is stable while events arrive between two pages', async () => {
    const before = new Set(truth.map(({ id }) => id))
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list({ cursor, limit: 400 })
      seen.push(...page.items.map(({ eventId }) => eventId))
      cursor = page.nextCursor ?? undefined
      const between = page.items.at(-1)?.occurredAt ?? 0
      truth = [...(await append([Date.now(), between, between - DAY_MS])), ...truth]
    } while (cursor !== undefined)
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => before.has(id))).toEqual(
      truth
        .filter(({ id }) => before.has(id))
        .toSorted(newestFirst)
        .map(({ id }) => id),
    )
    truth = truth.toSorted(newestFirst)
    expect(await readAll({ limit: 500 })).toEqual(truth.map(({ id }) => id))
  })

  test('ends exactly: a full last page has no next cursor', async () => {
    const total = truth.length
    expect((await list({ limit: total })).nextCursor).toBeNull()
    expect((await list({ limit: total - 1 })).nextCursor).not.toBeNull()
  })

  test('refuses a cursor that it never gave', async () => {
    for (const cursor of [
      '',
      'x',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from('[1.5,"a"]').toString('base64url'),
      Buffer.from('{}').toString('base64url'),
    ]) {
      await expect(list({ cursor, limit: 10 })).rejects.toMatchObject({
        code: 'CDP_QUERY_INVALID',
        kind: 'invalid',
      })
    }
  })

  test('tells of the last activity of everyone who was merged', async () => {
    const profile = await openProfiles(database.db).lookup(workspace, userId('p2'))
    expect(profile.lastActivityAt).toBe(Math.max(...truth.map(({ at }) => at)))
  })

  /** Appends one event an instant, in turn to three people. */
  async function append(instants: readonly number[]): Promise<Known[]> {
    const commands = instants.map((occurredAt, n) =>
      makeCommand(userId(`p${n % 3}`), {
        event: { name: n % 5 ? 'Seen' : 'Bought', occurredAt, properties: { n } },
      }),
    )
    const shown = await path.submit(makeUnit(workspace, commands))
    const known = instants.map((at, n) => ({
      at,
      id: shown[n]?.eventId ?? '',
      name: n % 5 ? 'Seen' : 'Bought',
    }))
    return known.toSorted(newestFirst)
  }

  function list(asked: Partial<EventList>): ReturnType<Events['list']> {
    return events.list({ workspaceId: workspace.id, profileIds, ...NOTHING_ASKED, limit: 50, ...asked })
  }

  async function readAll(asked: Partial<EventList>): Promise<string[]> {
    const rows: EventRow[] = []
    let cursor: string | undefined
    do {
      const page = await list({ ...asked, cursor })
      expect(page.items.length).toBeLessThanOrEqual(asked.limit ?? 50)
      rows.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return rows.map(({ eventId }) => eventId)
  }
})

function newestFirst(left: Known, right: Known): number {
  return right.at - left.at || (right.id < left.id ? -1 : 1)
}
