import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { inlineComputed } from '../../src/core/computed/index.ts'
import type { ComputedRow } from '../../src/core/computed/index.ts'
import type { Segments } from '../../src/core/segments/index.ts'
import { literal, not, openBuyers, orders, refer, spent } from '../setup/buyers.ts'
import type { Buyers } from '../setup/buyers.ts'
import type { Condition } from '../../src/model/segment.ts'
import { openKeeping } from '../setup/segments/keeping.ts'

describe('computed values', () => {
  let buyers: Buyers
  let segments: Segments

  beforeAll(async () => {
    buyers = await openBuyers()
    segments = openKeeping(buyers.database).segments
  })
  afterAll(() => buyers.close())

  describe('in segments', () => {
    const over = (row: ComputedRow, value: number): object => ({
      type: row.kind,
      id: row.computedId,
      operator: 'greaterThan',
      value,
    })

    async function membersOf(definition: object): Promise<readonly number[]> {
      const { workspace } = buyers
      const draft = { name: randomUUID(), definition }
      const { segmentId } = await segments.create(workspace, draft, COMMAND_LINE)
      const page = await segments.members(workspace, segmentId, { cursor: undefined, limit: 100 })
      expect(await segments.preview(workspace, definition)).toMatchObject({ count: page.items.length })
      return page.items.map(({ profileId }) => profileId)
    }

    test('are conditions, and who belongs follows every change of them', async () => {
      const { workspace, idOf, define, redefine } = buyers
      const total = await define('aggregate', spent)
      const tenth = await define('expression', {
        type: 'multiply',
        operands: [refer('aggregate', total.computedId), literal(0.1)],
      })
      expect(await membersOf(over(total, 12))).toEqual([idOf('ann'), idOf('bob')].toSorted((a, b) => a - b))
      expect(await membersOf(over(tenth, 1.25))).toEqual([idOf('bob')])
      const draft = { name: 'Big', definition: over(tenth, 1) }
      const { segmentId } = await segments.create(workspace, draft, COMMAND_LINE)
      await redefine(total, { ...spent, function: 'min' })
      const page = await segments.members(workspace, segmentId, { cursor: undefined, limit: 9 })
      expect(page.items.map(({ profileId }) => profileId)).toEqual([idOf('bob')])
    })

    test('are kept too, and built anew when a definition that they refer to changes', async () => {
      const { workspace, idOf, define, redefine, database } = buyers
      const keeping = openKeeping(database)
      await keeping.keepUp()
      await database.admin.query(
        `insert into workspace (workspace_id, guid, name, settings, managed_by, created_at)
         values ($1, $2, $3, $4, 'api', now())`,
        [workspace.id, workspace.guid, workspace.name, JSON.stringify(workspace.settings)],
      )
      const total = await define('aggregate', spent)
      const tenth = await define('expression', {
        type: 'multiply',
        operands: [refer('aggregate', total.computedId), literal(0.1)],
      })
      const { segmentId } = await keeping.add(workspace, over(tenth, 1) as Condition)
      await keeping.keepUp()
      const both = [idOf('ann'), idOf('bob')].toSorted((a, b) => a - b)
      expect(await keeping.kept(workspace, segmentId)).toEqual(both)
      const changed = await redefine(total, { ...spent, function: 'min' })
      const key = { workspaceId: workspace.id, segmentId }
      expect(await keeping.segments.get(key)).toMatchObject({ computedAt: changed.updatedAt, size: 2 })
      await keeping.keepUp()
      expect(await keeping.kept(workspace, segmentId)).toEqual([idOf('bob')])
    })

    test('of an unknown id are refused at the id', async () => {
      const { workspace, other, define } = buyers
      const definition = { type: 'not', condition: over(await define('aggregate', orders, other), 1) }
      const refused = { code: 'CDP_SEGMENT_INVALID', pointer: '/definition/condition/id' }
      await expect(segments.preview(workspace, definition)).rejects.toMatchObject(refused)
      const draft = { name: 'No', definition }
      await expect(segments.create(workspace, draft, COMMAND_LINE)).rejects.toMatchObject(refused)
      const stored = { name: 'Yes', definition: { type: 'anonymous' } }
      const { segmentId } = await segments.create(workspace, stored, COMMAND_LINE)
      const changed = segments.update(workspace, segmentId, draft, COMMAND_LINE)
      await expect(changed).rejects.toMatchObject(refused)
    })

    test('are at most twenty', async () => {
      const { workspace, define } = buyers
      const one = over(await define('aggregate', orders), 1)
      const some = (count: number): object => ({
        type: 'or',
        conditions: Array.from({ length: count }, () => one),
      })
      expect(await segments.preview(workspace, some(20))).toMatchObject({ isEstimated: false })
      const refused = { code: 'CDP_SEGMENT_INVALID', pointer: '/definition/conditions/20/id' }
      await expect(segments.preview(workspace, some(21))).rejects.toMatchObject(refused)
    })
  })

  describe('that are in use', () => {
    const inUse = (message: string): object => ({ code: 'CDP_COMPUTED_IN_USE', message })

    test('are not deleted, and who uses them is named', async () => {
      const { workspace, define, remove } = buyers
      const count = await define('aggregate', orders)
      const user = await define('expression', not(refer('aggregate', count.computedId)))
      await expect(remove(count)).rejects.toMatchObject(inUse(`It is used by the expression "${user.name}".`))
      const definition = { ...refer('expression', user.computedId), operator: 'exists' }
      const segment = await segments.create(workspace, { name: 'User', definition }, COMMAND_LINE)
      await expect(remove(user)).rejects.toMatchObject(inUse('It is used by the segment "User".'))
      await segments.delete(segment, COMMAND_LINE)
      await remove(user)
      await remove(count)
    })

    test('are deleted when their id is only data somewhere', async () => {
      const { workspace, define, remove } = buyers
      const count = await define('aggregate', orders)
      await define('expression', literal(count.computedId))
      const test = { operator: 'equals', value: refer('aggregate', count.computedId) }
      const definition = { type: 'attribute', name: 'x', ...test }
      await segments.create(workspace, { name: 'Data', definition }, COMMAND_LINE)
      expect(await remove(count)).toBeUndefined()
    })

    test('are either deleted or used when both happen at once', async () => {
      const { workspace, define, remove } = buyers
      for (let round = 0; round < 10; round++) {
        const count = await define('aggregate', orders)
        const definition = { ...refer('aggregate', count.computedId), operator: 'exists' }
        const draft = { name: `Race ${round}`, definition }
        const both = await Promise.allSettled([
          segments.create(workspace, draft, COMMAND_LINE),
          remove(count),
        ])
        expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      }
    })
  })

  test('resolved, show every attribute and event that they are about', async () => {
    const { define } = buyers
    const total = await define('aggregate', spent)
    const outer = await define('expression', not(refer('aggregate', total.computedId)))
    const condition = { ...refer('expression', outer.computedId), operator: 'exists' }
    const byId = new Map([total, outer].map((row) => [row.computedId, row]))
    expect(inlineComputed(condition, byId)).toEqual({
      ...condition,
      definition: not({ ...refer('aggregate', total.computedId), definition: spent }),
    })
    const data = { type: 'attribute', name: 'x', operator: 'equals', value: condition }
    expect(inlineComputed(data, byId)).toEqual(data)
  })
})
