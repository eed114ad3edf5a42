import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import type { ComputedRow } from '../../src/core/computed/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { newUuid } from '../../src/lib/ids.ts'
import { literal, not, openBuyers, orders, refer, spent } from '../setup/buyers.ts'
import type { Buyers } from '../setup/buyers.ts'
import { rowsOf } from '../setup/database.ts'
import { makeCommand, makeWorkspace, userId } from '../setup/ingest.ts'

describe('computed values', () => {
  let buyers: Buyers

  beforeAll(async () => {
    buyers = await openBuyers()
  })
  afterAll(() => buyers.close())

  async function valueOf(row: ComputedRow, who: Parameters<Buyers['idOf']>[0]): Promise<unknown> {
    const { computed, workspace, idOf } = buyers
    const { items } = await computed.values(workspace, idOf(who), [row.computedId])
    return items[0]?.value
  }

  test('keep their definition, and count each change of it', async () => {
    const { database, computed, define, redefine, remove } = buyers
    const made = await define('aggregate', orders)
    expect(made).toMatchObject({
      version: 1,
      kind: 'aggregate',
      definition: orders,
      createdBy: 'command line',
    })
    const changed = await redefine(made, spent)
    expect(changed).toMatchObject({ definition: spent, version: 2, createdAt: made.createdAt })
    expect(await computed.get(made)).toEqual(changed)
    await remove(made)
    await expect(computed.get(made)).rejects.toMatchObject({ code: 'CDP_COMPUTED_NOT_FOUND' })
    const acts = await rowsOf<{ action: string }>(
      database,
      'select action from audit_log where object = $1 order by at, audit_id',
      [made.computedId],
    )
    expect(acts.map(({ action }) => action)).toEqual([
      'aggregate.create',
      'aggregate.update',
      'aggregate.delete',
    ])
  })

  test('have names of their own, whatever their kind', async () => {
    const { computed, workspace, other, define } = buyers
    const taken = { code: 'CDP_COMPUTED_TAKEN', pointer: '/name' }
    const draft = { kind: 'aggregate', name: 'Taken', definition: orders } as const
    await computed.create(workspace, draft, COMMAND_LINE)
    await computed.create(other, draft, COMMAND_LINE)
    const again = { kind: 'expression', name: 'Taken', definition: literal(1) } as const
    await expect(computed.create(workspace, again, COMMAND_LINE)).rejects.toMatchObject(taken)
    const { computedId } = await define('expression', literal(1))
    await expect(computed.update(workspace, computedId, again, COMMAND_LINE)).rejects.toMatchObject(taken)
  })

  test('are not found from another workspace, as the other kind, and by no id at all', async () => {
    const { computed, workspace, other, idOf, define } = buyers
    const missing = { code: 'CDP_COMPUTED_NOT_FOUND' }
    const { computedId } = await define('aggregate', orders)
    const keys = [
      { workspaceId: other.id, kind: 'aggregate', computedId },
      { workspaceId: workspace.id, kind: 'expression', computedId },
      { workspaceId: workspace.id, kind: 'aggregate', computedId: newUuid() },
      { workspaceId: workspace.id, kind: 'aggregate', computedId: 'x' },
    ] as const
    for (const key of keys) {
      await expect(computed.get(key)).rejects.toMatchObject(missing)
      await expect(computed.delete(key, COMMAND_LINE)).rejects.toMatchObject(missing)
    }
    const draft = { kind: 'aggregate', name: 'Mine', definition: spent } as const
    await expect(computed.update(other, computedId, draft, COMMAND_LINE)).rejects.toMatchObject(missing)
    const foreign = await define('expression', literal(1), other)
    const asked = computed.values(workspace, idOf('ann'), [foreign.computedId])
    await expect(asked).rejects.toMatchObject(missing)
    const nobody = computed.values(other, idOf('ann'))
    await expect(nobody).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  })

  test('are made of each other, and follow every change', async () => {
    const { define, redefine } = buyers
    const total = await define('aggregate', spent)
    const count = await define('aggregate', orders)
    const mean = await define('expression', {
      type: 'divide',
      left: refer('aggregate', total.computedId),
      right: refer('aggregate', count.computedId),
    })
    const isGood = await define('expression', {
      type: 'atLeast',
      left: { type: 'coalesce', operands: [refer('expression', mean.computedId), literal(0)] },
      right: literal(6.25),
    })
    const valuesOf = async (row: ComputedRow): Promise<unknown[]> => [
      await valueOf(row, 'ann'),
      await valueOf(row, 'bob'),
      await valueOf(row, 'cleo'),
    ]
    expect(await valuesOf(mean)).toEqual([6.25, 100, null])
    expect(await valuesOf(isGood)).toEqual([true, true, false])
    await redefine(total, { ...spent, function: 'min' })
    expect(await valuesOf(mean)).toEqual([2.5, 100, null])
    expect(await valuesOf(isGood)).toEqual([false, true, false])
  })

  test('of a merged profile are those of its survivor', async () => {
    const { database, path, computed, workspace, define } = buyers
    const count = await define('aggregate', orders)
    const [loser = 0, survivor = 0] = await Promise.all(
      ['old', 'new'].map(async (name) => {
        const event = makeCommand(userId(name), { event: { name: 'Bought', properties: { price: 1 } } })
        return (await path.write(workspace, event)).profileId ?? 0
      }),
    )
    await openProfiles(database.db).merge({ workspace, loserIds: [loser], winnerId: survivor, by: 'test' })
    for (const id of [loser, survivor]) {
      const found = await computed.values(workspace, id, [count.computedId])
      expect(found).toMatchObject({ profileId: survivor, items: [{ value: 2 }] })
    }
  })

  test('are all given, the newest definition first, however many there are', async () => {
    const { path, computed, define } = buyers
    const many = makeWorkspace()
    const { profileId = 0 } = await path.write(many, makeCommand(userId('u'), { attributes: { n: 1 } }))
    for (let n = 0; n < 60; n++) await define('expression', literal(n), many)
    const { items } = await computed.values(many, profileId)
    expect(items.map(({ value }) => value)).toEqual(Array.from({ length: 60 }, (_, n) => 59 - n))
    const page = await computed.list(
      { workspaceId: many.id, kind: 'expression' },
      { cursor: undefined, limit: 2 },
    )
    expect(page.items.map((row) => row.computedId)).toEqual(
      items.slice(0, 2).map(({ row }) => row.computedId),
    )
  })

  test('are tried out before they are defined', async () => {
    const { computed, workspace, idOf } = buyers
    const preview = { kind: 'aggregate', definition: spent, profileId: idOf('ann') } as const
    expect(await computed.preview(workspace, preview)).toMatchObject({ value: 12.5 })
    const wrong = computed.preview(workspace, { ...preview, kind: 'expression' })
    await expect(wrong).rejects.toMatchObject({ code: 'CDP_COMPUTED_INVALID', pointer: '/definition/type' })
    const nobody = computed.preview(workspace, { ...preview, profileId: 999_999_999 })
    await expect(nobody).rejects.toMatchObject({ code: 'CDP_PROFILE_NOT_FOUND' })
  })

  describe('refer to what there is', () => {
    const refusedAt = (pointer: string): object => ({ code: 'CDP_COMPUTED_INVALID', pointer })

    test('of the right kind and workspace', async () => {
      const { other, define } = buyers
      const count = await define('aggregate', orders)
      const foreign = await define('aggregate', orders, other)
      const unknown = [
        refer('expression', count.computedId),
        refer('aggregate', foreign.computedId),
        refer('aggregate', newUuid()),
      ]
      for (const id of unknown) {
        const made = define('expression', not({ type: 'add', operands: [literal(1), id] }))
        await expect(made).rejects.toMatchObject(refusedAt('/definition/operand/operands/1/id'))
      }
    })

    test('and never back to themselves', async () => {
      const { define, redefine } = buyers
      const first = await define('expression', literal(1))
      const second = await define('expression', not(refer('expression', first.computedId)))
      const third = await define('expression', not(refer('expression', second.computedId)))
      for (const { computedId } of [first, second, third]) {
        const tied = redefine(first, not(refer('expression', computedId)))
        await expect(tied).rejects.toMatchObject(refusedAt('/definition/operand/id'))
      }
      expect(await valueOf(third, 'ann')).toBeNull()
    })

    test('nor back by two changes at once', async () => {
      const { define, redefine } = buyers
      for (let round = 0; round < 10; round++) {
        const [a, b] = [await define('expression', literal(1)), await define('expression', literal(2))]
        const both = await Promise.allSettled([
          redefine(a, not(refer('expression', b.computedId))),
          redefine(b, not(refer('expression', a.computedId))),
        ])
        expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      }
    })

    test('and to no more than can be computed, however it comes about', async () => {
      const { define, redefine } = buyers
      const wide = (id: string): object => ({
        type: 'add',
        operands: Array.from({ length: 19 }, () => refer('expression', id)),
      })
      const leaf = await define('expression', literal(1))
      const small = await define('expression', wide(leaf.computedId))
      await expect(define('expression', wide(small.computedId))).rejects.toMatchObject({
        ...refusedAt('/definition'),
        message: expect.stringContaining('300 parts and 30 levels') as string,
      })
      const sum = { type: 'add', operands: Array.from({ length: 19 }, () => literal(1)) }
      await expect(redefine(leaf, sum)).rejects.toMatchObject({
        ...refusedAt('/definition'),
        message: expect.stringContaining('refers to it') as string,
      })
      let last = leaf
      for (let level = 2; level <= 15; level++)
        last = await define('expression', not(refer('expression', last.computedId)))
      expect(await valueOf(last, 'ann')).toBeNull()
      const deep = define('expression', not(not(refer('expression', last.computedId))))
      await expect(deep).rejects.toMatchObject(refusedAt('/definition'))
    })
  })
})
