import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { PostgresProxy } from '../setup/proxy.ts'
import type { Command } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'

describe('an SQL error that no check foresaw', () => {
  let database: TestDatabase
  let proxy: PostgresProxy
  let db: Database
  let path: WritePath
  let transactions = 0

  beforeAll(async () => {
    database = await openTestDatabase()
    await database.admin.query(`alter table event add constraint refuse_bad check (name <> 'Bad')`)
    proxy = await PostgresProxy.open(database.connectionString)
    proxy.rule = (sql) => {
      if (sql === 'begin') transactions++
      return 'pass'
    }
    db = database.openAnother(proxy.connectionString)
    path = await openWritePath(db)
  })
  afterAll(async () => {
    await path.close()
    await db.close()
    await proxy.close()
    await database.close()
  })

  test('fails 1 of 1,000 concurrent commands, and 999 are stored once, within 25 transactions', async () => {
    const workspace = makeWorkspace()
    const units = Array.from({ length: 1_000 }, (_, n) => makeUnit(workspace, [visit(n, n === 617)]))
    transactions = 0
    const settled = await Promise.allSettled(units.map((unit) => path.submit(unit)))
    const used = transactions
    const failed = settled.flatMap((result, n) =>
      result.status === 'rejected' ? [{ n, reason: result.reason as unknown }] : [],
    )
    expect(failed).toEqual([{ n: 617, reason: expect.objectContaining({ code: 'CDP_INTERNAL' }) as unknown }])
    expect(await storedNumbers(workspace)).toEqual(numbers(1_000).filter((n) => n !== 617))
    // One statement outside a transaction takes the block of profile ids.
    expect(used + 1).toBeLessThanOrEqual(25)
    const { items } = await ledgerOf(workspace)
    expect(items).toEqual([
      expect.objectContaining({ reason: 'internal', dialect: 'test', operation: 'write', pointer: '/0' }),
    ])
    expect(JSON.parse(items[0]?.item ?? '')).toMatchObject({ event: { properties: { n: 617 } } })
    expect(items[0]?.identifierHashes).toHaveLength(1)
    expect(path.failures.splice(0)).toHaveLength(1)
  })

  test('fails alone in a unit whose commands stand each for itself', async () => {
    const workspace = makeWorkspace()
    const commands = numbers(40).map((n) => visit(n, n === 11 || n === 12, `/${n}`))
    const shown = await path.submit(makeUnit(workspace, commands))
    expect(shown.flatMap(({ ok, code, pointer }) => (ok ? [] : [{ code, pointer }]))).toEqual([
      { code: 'CDP_INTERNAL', pointer: '/11' },
      { code: 'CDP_INTERNAL', pointer: '/12' },
    ])
    expect(await storedNumbers(workspace)).toEqual(numbers(40).filter((n) => n !== 11 && n !== 12))
    const { items } = await ledgerOf(workspace)
    expect(items.map(({ pointer }) => pointer).toSorted()).toEqual(['/11', '/12'])
    path.failures.splice(0)
  })

  test('keeps the answer of a unit that was cut for its Idempotency-Key', async () => {
    const workspace = makeWorkspace()
    const commands = numbers(6).map((n) => visit(n, n === 3, `/${n}`))
    const unit = makeUnit(workspace, commands, { idempotency: { key: 'cut', body: 'body' } })
    const first = await path.submit(unit)
    expect(await path.submit(unit)).toEqual(first)
    expect(await storedNumbers(workspace)).toEqual([0, 1, 2, 4, 5])
    path.failures.splice(0)
  })

  test('leaves nothing of a unit that is stored whole or not at all', async () => {
    const workspace = makeWorkspace()
    const neighbour = makeWorkspace()
    const commands = numbers(20).map((n) => visit(n, n === 7))
    const bad = path.submit(makeUnit(workspace, commands, { atomic: 'all' }))
    const good = numbers(20).map((n) => path.write(neighbour, visit(n)))
    await expect(bad).rejects.toMatchObject({ code: 'CDP_INTERNAL' })
    expect((await Promise.all(good)).every(({ ok }) => ok)).toBe(true)
    expect(await storedNumbers(workspace)).toEqual([])
    expect(
      await countOf(database, 'select count(*) from profile where workspace_id = $1', [workspace.id]),
    ).toBe(0)
    expect(await storedNumbers(neighbour)).toEqual(numbers(20))
    expect((await ledgerOf(workspace)).items).toHaveLength(20)
    path.failures.splice(0)
  })

  async function storedNumbers(workspace: Workspace): Promise<number[]> {
    const rows = await rowsOf<{ n: number }>(
      database,
      `select (properties ->> 'n')::int as n from event where workspace_id = $1 order by 1`,
      [workspace.id],
    )
    return rows.map(({ n }) => n)
  }

  function ledgerOf(workspace: Workspace): ReturnType<WritePath['ledger']['list']> {
    const everything = { from: 0, to: Date.now() + 60_000, dialect: undefined, reason: undefined }
    return path.ledger.list({ workspaceId: workspace.id, ...everything, cursor: undefined, limit: 50 })
  }
})

function visit(n: number, isBad = false, pointer = '/0'): Command {
  const event = { name: isBad ? 'Bad' : 'Good', properties: { n } }
  return makeCommand(userId(`user-${n}`), { event, pointer })
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n)
}
