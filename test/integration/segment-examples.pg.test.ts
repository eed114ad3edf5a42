import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileSegment } from '../../src/storage/segments/compile.ts'
import { readDefinition } from '../../src/core/segments/read-definition.ts'
import { MAJORS, countOf, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import {
  ANNA,
  EXAMPLES,
  JAN,
  OLD_ANNA,
  READING,
  SHOP,
  WORLD,
  attribute,
  bought,
} from '../setup/segments/examples.ts'
import { openWorlds } from '../setup/segments/world.ts'

describe.each(MAJORS)('a segment on PostgreSQL %s', (major) => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    const store = await openWorlds(database)
    await store(7, WORLD)
    // The same people, and more of them: nobody of this workspace is ever found from the other.
    await store(8, { people: [...WORLD.people, ...WORLD.people], merges: new Map([[2, 1]]) })
  })
  afterAll(() => database.close())

  async function select(definition: unknown, ids?: number[]): Promise<number[]> {
    const scope = { workspaceId: 7, ...READING, ...(ids && { profileIds: ids }) }
    const { text, values } = compileSegment(readDefinition(definition, READING), scope)
    const { rows } = await database.db.general.query<{ profile_id: number }>(text, values)
    return rows.map((row) => row.profile_id).toSorted((a, b) => a - b)
  }

  test.each(EXAMPLES)('%s', async (_, definition, who) => {
    expect(await select(definition)).toEqual(who)
    expect(await select(definition, [SHOP, ANNA, OLD_ANNA, 5])).toEqual(who.filter((id) => id !== JAN))
    expect(await select(definition, [])).toEqual([])
  })

  test.each(EXAMPLES)('is all text of ours and no text of a caller: %s', (_, definition) => {
    const scope = { workspaceId: 7, ...READING }
    const { text } = compileSegment(readDefinition(definition, READING), scope)
    for (const word of ['Dublin', 'dub', 'Bought', 'Viewed', 'price', 'vip', 'Warsaw', '2026'])
      expect(text).not.toContain(word)
  })

  test('takes SQL in every place of text for text', async () => {
    const sql = `x' or true; drop table profile; --`
    const test = { operator: 'equals', value: sql, ignoreCase: true }
    const definitions = [
      attribute(sql, test),
      { ...attribute('city', { operator: 'contains', value: sql }), path: [sql, `{"}`] },
      attribute('city', { operator: 'in', values: [sql, '{', '"', '\\', 'NULL', ','] }),
      { type: 'tag', name: sql },
      { type: 'event', name: sql, filters: [{ name: sql, operator: 'startsWith', value: sql }] },
      { ...bought, measure: { function: 'sum', name: sql, path: [sql], operator: 'atLeast', value: 0 } },
      { type: 'device', filters: [{ name: 'model', operator: 'endsWith', value: sql }] },
      { type: 'sequence', steps: [{ name: sql }, { name: sql }] },
    ]
    for (const definition of definitions) expect(await select(definition)).toEqual([])
    expect(await countOf(database, 'select count(*) from profile where workspace_id = 7')).toBe(3)
  })

  test('of as many conditions as there may be runs', async () => {
    const conditions = EXAMPLES.slice(0, 48).map(([, definition]) => definition)
    const all = {
      type: 'or',
      conditions: [...conditions, ...conditions, ...conditions, attribute('x', { operator: 'exists' })],
    }
    expect(await select(all)).toEqual([ANNA, JAN, SHOP])
  })
})
