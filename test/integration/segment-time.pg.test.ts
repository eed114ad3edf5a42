import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { useClock } from '../../src/lib/time.ts'
import type { Condition } from '../../src/model/segment.ts'
import { openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeWorkspace } from '../setup/ingest.ts'
import { anyDefinition, anyWorld } from '../setup/segments/arbitraries.ts'
import { openKeeping } from '../setup/segments/keeping.ts'
import type { Keeping } from '../setup/segments/keeping.ts'
import { READING } from '../setup/segments/odd-values.ts'
import { openWorlds } from '../setup/segments/world.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How far time goes in one step: to the edges of windows, and over weeks of them. */
const anyStep = fc.oneof(
  fc.integer({ min: 1, max: 3 * HOUR_MS }),
  fc.integer({ min: 1, max: 40 }).map((days) => days * DAY_MS),
  fc.constantFrom(1, MINUTE_MS, HOUR_MS, 12 * HOUR_MS, 7 * DAY_MS, 31 * DAY_MS),
)

describe('as time goes by', () => {
  let database: TestDatabase
  let keeping: Keeping
  let store: Awaited<ReturnType<typeof openWorlds>>
  let at = READING.now
  let restoreClock = useClock(() => at)

  beforeAll(async () => {
    database = await openTestDatabase()
    keeping = openKeeping(database)
    store = await openWorlds(database)
  })
  afterEach(() => restoreClock())
  afterAll(() => database.close())

  test('the members that are kept are those who belong by now, though nobody writes', async () => {
    restoreClock = useClock(() => at)
    await fc.assert(
      fc.asyncProperty(
        anyWorld,
        fc.array(anyDefinition, { minLength: 6, maxLength: 6 }),
        fc.array(anyStep, { minLength: 1, maxLength: 3 }),
        async (world, definitions, steps) => {
          at = READING.now
          await database.admin.query('truncate segment, segment_generation, segment_member, segment_expiry')
          const workspace = makeWorkspace({ timezone: READING.timezone })
          await store(workspace.id, world)
          const made = []
          for (const definition of definitions)
            made.push({ ...(await keeping.addInlined(workspace, definition)), definition })
          for (const step of [0, ...steps]) {
            at += step
            await keeping.keepUp()
            for (const { segmentId, definition } of made) {
              const expected = await keeping.computed(workspace, definition)
              const kept = await keeping.kept(workspace, segmentId)
              expect([definition, at, kept]).toEqual([definition, at, expected])
            }
          }
          expect(keeping.failures).toEqual([])
        },
      ),
      { numRuns: 40 },
    )
  }, 120_000)

  test('nobody is looked at again before a window lets something go', async () => {
    restoreClock = useClock(() => at)
    at = READING.now
    const workspace = makeWorkspace({ timezone: 'UTC' })
    const [first, last] = [at - 3 * DAY_MS, at - DAY_MS]
    const nobody = { attributes: {}, createdAt: at, updatedAt: at, identifiers: [], tags: [], consents: [] }
    const events = [first, last].map((time) => ({ name: 'Visited', at: time, properties: {} }))
    const person = { ...nobody, events, devices: [], isCompany: false, relation: undefined }
    await store(workspace.id, { people: [person], merges: new Map() })
    const window = { from: { offset: -7, unit: 'day' } as const }
    const definition: Condition = { type: 'event', name: 'Visited', window }
    const { segmentId } = await keeping.add(workspace, definition)
    await keeping.keepUp()
    const due = 'select at from segment_expiry where segment_id = $1'
    const dueAt = async () => (await rowsOf<{ at: Date }>(database, due, [segmentId]))[0]?.at.getTime()
    expect(await dueAt()).toBe(first + 7 * DAY_MS + 1)
    at = first + 7 * DAY_MS + 1
    await keeping.keepUp()
    expect(await keeping.kept(workspace, segmentId)).toEqual([1])
    expect(await dueAt()).toBe(last + 7 * DAY_MS + 1)
    at = last + 7 * DAY_MS + 1
    await keeping.keepUp()
    expect(await keeping.kept(workspace, segmentId)).toEqual([])
    expect(await dueAt()).toBeUndefined()
    const { items } = await keeping.segments.sizes(
      { workspaceId: workspace.id, segmentId },
      { from: 0, to: at + 1, cursor: undefined, limit: 10 },
    )
    expect(items).toEqual([
      { at, members: 0 },
      { at: READING.now, members: 1 },
    ])
  })
})
