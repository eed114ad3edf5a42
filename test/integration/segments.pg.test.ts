import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inlineComputed } from '../../src/core/computed/index.ts'
import { readDefinition } from '../../src/core/segments/read-definition.ts'
import type { Computed } from '../../src/model/computed.ts'
import { compileCheck } from '../../src/model/schema-check.ts'
import { SEGMENT_SCHEMA } from '../../src/model/segment.ts'
import type { Condition } from '../../src/model/segment.ts'
import { compileSegment } from '../../src/storage/segments/compile.ts'
import { momentOf } from '../../src/storage/segments/stored-values.ts'
import { MAJORS, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { anyDefinition, anyWorld } from '../setup/segments/arbitraries.ts'
import { evaluate } from '../setup/segments/evaluate.ts'
import { READING } from '../setup/segments/odd-values.ts'
import { storedForm } from '../setup/segments/stored-form.ts'
import { instantOf } from '../setup/segments/values.ts'
import { openWorlds } from '../setup/segments/world.ts'

describe.each(MAJORS)('segments on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let store: Awaited<ReturnType<typeof openWorlds>>
  let workspaceId = 0

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    store = await openWorlds(database)
  })
  afterAll(() => database.close())

  async function select(definition: Condition, ids?: readonly number[]): Promise<number[]> {
    const scope = { workspaceId, ...READING, ...(ids && { profileIds: ids }) }
    const { text, values } = compileSegment(definition, scope)
    const { rows } = await database.db.general.query<{ profile_id: number }>(text, values)
    return rows.map((row) => row.profile_id).toSorted((a, b) => a - b)
  }

  test('hold whom a naive evaluation holds, among all profiles and among some', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyWorld,
        fc.array(anyDefinition, { minLength: 8, maxLength: 8 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 4 }),
        async (world, definitions, some) => {
          workspaceId++
          await store(workspaceId, world)
          for (const definition of definitions) {
            const byId = new Map<string, Computed>()
            const sent = storedForm(definition, byId)
            expect(checkSchema(structuredClone(sent))).toEqual([])
            const read = inlineComputed(readDefinition(structuredClone(sent), READING), byId)
            const expected = evaluate(definition, world, READING)
            expect([definition, await select(read)]).toEqual([definition, expected])
            const part = expected.filter((id) => some.includes(id))
            expect([definition, some, await select(read, some)]).toEqual([definition, some, part])
          }
        },
      ),
      { numRuns: 60 },
    )
  }, 120_000)

  test('read as a date what the calendar has, and fail on nothing', async () => {
    const two = (count: number) => Array.from({ length: count }, (_, n) => String(n).padStart(2, '0'))
    const years = Array.from({ length: 1_200 }, (_, n) => String(n * 4 + 1200).padStart(4, '0'))
    const days = two(14).flatMap((month) => two(33).map((day) => `2023-${month}-${day}`))
    const times = two(25).flatMap((hour) =>
      ['59', '60'].map((rest) => `2026-01-31T${hour}:${rest}:${rest}.5`),
    )
    const offsets = two(20).flatMap((hour) =>
      [`+${hour}:30`, `-${hour}60`].map((o) => `2026-01-31T09:00:00${o}`),
    )
    const texts = [
      ...days,
      ...times,
      ...offsets,
      ...years.map((year) => `${year}-02-29`),
      '0000-02-29',
      '1900-02-29',
    ]
    const { rows } = await database.db.general.query<{ at: number | null }>(
      `select (extract(epoch from ${momentOf('to_jsonb(t)', '$2::text')}) * 1000)::float8 as at
         from unnest($1::text[]) with ordinality as texts(t, place) order by place`,
      [texts, READING.timezone],
    )
    const read = rows.map(({ at }) => at ?? undefined)
    expect(read).toEqual(texts.map((text) => instantOf(text, READING.timezone)))
    expect(read.filter((at) => at !== undefined).length).toBeGreaterThan(400)
  })
})

const { $schema: _, ...published } = SEGMENT_SCHEMA
const checkSchema = compileCheck(published)
