import { afterAll, beforeAll, expect, it } from 'vitest'
import { now } from '../../src/lib/time.ts'
import type { Population } from '../../src/model/population.ts'
import type { Condition } from '../../src/model/segment.ts'
import { countProfiles, findProfileIds } from '../../src/storage/profile-lists.ts'
import type { ListFilter } from '../../src/storage/profile-lists.ts'
import { findGenerations } from '../../src/storage/segments/generations.ts'
import { openHarness } from '../contract/harness.ts'
import type { Harness } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { openSegmentations } from '../setup/segmentations.ts'
import type { Trio } from '../setup/segmentations.ts'

let database: TestDatabase
let harness: Harness
let trio: Trio
let workspaceId = 0
let kept: Population
let computed: Population

const segmentations = openSegmentations(() => harness)

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  trio = await segmentations.people()
  const segmentId = await segmentations.makeNamed(trio.city, 3)
  const { rows } = await database.admin.query<{ workspace_id: number }>('select workspace_id from segment')
  workspaceId = rows[0]!.workspace_id
  const [generation] = await findGenerations(database.db.general, workspaceId, [segmentId])
  kept = { source: 'kept', segmentId, generation: generation!.generation, size: generation!.members }
  const definition = segmentations.inCity(trio.city) as Condition
  computed = { source: 'computed', definition, timezone: 'UTC', now: now() }
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const filterOf = (population: Population, more: Partial<ListFilter> = {}): ListFilter => ({
  workspaceId,
  search: undefined,
  foundIds: [],
  equals: {},
  attribute: undefined,
  hasEmail: undefined,
  isCompany: false,
  companyIds: undefined,
  population,
  ...more,
})

it('a kept population above the exact bound has the size that is known, and parts of it never more', async () => {
  const count = (more: Partial<ListFilter>, exactMax: number): Promise<number> =>
    countProfiles(database.db.general, filterOf(kept, more), exactMax)
  expect(await count({}, 10)).toBe(3)
  expect(await count({}, 1)).toBe(3)
  const part = await count({ hasEmail: true }, 1)
  expect([part >= 2, part <= 3]).toEqual([true, true])
})

it('a computed population is counted to the last profile, whatever the bound', async () => {
  expect(await countProfiles(database.db.analysis, filterOf(computed), 1)).toBe(3)
  expect(await countProfiles(database.db.analysis, filterOf(computed, { hasEmail: true }), 0)).toBe(2)
})

it('either gives the same people in every order, also of those who have nothing to be sorted by', async () => {
  const { anna, ewa, nobody } = trio
  const orders = [
    [{ by: 'firstName', order: 'asc' }, [anna, ewa, nobody]],
    [{ by: 'createdAt', order: 'desc' }, [nobody, ewa, anna]],
    [{ by: 'lastActivityAt', order: 'asc' }, [anna, ewa, nobody]],
  ] as const
  for (const population of [kept, computed])
    for (const [sort, ids] of orders) {
      const query = { ...filterOf(population), sort, after: undefined, offset: 0, limit: 10 }
      const found = await findProfileIds(database.db.analysis, query)
      expect(found.map(({ profileId }) => profileId)).toEqual(ids)
    }
})
