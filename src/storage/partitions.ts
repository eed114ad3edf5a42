import type { Pool } from 'pg'
import { DAY_MS, now } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import type { BackupPartition } from '../model/backup.ts'
import { CdpError } from '../model/errors.ts'
import { inTransaction } from './db.ts'
import type { Transaction } from './db.ts'

/** A table that is cut by time, and how. */
interface PartitionedTable {
  table: 'event' | 'profile_change' | 'rejection'
  column: 'occurred_at' | 'at'
  cut: 'history' | 'month' | 'day'
}

const EVENT: PartitionedTable = { table: 'event', column: 'occurred_at', cut: 'history' }
const CHANGE: PartitionedTable = { table: 'profile_change', column: 'at', cut: 'month' }
const REJECTION: PartitionedTable = { table: 'rejection', column: 'at', cut: 'day' }

/** Half-open range of one partition; `from` undefined means from the beginning of time. */
interface Slice {
  name: string
  from: Instant | undefined
  to: Instant
}

// Any fixed number; only the makers of partitions take this lock.
const PARTITION_LOCK = 7_414_200_002

const FIRST_YEAR = 1990

/**
 * Makes partitions and remembers which exist, so that a flush asks the database only for one it never saw.
 * There is no default partition: its rows would block making the partition they belong to.
 */
export interface Partitions {
  /** Makes what the instants need; must end before the transaction that writes them begins. */
  ensureEvents(instants: Iterable<Instant>): Promise<void>
  /** Makes what rows written at this instant need in the change log and the ledger. */
  ensureLogs(at: Instant): Promise<void>
}

/** Opens the maker; `installedAt` decides which years are cut in months. */
export async function openPartitions(pool: Pool): Promise<Partitions> {
  const known = await readPartitionNames(pool)
  const installedYear = await readInstalledYear(pool)
  const ensure = async (table: PartitionedTable, instants: Iterable<Instant>): Promise<void> => {
    const missing = new Map<string, Slice>()
    for (const instant of instants) {
      const slice = sliceOf(table, instant, installedYear)
      if (!known.has(slice.name)) missing.set(slice.name, slice)
    }
    for (const slice of missing.values()) {
      await inTransaction(pool, (tx) => create(tx, table, slice))
      known.add(slice.name)
    }
  }
  return {
    ensureEvents: (instants) => ensure(EVENT, instants),
    ensureLogs: async (at) => {
      await ensure(CHANGE, [at])
      await ensure(REJECTION, [at])
    },
  }
}

/** Makes the partitions that must stand before anyone needs them: this month and three months ahead. */
export async function ensureStandingPartitions(pool: Pool): Promise<void> {
  const partitions = await openPartitions(pool)
  const today = now()
  await partitions.ensureEvents(monthsFrom(today, MONTHS_STANDING))
  for (const instant of monthsFrom(today, MONTHS_STANDING)) await partitions.ensureLogs(instant)
  for (let day = 0; day < DAYS_STANDING; day++) await partitions.ensureLogs(today + day * DAY_MS)
}

/** This month and three ahead: what senders say about the future, and a server that stands still for a while. */
const MONTHS_STANDING = 4

const DAYS_STANDING = 3

/** Standing partitions that are not there: those needed now, and those needed later. Makes none. */
export async function findMissingPartitions(pool: Pool): Promise<{ now: string[]; ahead: string[] }> {
  const known = await readPartitionNames(pool)
  const installedYear = await readInstalledYear(pool)
  const today = now()
  const missing = (table: PartitionedTable, instants: readonly Instant[]): string[] =>
    instants.map((instant) => sliceOf(table, instant, installedYear).name).filter((name) => !known.has(name))
  const later = monthsFrom(today, MONTHS_STANDING).slice(1)
  return {
    now: [EVENT, CHANGE, REJECTION].flatMap((table) => missing(table, [today])),
    ahead: [...missing(EVENT, later), ...missing(CHANGE, later), ...missing(REJECTION, [today + DAY_MS])],
  }
}

/**
 * Makes a partition that another database had, under its name and in its bounds.
 * @throws CDP_BACKUP_UNREADABLE the table has no partitions, or it cannot be one of its
 */
