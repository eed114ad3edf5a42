import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEvents } from '../../src/core/events/index.ts'
import type { AggregateQuery } from '../../src/core/events/index.ts'
import type { Json } from '../../src/lib/json.ts'
import { MAJORS, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

describe.each(MAJORS)('aggregates on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('are exact in decimals, whether a number came as number or as text', async () => {
    const anyCents = fc.integer({ min: -9_999_999, max: 9_999_999 })
    const anyAmount = fc.tuple(anyCents, fc.boolean())
    await fc.assert(
      fc.asyncProperty(fc.array(anyAmount, { minLength: 1, maxLength: 60 }), async (amounts) => {
        const ask = await store(
          amounts.map(([cents, asText]) => (asText ? decimal(BigInt(cents)) : cents / 100)),
        )
        const all = amounts.map(([cents]) => BigInt(cents))
        const total = all.reduce((sum, cents) => sum + cents, 0n)
        const sum = await ask('sum')
        expect(sum.count).toBe(amounts.length)
        expect(cents(sum.value)).toBe(total)
        const sorted = all.toSorted((a, b) => (a < b ? -1 : 1))
        expect(cents((await ask('min')).value)).toBe(sorted[0])
        expect(cents((await ask('max')).value)).toBe(sorted.at(-1))
        expect(Number((await ask('avg')).value)).toBeCloseTo(Number(total) / 100 / amounts.length, 6)
        expect(await ask('count')).toEqual({ count: amounts.length, value: String(amounts.length) })
      }),
      { numRuns: 15 },
    )
  })

  test('hold what no double holds', async () => {
    const ask = await store(['12345678901234567890.01', '0.1', 0.2, '1e3', '-5'])
    expect(await ask('sum')).toEqual({ count: 5, value: '12345678901234568885.31' })
    expect((await ask('max')).value).toBe('12345678901234567890.01')
  })

  test('count only events that have such a number', async () => {
    const ask = await store([
      1,
      '2',
      null,
      'three',
      true,
      [4],
      { a: 5 },
      '',
      ' 6',
      '7 ',
      '0x8',
      'NaN',
      'Infinity',
      '1e9999',
    ])
    expect(await ask('sum')).toEqual({ count: 2, value: '3' })
    expect(await ask('count')).toEqual({ count: 2, value: '2' })
  })

  test('of nothing are null, and the count of nothing is zero', async () => {
    const ask = await store([])
    for (const fn of ['sum', 'avg', 'min', 'max'] as const)
      expect(await ask(fn)).toEqual({ count: 0, value: null })
    expect(await ask('count')).toEqual({ count: 0, value: '0' })
  })

  test('read along a path, inside a half-open range of time', async () => {
    const workspace = makeWorkspace()
    const at = Date.UTC(2024, 5, 1)
    const commands = [at - 1, at, at + 1, at + 2].map((occurredAt, n) =>
      makeCommand(userId('u'), {
        event: { name: 'Bought', occurredAt, properties: { 'a/b': [{ c: 0 }, { '': 10 ** n }] } },
      }),
    )
    await path.submit(makeUnit(workspace, commands))
    const query = { workspaceId: workspace.id, name: 'Bought', fn: 'sum', from: at, to: at + 2 } as const
    const events = openEvents(database.db)
    expect(await events.aggregate({ ...query, path: ['a/b', '1', ''] })).toEqual({ count: 2, value: '110' })
    expect(await events.aggregate({ ...query, path: ['a/b', '-1', ''] })).toEqual({ count: 2, value: '110' })
    expect(await events.aggregate({ ...query, path: ['a/b', '2', ''] })).toEqual({ count: 0, value: null })
    expect(await events.aggregate({ ...query, fn: 'count', path: [] })).toEqual({ count: 2, value: '2' })
  })

  /** Stores one event a value in a workspace of its own; gives what asks for an aggregate over them. */
  async function store(
    values: readonly Json[],
  ): Promise<(fn: AggregateQuery['fn']) => Promise<{ count: number; value: string | null }>> {
    const workspace = makeWorkspace()
    const commands = values.map((amount, n) =>
      makeCommand(userId(`u${n % 3}`), { event: { name: 'Bought', properties: { amount } } }),
    )
    await path.submit(
      makeUnit(workspace, [
        ...commands,
        makeCommand(userId('u'), { event: { name: 'Other', properties: { amount: 1 } } }),
      ]),
    )
    const range = { from: Date.UTC(2000, 0, 1), to: Date.now() + 60_000 }
    return (fn) =>
      openEvents(database.db).aggregate({
        workspaceId: workspace.id,
        name: 'Bought',
        fn,
        path: ['amount'],
        ...range,
      })
  }
})

function decimal(cents: bigint): string {
  const [sign, digits] = cents < 0n ? ['-', (-cents).toString()] : ['', cents.toString()]
  const padded = digits.padStart(3, '0')
  return `${sign}${padded.slice(0, -2)}.${padded.slice(-2)}`
}

function cents(text: string | null): bigint {
  const [whole = '', fraction = ''] = (text ?? '').replace('-', '').split('.')
  const value = BigInt(whole) * 100n + BigInt(fraction.slice(0, 2).padEnd(2, '0'))
  expect(fraction.slice(2).replaceAll('0', '')).toBe('')
  return text?.startsWith('-') ? -value : value
}
