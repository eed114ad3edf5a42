import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { Pool } from 'pg'
import { inject } from 'vitest'
import { openDatabase } from '../../src/storage/db.ts'
import type { Database } from '../../src/storage/db.ts'
import { databaseUrl, TEMPLATE } from './postgres.ts'
import type { Major } from './postgres.ts'
import { eventually } from './eventually.ts'

/** The majors that storage tests run on. */
export const MAJORS = [18, 15] as const satisfies readonly Major[]

/** A database of its own for one test file. */
export interface TestDatabase {
  /** The product's pools. */
  db: Database
  connectionString: string
  /** A connection for looking into tables and for what the product itself never does. */
  admin: Client
  /** Further pools on the same database, as another process has them; closed by the caller. */
  openAnother(connectionString?: string): Database
  /** Drops the database. @throws when a connection of a pool was taken and never given back */
  close(): Promise<void>
}

/** What a test database can be told. */
export interface TestDatabaseOptions {
  /** PostgreSQL's major version; 18 by default. Another one starts when it is first asked for. */
  major?: Major
  /** A database with nothing in it instead of a migrated one. */
  empty?: boolean
}

/** Makes a database by cloning the migrated template. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { major = 18, empty = false } = options
  const cluster = await clusterUrl(major)
  const name = `test_${randomBytes(6).toString('hex')}`
  await onCluster(cluster, `create database ${name} template ${empty ? 'template0' : TEMPLATE}`)
  const connectionString = databaseUrl(cluster, name)
  const admin = new Client({ connectionString, application_name: 'test' })
  admin.on('error', () => undefined)
  await admin.connect()
  const openAnother = (url = connectionString): Database =>
    openDatabase({ connectionString: url, onIdleError: () => undefined })
  const db = openAnother()
  const close = async (): Promise<void> => {
    const leaks = leaksOf(db)
    await Promise.race([db.close(), leaks.length > 0 ? undefined : new Promise(() => undefined)])
    await admin.end()
    await dropDatabase(cluster, name)
    if (leaks.length > 0) throw new Error(`connections were not given back: ${leaks.join(', ')}`)
  }
  return { db, connectionString, admin, openAnother, close }
}

async function clusterUrl(major: Major): Promise<string> {
  const response = await fetch(`${inject('postgresBroker')}/${major}`)
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

async function onCluster(cluster: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: cluster })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function leaksOf(db: Database): string[] {
  const pools: [string, Pool][] = [
    ['ingest', db.ingest],
    ['general', db.general],
    ['background', db.background],
    ['exports', db.exports],
  ]
  return pools
    .filter(([, pool]) => pool.totalCount !== pool.idleCount || pool.waitingCount > 0)
    .map(([name, pool]) => `${name} (${pool.totalCount - pool.idleCount} out, ${pool.waitingCount} waiting)`)
}

/** Sessions end a little after their sockets; one that stays is a leak of the test. */
async function dropDatabase(cluster: string, name: string): Promise<void> {
  try {
    await eventually(() => onCluster(cluster, `drop database ${name}`))
  } catch (error) {
    await onCluster(cluster, `drop database ${name} with (force)`)
    throw error
  }
}

/** All rows of a statement, as the test's own connection sees them. */
export async function rowsOf<Row extends object>(
  database: Pick<TestDatabase, 'admin'>,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const result = await database.admin.query<Row>(sql, [...values])
  return result.rows
}

/** The number that a `select count(*)` or the like gives. */
export async function countOf(
  database: Pick<TestDatabase, 'admin'>,
  sql: string,
  values: readonly unknown[] = [],
): Promise<number> {
  const [row] = await rowsOf<Record<string, unknown>>(database, sql, values)
  return Number(Object.values(row ?? {})[0])
}
