import { randomUUID } from 'node:crypto'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { openComputed } from '../../src/core/computed/index.ts'
import type { ComputedKind, ComputedRow, ComputedValues } from '../../src/core/computed/index.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import { openTestDatabase } from './database.ts'
import type { TestDatabase } from './database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from './ingest.ts'
import type { WritePath } from './ingest.ts'

/** How often somebody bought. */
export const orders = { function: 'count', name: 'Bought' }
/** For how much. */
export const spent = { function: 'sum', property: { name: 'price' }, name: 'Bought' }
/** A part of an expression, or the beginning of a condition. */
export const refer = (type: ComputedKind, id: string): object => ({ type, id })
/** A part that is always the same. */
export const literal = (value: unknown): object => ({ type: 'literal', value })
/** A part around another one. */
export const not = (operand: object): object => ({ type: 'not', operand })

/** A workspace with three people who bought for 12.5, for 100 and never, and another one with nobody. */
export interface Buyers {
  database: TestDatabase
  path: WritePath
  computed: ComputedValues
  workspace: Workspace
  other: Workspace
  idOf(who: 'ann' | 'bob' | 'cleo'): number
  define(kind: ComputedKind, definition: object, where?: Workspace): Promise<ComputedRow>
  redefine(row: ComputedRow, definition: object): Promise<ComputedRow>
  remove(row: ComputedRow): Promise<void>
  close(): Promise<void>
}

/** Opens a database with them. */
export async function openBuyers(): Promise<Buyers> {
  const database = await openTestDatabase()
  const path = await openWritePath(database.db)
  const computed = openComputed(database.db, Buffer.alloc(32))
  const [workspace, other] = [makeWorkspace(), makeWorkspace()]
  const ids = await storePeople(path, workspace)
  return {
    database,
    path,
    computed,
    workspace,
    other,
    idOf: (who) => ids.get(who) ?? 0,
    define: (kind, definition, where = workspace) =>
      computed.create(where, { kind, name: randomUUID(), definition }, COMMAND_LINE),
    redefine: ({ computedId, kind, name }, definition) =>
      computed.update(workspace, computedId, { kind, name, definition }, COMMAND_LINE),
    remove: (row) => computed.delete(row, COMMAND_LINE),
    close: async () => {
      await path.close()
      await database.close()
    },
  }
}

async function storePeople(path: WritePath, workspace: Workspace): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  for (const [who, prices] of Object.entries({ ann: [5, '7.5'], bob: [100], cleo: [] })) {
    const events = prices.map((price) =>
      makeCommand(userId(who), { event: { name: 'Bought', properties: { price } } }),
    )
    const unit = makeUnit(workspace, [makeCommand(userId(who), { attributes: { who } }), ...events])
    ids.set(who, (await path.submit(unit))[0]?.profileId ?? 0)
  }
  return ids
}
