import type { BackupContent, BackupTable, TableShape } from '../../model/backup.ts'
import { CdpError } from '../../model/errors.ts'
import { sqlState } from '../db.ts'
import { measureTable } from './rows.ts'
import type { CopySession } from './session.ts'
import { findStrangers, findTableNames, quoteName, readMarks, readShapes } from './tables.ts'

/** A table may be made or dropped between the look at the list and its locks; seldom, and never often. */
const ATTEMPTS = 5

/** SQLSTATE undefined_table. */
const UNDEFINED_TABLE = '42P01'

/** What a reader of a whole database is given, at one instant. */
export interface Snapshot extends Omit<BackupContent, 'tables'> {
  tables: readonly TableShape[]
  /** Tables in the schema that are not this product's, and are left out. */
  strangers: readonly string[]
}

/** Takes a table that was measured; its rows can be read from the session until it returns. */
export type TakeTable = (table: BackupTable, session: CopySession) => Promise<void>

/**
 * Reads the whole database as it is at one instant: `begin` is given what there is, then each table with its sums. Writers are
 * never waited for nor held up. Every table is locked against changes of its form first, and the instant chosen behind that: what
 * would change a table while it is read waits, and nothing is read in a form other than the one that was written down.
 * @throws CDP_DATABASE_UNSUITABLE there is no installation in the database
 */
export async function readSnapshot(
  session: CopySession,
  begin: (snapshot: Snapshot) => Promise<void>,
  take: TakeTable,
): Promise<BackupContent> {
  const snapshot = await openSnapshot(session)
  await begin(snapshot)
  const tables: BackupTable[] = []
  for (const shape of snapshot.tables) {
    const table = { ...shape, ...(await measureTable(session, shape)) }
    await take(table, session)
    tables.push(table)
  }
  await session.query('commit')
  return { postgres: snapshot.postgres, migrations: snapshot.migrations, tables }
}

/**
 * Begins the transaction in which everything is read; whoever opened it ends it.
 * @throws CDP_DATABASE_UNSUITABLE there is no installation in the database
 */
export async function openSnapshot(session: CopySession): Promise<Snapshot> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const snapshot = await tryToOpen(session)
    if (snapshot) return snapshot
    await session.query('rollback')
  }
  throw new CdpError('CDP_STORAGE_UNAVAILABLE', {
    detail: 'Tables are made and dropped all the time: try again once that is over.',
  })
}

/** @returns undefined when the tables changed between the look and the locks */
async function tryToOpen(session: CopySession): Promise<Snapshot | undefined> {
  const names = await findOwnNames(session)
  if (names.own.length === 0)
    throw new CdpError('CDP_DATABASE_UNSUITABLE', { detail: 'There is no installation in this database.' })
  await session.query('begin isolation level repeatable read read only')
  try {
    // Before the first SELECT: that one takes the instant which all others then see.
    await session.query(`lock table ${names.own.map(quoteName).join(', ')} in access share mode`)
  } catch (error) {
    if (sqlState(error) === UNDEFINED_TABLE) return undefined
    throw error
  }
  const { rows } = await session.query<{ postgres: number }>(
    `select current_setting('server_version_num')::int as postgres`,
  )
  const again = await findOwnNames(session)
  if (again.own.join() !== names.own.join()) return undefined
  return {
    postgres: rows[0]?.postgres ?? 0,
    migrations: await readMarks(session),
    tables: await readShapes(session, names.own),
    strangers: names.strangers,
  }
}

async function findOwnNames(session: CopySession): Promise<{ own: string[]; strangers: string[] }> {
  const names = await findTableNames(session)
  const strangers = findStrangers(names)
  return { own: names.filter((name) => !strangers.includes(name)), strangers }
}