export async function makePartition(
  tx: Transaction,
  tableName: string,
  { name, from, to }: BackupPartition,
): Promise<void> {
  const table = [EVENT, CHANGE, REJECTION].find((known) => known.table === tableName)
  // What comes from a file goes into the text of a statement only when it is a name of ours.
  if (!table || !new RegExp(`^${table.table}_[0-9a-z_]+$`).test(name))
    throw new CdpError('CDP_BACKUP_UNREADABLE', { detail: `${tableName} cannot have a part ${name}.` })
  await create(tx, table, { name, from, to })
}

/** Drops the ledger's partitions of days that lie wholly before `before`; returns their names. */
export async function dropLedgerBefore(pool: Pool, before: Instant): Promise<string[]> {
  return inTransaction(pool, async (tx) => {
    // DROP locks the whole table: behind a long reader it would hold up every flush, so it gives up and comes again.
    await tx.query("set local lock_timeout = '1s'")
    await tx.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK])
    const names = await partitionNames(tx, REJECTION.table)
    const last = sliceOf(REJECTION, before - DAY_MS, 0).name
    const old = names.filter((name) => name <= last)
    for (const name of old) await tx.query(`drop table ${name}`)
    return old
  })
}

async function readPartitionNames(pool: Pool): Promise<Set<string>> {
  const result = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = any($1::regclass[])`,
    [[EVENT, CHANGE, REJECTION].map(({ table }) => table)],
  )
  return new Set(result.rows.map(({ name }) => name))
}

async function readInstalledYear(pool: Pool): Promise<number> {
  const result = await pool.query<{ installed_at: Date }>('select installed_at from installation')
  return (result.rows[0]?.installed_at ?? new Date(now())).getUTCFullYear()
}

function monthsFrom(instant: Instant, count: number): Instant[] {
  const start = new Date(instant)
  return Array.from({ length: count }, (_, ahead) =>
    Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + ahead, 1),
  )
}

/** The partition that an instant belongs to. Names are made of digits only, so that they are safe in SQL text. */
function sliceOf(table: PartitionedTable, instant: Instant, installedYear: number): Slice {
  const date = new Date(instant)
  const year = date.getUTCFullYear()
  const month = date.getUTCMonth()
  const day = date.getUTCDate()
  if (table.cut === 'day') {
    return slice(`${table.table}_${year}_${two(month + 1)}_${two(day)}`, Date.UTC(year, month, day), DAY_MS)
  }
  if (table.cut === 'month' || year >= installedYear - 1) {
    const to = Date.UTC(year, month + 1, 1)
    const from = Date.UTC(year, month, 1)
    return slice(`${table.table}_${year}_${two(month + 1)}`, from, to - from)
  }
  if (year < FIRST_YEAR)
    return { name: `${table.table}_before`, from: undefined, to: Date.UTC(FIRST_YEAR, 0, 1) }
  return slice(
    `${table.table}_${year}`,
    Date.UTC(year, 0, 1),
    Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1),
  )
}

function slice(name: string, from: Instant, lengthMs: number): Slice {
  return { name, from, to: from + lengthMs }
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/**
 * LIKE, CHECK and ATTACH instead of PARTITION OF: that would take ACCESS EXCLUSIVE on the parent and stop writers.
 * The CHECK proves to ATTACH that no scan is needed.
 */
async function create(tx: Transaction, table: PartitionedTable, { name, from, to }: Slice): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [PARTITION_LOCK])
  if ((await partitionNames(tx, table.table)).includes(name)) return
  const upper = `'${new Date(to).toISOString()}'`
  const lower = from === undefined ? 'minvalue' : `'${new Date(from).toISOString()}'`
  const lowerCheck = from === undefined ? '' : `${table.column} >= ${lower} and `
  await tx.query(`create table ${name} (like ${table.table} including all)`)
  await tx.query(
    `alter table ${name} add constraint ${name}_range check (${lowerCheck}${table.column} < ${upper})`,
  )
  await tx.query(
    `alter table ${table.table} attach partition ${name} for values from (${lower}) to (${upper})`,
  )
  await tx.query(`alter table ${name} drop constraint ${name}_range`)
}

async function partitionNames(tx: Transaction, table: string): Promise<string[]> {
  const result = await tx.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = $1::regclass order by 1`,
    [table],
  )
  return result.rows.map((row) => row.name)
}
