import { readdir, readFile } from 'node:fs/promises'
import type { MigrationMark } from '../model/backup.ts'
import { CdpError } from '../model/errors.ts'
import { now, toRfc3339 } from '../lib/time.ts'
import { sha256 } from '../lib/ids.ts'
import { inTransaction } from './db.ts'
import type { Database, Queryable, Transaction } from './db.ts'
import { rebaseFollowers } from './follower-places.ts'
import { ensureStandingPartitions } from './partitions.ts'

interface Migration extends MigrationMark {
  sql: string
}

// Any fixed number; only this product's migrations take this lock.
const MIGRATION_LOCK = 7_414_200_001

const FOLDER = new URL('./migrations/', import.meta.url)

/**
 * Brings the database to this server's schema: every missing migration in order, all in one transaction, so that
 * a failure leaves nothing half done. Two starters wait for each other on an advisory lock.
 * @returns the versions that were applied now
 * @throws CDP_DATABASE_NEWER the database was migrated by a newer server
 * @throws CDP_INVARIANT_BROKEN a migration that was applied has since been edited
 */
export async function migrate(db: Database): Promise<number[]> {
  const migrations = await readMigrations()
  const applied = await inTransaction(db.background, async (tx) => {
    // A migration of a large table, or the wait for another starter's, may take longer than any request.
    await tx.query('set local statement_timeout = 0')
    await lockMigrations(tx)
    const missing = await applyMissing(tx, migrations)
    await rebaseFollowers(tx)
    return missing
  })
  await ensureStandingPartitions(db.background)
  return applied
}

/** Keeps others from migrating until the transaction ends; waits for one who is at it. */
export async function lockMigrations(tx: Transaction): Promise<void> {
  await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
}

/**
 * Makes the schema of an earlier release in a database without tables: exactly these migrations. The caller holds the lock.
 * @throws CDP_BACKUP_NEWER one of them is of a newer release
 * @throws CDP_INVARIANT_BROKEN one was edited since
 */
export async function applyMarked(tx: Transaction, marks: readonly MigrationMark[]): Promise<void> {
  const known = await readMigrations()
  const strange = marks.find(({ version }, index) => known[index]?.version !== version)
  if (strange) {
    const detail = `It has migration ${strange.name}, which this release does not know: use the newer release.`
    throw new CdpError('CDP_BACKUP_NEWER', { detail })
  }
  const wanted = known.slice(0, marks.length)
  refuseForeign(wanted, marks)
  await makeMigrationTable(tx)
  for (const migration of wanted) await apply(tx, migration)
}

/** Whether every migration of this server is applied and none that it does not know; for readiness. */
export async function isMigrated(db: Database): Promise<boolean> {
  const migrations = await readMigrations()
  const result = await db.access.query<{ version: number }>(
    'select version from schema_migration order by version',
  )
  return (
    result.rows.map((row) => row.version).join() === migrations.map((migration) => migration.version).join()
  )
}

/** How the migrations of a database differ from those of this server; versions and file names. */
export interface MigrationState {
  missing: readonly string[]
  /** Of a newer server. */
  unknown: readonly number[]
  /** Changed since they were applied. */
  edited: readonly string[]
  /** Whether any migration was ever applied. */
  isEmpty: boolean
}

/** Compares the migrations; changes nothing. */
export async function inspectMigrations(db: Queryable): Promise<MigrationState> {
  const known = await readMigrations()
  const { rows } = await db.query<{ there: boolean }>(
    `select to_regclass('schema_migration') is not null as there`,
  )
  const stored = rows[0]?.there
    ? await db.query<{ version: number; checksum: string }>('select version, checksum from schema_migration')
    : { rows: [] }
  const checksums = new Map(stored.rows.map(({ version, checksum }) => [version, checksum]))
  const versions = new Set(known.map(({ version }) => version))
  return {
    missing: known.filter(({ version }) => !checksums.has(version)).map(({ name }) => name),
    unknown: [...checksums.keys()].filter((version) => !versions.has(version)),
    edited: known
      .filter(({ version, checksum }) => (checksums.get(version) ?? checksum) !== checksum)
      .map(({ name }) => name),
    isEmpty: checksums.size === 0,
  }
}

async function applyMissing(tx: Transaction, migrations: readonly Migration[]): Promise<number[]> {
  await makeMigrationTable(tx)
  const stored = await tx.query<{ version: number; checksum: string }>(
    'select version, checksum from schema_migration order by version',
  )
  refuseForeign(migrations, stored.rows)
  const missing = migrations.filter(({ version }) => !stored.rows.some((row) => row.version === version))
  for (const migration of missing) await apply(tx, migration)
  return missing.map(({ version }) => version)
}

async function makeMigrationTable(tx: Transaction): Promise<void> {
  await tx.query(
    `create table if not exists schema_migration
       (version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null)`,
  )
}

function refuseForeign(
  known: readonly Migration[],
  stored: readonly { version: number; checksum: string }[],
): void {
  for (const row of stored) {
    const migration = known.find(({ version }) => version === row.version)
    if (!migration) {
      const detail = `The database has migration ${row.version}, which this server does not know: start the newer server.`
      throw new CdpError('CDP_DATABASE_NEWER', { detail })
    }
    if (migration.checksum !== row.checksum) {
      const detail = `Migration ${migration.name} was edited after it had been applied.`
      throw new CdpError('CDP_INVARIANT_BROKEN', { detail })
    }
  }
}

async function apply(tx: Transaction, migration: Migration): Promise<void> {
  await tx.query(migration.sql)
  const appliedAt = toRfc3339(now())
  await tx.query('insert into schema_migration values ($1, $2, $3, $4)', [
    migration.version,
    migration.name,
    migration.checksum,
    appliedAt,
  ])
  await tx.query('insert into installation (installed_at) values ($1) on conflict do nothing', [appliedAt])
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, FOLDER), 'utf8')
      return { version: Number(name.slice(0, 4)), name, sql, checksum: sha256(sql).toString('hex') }
    }),
  )
}
