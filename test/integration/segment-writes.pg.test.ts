import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { openCompanies } from '../../src/core/companies/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import type { Profiles } from '../../src/core/profiles/index.ts'
import { DAY_MS, now } from '../../src/lib/time.ts'
import type { Condition } from '../../src/model/segment.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { forgetEvents } from '../../src/core/workspaces/event-retention.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { openKeeping } from '../setup/segments/keeping.ts'
import type { Keeping } from '../setup/segments/keeping.ts'

/** Something of every kind that a definition can look at. */
const DEFINITIONS: readonly Condition[] = [
  { type: 'attribute', name: 'city', operator: 'equals', value: 'Oslo' },
  { type: 'attribute', name: 'city', operator: 'notEquals', value: 'Oslo' },
  { type: 'profile', name: 'updatedAt', operator: 'after', value: '2020-01-01' },
  { type: 'tag', name: 'vip' },
  { type: 'consent', channel: 'email', state: 'granted' },
  { type: 'consent', channel: 'email', state: 'unknown' },
  { type: 'company', role: 'company' },
  { type: 'company', role: 'member' },
  { type: 'anonymous' },
  { type: 'device', filters: [{ name: 'model', operator: 'equals', value: 'm1' }] },
  { type: 'event', name: 'Bought', measure: { function: 'count', operator: 'atLeast', value: 2 } },
  { type: 'event', measure: { function: 'sum', name: 'n', operator: 'lessThan', value: 3 } },
  {
    type: 'not',
    condition: { type: 'event', name: 'Visited', window: { from: { offset: -1, unit: 'day' } } },
  },
  { type: 'sequence', steps: [{ name: 'Visited' }, { name: 'Bought' }] },
]

const PEOPLE = ['ana', 'ben', 'cyd', 'dot']
const anyPerson = fc.nat({ max: PEOPLE.length - 1 })

type Parts = NonNullable<Parameters<typeof makeCommand>[1]>

/** What may happen to people, by their places. */
type Act =
  | { do: 'write'; who: number; parts: Parts }
  | { do: 'merge' | 'join' | 'link'; who: number; other: number }
  | { do: 'unmerge' | 'delete' | 'leave' | 'identify'; who: number }

const anyEvent = fc.record({
  name: fc.constantFrom('Visited', 'Bought', 'Other'),
  properties: fc.record({ n: fc.integer({ min: -2, max: 2 }) }),
})
const anyParts: fc.Arbitrary<Parts> = fc.oneof(
  fc.record({ attributes: fc.record({ city: fc.constantFrom('Oslo', 'Rome', null) }) }),
  fc.record({ event: anyEvent }),
  fc.record({ tags: fc.constant(['vip']) }),
  fc.record({ isCompany: fc.constant(true as const) }),
  fc.constantFrom('granted', 'denied').map((state) => ({
    consents: [{ channel: 'email', state, at: undefined } as never],
  })),
)
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), who: anyPerson, parts: anyParts }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('merge' as const, 'join' as const, 'link' as const, 'link' as const),
      who: anyPerson,
      other: anyPerson,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('unmerge' as const, 'delete' as const, 'leave' as const, 'identify' as const),
      who: anyPerson,
    }),
  },
)

