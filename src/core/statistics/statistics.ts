import type { Database } from '../../storage/db.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import { DIALECT_COUNTERS, expireBatches, takeBatches } from '../../storage/batches.ts'
import type { DialectCounter, EndedBatch } from '../../storage/batches.ts'
import { countEventNames } from '../../storage/event-names.ts'
import type { EventNameRow } from '../../storage/event-names.ts'
import { raiseLastActivity } from '../../storage/activity.ts'
import type { ActivityRow } from '../../storage/activity.ts'
import { addToCounters, findCounters } from '../../storage/counters.ts'
import type { CounterRow } from '../../storage/counters.ts'
import { addToHistory } from '../../storage/history.ts'
import { addToTagCounts } from '../../storage/tag-removals.ts'
import type { TagCountRow } from '../../storage/tag-removals.ts'
import { historyOf } from './history.ts'

/** Totals of a workspace, at most a second old. */
export interface Statistics {
  profiles: number
  events: number
  transactions: number
  rejections: number
  byDialect: Record<string, Record<DialectCounter, number>>
}

/** Name of the follower that keeps counters and last activity. */
const FOLLOWER = 'statistics'

const BATCHES_MAX = 2_000

/** Totals from counters, never from counting rows. `dialects` are those that must appear, with zeros if unused. */
export async function readStatistics(
  db: Database,
  workspaceId: number,
  dialects: readonly string[],
): Promise<Statistics> {
  const rows = await guarded(() => findCounters(db.general, workspaceId))
  const byDialect = Object.fromEntries(dialects.map((dialect) => [dialect, zeros()]))
  let profiles = 0
  for (const { dialect, name, value } of rows) {
    if (dialect === '') profiles += value
    else if (isDialectCounter(name)) (byDialect[dialect] ??= zeros())[name] = value
  }
  const total = (name: DialectCounter): number =>
    Object.values(byDialect).reduce((sum, counts) => sum + counts[name], 0)
  return {
    profiles,
    events: total('events'),
    transactions: total('transactions'),
    rejections: total('rejections'),
    byDialect,
  }
}

function zeros(): Record<DialectCounter, number> {
  return { events: 0, transactions: 0, profileWrites: 0, rejections: 0 }
}

function isDialectCounter(name: string): name is DialectCounter {
  return DIALECT_COUNTERS.some((counter) => counter === name)
}

/**
 * Takes in the flushes that ended since the last call: raises counters, counts of names, last activity and the history, each flush
 * exactly once, in the order of their commits. Only one process at a time does it.
 * @returns how many flushes were taken in
 */
export async function followBatches(db: Database): Promise<number> {
  return inTransaction(db.background, async (tx) => {
    const batches = await takeBatches(tx, FOLLOWER, BATCHES_MAX)
    await addToCounters(tx, countersOf(batches))
    await countEventNames(tx, namesOf(batches))
    await raiseLastActivity(tx, activityOf(batches))
    await addToTagCounts(tx, tagCountsOf(batches))
    await addToHistory(tx, historyOf(batches))
    return batches.length
  })
}

/** Forgets flushes that every follower has seen and nobody may ask for any more. */
export async function forgetBatches(db: Database, before: number): Promise<void> {
  await expireBatches(db.background, before)
}

function countersOf(batches: readonly EndedBatch[]): CounterRow[] {
  const rows = new Map<string, CounterRow>()
  const add = (workspaceId: number, dialect: string, name: string, value: number): void => {
    const key = `${workspaceId}|${dialect}|${name}`
    const row = rows.get(key) ?? { workspaceId, dialect, name, value: 0 }
    row.value += value
    rows.set(key, row)
  }
  for (const { workspaceId, counts } of batches) {
    if (counts.profiles !== 0) add(workspaceId, '', 'profiles', counts.profiles)
    for (const [dialect, counters] of Object.entries(counts.byDialect)) {
      for (const [name, value] of Object.entries(counters)) add(workspaceId, dialect, name, value)
    }
  }
  return [...rows.values()].sort((a, b) => (a.dialect + a.name < b.dialect + b.name ? -1 : 1))
}

function tagCountsOf(batches: readonly EndedBatch[]): TagCountRow[] {
  const rows = new Map<string, TagCountRow>()
  for (const { workspaceId, counts } of batches) {
    for (const [tagId, profiles] of Object.entries(counts.tags ?? {})) {
      const key = `${workspaceId}|${tagId}`
      const row = rows.get(key) ?? { workspaceId, tagId: Number(tagId), profiles: 0 }
      row.profiles += profiles
      rows.set(key, row)
    }
  }
  return [...rows.values()]
}

function namesOf(batches: readonly EndedBatch[]): (EventNameRow & { count: number })[] {
  const rows = new Map<string, EventNameRow & { count: number }>()
  for (const { workspaceId, at, counts } of batches) {
    for (const [dialect, names] of Object.entries(counts.namesByDialect)) {
      for (const [name, amount] of Object.entries(names)) {
        const key = JSON.stringify([workspaceId, dialect, name])
        const row = rows.get(key)
        const count = (row?.count ?? 0) + amount
        rows.set(key, { workspaceId, dialect, name, at: Math.max(row?.at ?? at, at), count })
      }
    }
  }
  return [...rows.values()]
}

function activityOf(batches: readonly EndedBatch[]): ActivityRow[] {
  const rows = new Map<string, ActivityRow>()
  for (const { workspaceId, profiles } of batches) {
    for (const { profileId, lastOccurredAt } of profiles) {
      if (lastOccurredAt === undefined) continue
      const key = `${workspaceId}|${profileId}`
      const newest = Math.max(rows.get(key)?.lastActivityAt ?? lastOccurredAt, lastOccurredAt)
      rows.set(key, { workspaceId, profileId, lastActivityAt: newest })
    }
  }
  return [...rows.values()]
}
