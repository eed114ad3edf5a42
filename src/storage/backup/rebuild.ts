import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { BackupContent, BackupTable } from '../../model/backup.ts'
import { CdpError } from '../../model/errors.ts'
import { sqlState } from '../db.ts'
import type { Transaction } from '../db.ts'
import { restartFollowers } from '../follower-places.ts'
import { applyMarked, lockMigrations } from '../migrate.ts'
import { makePartition } from '../partitions.ts'
import { fillTable, measureTable } from './rows.ts'
import type { Counting } from './rows.ts'
import type { CopySession } from './session.ts'
import { findStrangers, findTableNames, quoteName, readShapes } from './tables.ts'

/** Where the rows of a database come from. */
export interface RowSource {
  content: BackupContent
  /** Opens the rows of one table, as lines of COPY's text format. */
  openRows(table: BackupTable): Promise<Readable>
  /** Told of each table once, before its rows go in; `sink` counts them. */
  onTable?(table: BackupTable, sink: Counting<unknown>): void
}

/** Filled by migrations themselves. */
const MADE_BY_MIGRATIONS = ['schema_migration', 'installation']

/**
 * Makes a database what another one was: its schema by its migrations, its partitions, its rows. All in one transaction, in which
 * the sums of every table are compared last: whatever goes wrong, also a kill, leaves the database as empty as it was.
 * @throws CDP_DATABASE_NOT_EMPTY there is something already
 * @throws CDP_BACKUP_NEWER CDP_INVARIANT_BROKEN as {@link applyMarked}
 * @throws CDP_BACKUP_UNREADABLE the rows are not ones of these tables
 * @throws CDP_BACKUP_DIFFERS what was loaded is not what the sums say
 */
export async function rebuild(session: CopySession, source: RowSource): Promise<void> {
  // A client outside a pool is as good as one of a pool: nobody gives it back.
  const tx = session as unknown as Transaction
  await tx.query('begin')
  try {
    await lockMigrations(tx)
    await clearEmpty(tx)
    await makeTables(tx, source.content)
    for (const table of source.content.tables) await fill(session, source, table)
    await compare(tx, source.content.tables)
    await moveSequences(tx, source.content.tables)
    // Behind the comparison, because it changes rows.
    await restartFollowers(tx)
    await tx.query('commit')
  } catch (error) {
    // The end of the connection rolls back as well, should this not reach the database.
    await tx.query('rollback').catch(() => undefined)
    throw error
  }
}

/** @throws CDP_DATABASE_NOT_EMPTY a table holds rows that no migration made, or is not this product's */
async function requireEmpty(db: Pick<CopySession, 'query'>): Promise<string[]> {
  const names = await findTableNames(db)
  const taken = findStrangers(names)
  for (const name of names.filter((own) => !MADE_BY_MIGRATIONS.includes(own))) {
    const { rows } = await db.query(`select from ${quoteName(name)} limit 1`)
    if (rows.length > 0 && !taken.includes(name)) taken.push(name)
  }
  if (taken.length === 0) return names
  const list = taken.slice(0, 5).join(', ')
  const detail = `The database is not empty (${list}${taken.length > 5 ? ', …' : ''}): restore into one in which nothing was ever stored.`
  throw new CdpError('CDP_DATABASE_NOT_EMPTY', { detail })
}

async function clearEmpty(tx: Transaction): Promise<void> {
  const names = await requireEmpty(tx)
  if (names.length > 0) await tx.query(`drop table ${names.map(quoteName).join(', ')}`)
}

async function makeTables(tx: Transaction, { migrations, tables }: BackupContent): Promise<void> {
  await applyMarked(tx, migrations)
  for (const name of MADE_BY_MIGRATIONS) await tx.query(`delete from ${name}`)
  const names = await findTableNames(tx)
  const made = new Map((await readShapes(tx, names)).map(({ name, columns }) => [name, columns]))
  const isSame = (table: BackupTable): boolean =>
    made.get(table.name)?.toSorted().join() === table.columns.toSorted().join()
  const other =
    tables.find((table) => !isSame(table))?.name ??
    names.find((name) => !tables.some((table) => table.name === name))
  if (other !== undefined)
    throw unreadable(`The table ${other} is not as the migrations of its release make it.`)
  for (const { name, partitions } of tables)
    for (const partition of partitions) await makePartition(tx, name, partition)
}

async function fill(session: CopySession, source: RowSource, table: BackupTable): Promise<void> {
  const rows = await source.openRows(table)
  const sink = fillTable(session, table)
  source.onTable?.(table, sink)
  try {
    await pipeline(rows, sink)
  } catch (cause) {
    // Class 22 data exception, 23 integrity violation: what came is none of this table's rows.
    if (/^2[23]/.test(sqlState(cause) ?? ''))
      throw unreadable(`The rows of ${table.name} cannot be loaded.`, cause)
    throw cause
  }
}

async function compare(tx: Transaction, tables: readonly BackupTable[]): Promise<void> {
  const different: string[] = []
  for (const table of tables) {
    const { rows, checksum } = await measureTable(tx, table)
    if (rows !== table.rows) different.push(`${table.name} (${rows} rows instead of ${table.rows})`)
    else if (checksum !== table.checksum) different.push(`${table.name} (another checksum)`)
  }
  if (different.length === 0) return
  const detail = `What was loaded is not what was written down: ${different.join(', ')}.`
  throw new CdpError('CDP_BACKUP_DIFFERS', { detail })
}

async function moveSequences(tx: Transaction, tables: readonly BackupTable[]): Promise<void> {
  for (const { name, sequences } of tables)
    for (const { column, last } of sequences) {
      // The sequence may have been ahead of the snapshot, never behind what it holds.
      await tx.query(
        `select setval(pg_get_serial_sequence($1, $2), greatest(m.highest, $3::bigint, 1), greatest(m.highest, $3) is not null)
           from (select max(${quoteName(column)}) as highest from ${quoteName(name)}) m`,
        [quoteName(name), column, last ?? null],
      )
    }
}

function unreadable(detail: string, cause?: unknown): CdpError {
  return new CdpError('CDP_BACKUP_UNREADABLE', { detail, cause })
}