describe('after every write', () => {
  let database: TestDatabase
  let path: WritePath
  let profiles: Profiles
  let keeping: Keeping

  beforeAll(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
    profiles = openProfiles(database.db)
    keeping = openKeeping(database)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  const idOf = async (workspace: Workspace, who: number): Promise<number | undefined> =>
    profiles.lookup(workspace, id('anonymousId', String(PEOPLE[who]))).then(
      (profile) => profile.id,
      () => undefined,
    )

  async function perform(workspace: Workspace, act: Act, mergedIds: number[]): Promise<unknown> {
    const own = id('anonymousId', String(PEOPLE[act.who]))
    const write = (parts: Parts): Promise<unknown> => path.write(workspace, makeCommand(own, parts))
    if (act.do === 'write') return write(act.parts)
    const profileId = await idOf(workspace, act.who)
    if (profileId === undefined) return undefined
    const otherId = 'other' in act ? await idOf(workspace, act.other) : undefined
    switch (act.do) {
      case 'identify':
        return path.write(workspace, makeCommand([userId(String(PEOPLE[act.who])), own]))
      case 'merge':
        if (otherId === undefined || otherId === profileId) return undefined
        mergedIds.push(profileId)
        return profiles.merge({ workspace, loserIds: [profileId], winnerId: otherId, by: 'test' })
      case 'join':
        return otherId === undefined ? undefined : write({ companyId: otherId })
      case 'link': {
        const device = {
          deviceId: 'd1',
          registrationId: 'r',
          type: 'ios',
          model: `m${act.other % 2}`,
        } as const
        return path.write(workspace, makeCommand([], { profileId, device }))
      }
      case 'unmerge':
        return profiles.unmerge({ workspace, profileId: mergedIds.pop() ?? profileId }).catch(() => undefined)
      case 'delete':
        return profiles.delete(workspace, { profileId })
      case 'leave':
        return openCompanies(database.db, Buffer.alloc(32), profiles)
          .leave(workspace, profileId)
          .catch(() => undefined)
    }
  }

  test('the members that are kept are those who belong by now, whatever was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyAct, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
        async (rounds) => {
          await database.admin.query('truncate segment, segment_generation, segment_member, segment_expiry')
          const workspace = makeWorkspace()
          const mergedIds: number[] = []
          const made = []
          for (const definition of DEFINITIONS) made.push(await keeping.add(workspace, definition))
          await keeping.keepUp()
          for (const acts of rounds) {
            for (const act of acts) await perform(workspace, act, mergedIds)
            await keeping.keepUp()
            for (const { segmentId, definition } of made) {
              const expected = await keeping.computed(workspace, definition)
              expect([definition, await keeping.kept(workspace, segmentId)]).toEqual([definition, expected])
              const { size, state } = await keeping.segments.get({ workspaceId: workspace.id, segmentId })
              expect([definition, size, state]).toEqual([definition, expected.length, 'ready'])
            }
          }
          expect([keeping.failures, path.failures]).toEqual([[], []])
        },
      ),
      { numRuns: 40 },
    )
  }, 120_000)

  test('segments that do not look at what was written are not evaluated', async () => {
    const workspace = makeWorkspace()
    const city = await keeping.add(workspace, DEFINITIONS[0] as Condition)
    const bought = await keeping.add(workspace, DEFINITIONS[10] as Condition)
    const { profileId = 0 } = await path.write(
      workspace,
      makeCommand(userId('u'), { attributes: { city: 'Rome' } }),
    )
    await keeping.keepUp()
    // What no write did: only an evaluation would find it.
    const insert = `insert into segment_member (workspace_id, segment_id, generation, profile_id, since)
                    values ($1, $2, 1, $3, now())`
    for (const { segmentId } of [city, bought])
      await database.admin.query(insert, [workspace.id, segmentId, profileId])
    await path.submit(makeUnit(workspace, [makeCommand(userId('u'), { event: { name: 'Visited' } })]))
    await keeping.keepUp()
    expect(await keeping.kept(workspace, city.segmentId)).toEqual([profileId])
    expect(await keeping.kept(workspace, bought.segmentId)).toEqual([profileId])
    await path.write(workspace, makeCommand(userId('u'), { attributes: { city: 'Bonn' } }))
    await keeping.keepUp()
    expect(await keeping.kept(workspace, city.segmentId)).toEqual([])
    expect(await keeping.kept(workspace, bought.segmentId)).toEqual([profileId])
  })

  test('an event that is forgotten by age takes away what it gave, and nothing else', async () => {
    const workspace = makeWorkspace({ eventDays: 30 })
    const old = { name: 'Bought', occurredAt: now() - 60 * DAY_MS }
    const { profileId = 0 } = await path.write(
      workspace,
      makeCommand(userId('u'), { attributes: { city: 'Oslo' }, event: old }),
    )
    const city = await keeping.add(workspace, DEFINITIONS[0] as Condition)
    const bought = await keeping.add(workspace, { type: 'event', name: 'Bought' })
    await keeping.keepUp()
    expect(await keeping.kept(workspace, bought.segmentId)).toEqual([profileId])
    await forgetEvents(database.db, workspace.id, workspace.settings)
    await keeping.keepUp()
    expect(await keeping.kept(workspace, bought.segmentId)).toEqual([])
    expect(await keeping.kept(workspace, city.segmentId)).toEqual([profileId])
  })

  test('whoever belongs to a company belongs to the one that it is merged into', async () => {
    const workspace = makeWorkspace()
    const company = async (name: string): Promise<number> =>
      (await path.write(workspace, makeCommand(userId(name), { isCompany: true }))).profileId ?? 0
    const [small, big] = [await company('small'), await company('big')]
    const { profileId } = await path.write(workspace, makeCommand(userId('ann'), {}))
    await path.write(workspace, makeCommand(userId('ann'), { companyId: small }))
    const { segmentId } = await keeping.add(workspace, { type: 'company', role: 'member', companyId: big })
    await keeping.keepUp()
    expect(await keeping.kept(workspace, segmentId)).toEqual([])
    await profiles.merge({ workspace, loserIds: [small], winnerId: big, by: 'test' })
    await keeping.keepUp()
    expect(await keeping.kept(workspace, segmentId)).toEqual([profileId])
  })

  test('a changed definition is served once it is whole; until then the one before is', async () => {
    const workspace = makeWorkspace()
    const { profileId } = await path.write(
      workspace,
      makeCommand(userId('u'), { attributes: { city: 'Oslo' } }),
    )
    const { segmentId } = await keeping.add(workspace, DEFINITIONS[0] as Condition)
    await keeping.keepUp()
    const draft = { name: 'Changed', definition: DEFINITIONS[1] }
    const changed = await keeping.segments.update(workspace, segmentId, draft, COMMAND_LINE)
    expect(changed).toMatchObject({ state: 'building', size: 1, version: 2, computedAt: changed.updatedAt })
    expect(await keeping.kept(workspace, segmentId)).toEqual([profileId])
    await keeping.keepUp()
    expect(await keeping.kept(workspace, segmentId)).toEqual([])
    const key = { workspaceId: workspace.id, segmentId }
    expect(await keeping.segments.get(key)).toMatchObject({ state: 'ready', size: 0, progress: undefined })
    const renamed = await keeping.segments.update(
      workspace,
      segmentId,
      { ...draft, name: 'New' },
      COMMAND_LINE,
    )
    expect(renamed).toMatchObject({ state: 'ready', version: 3 })
  })
})
