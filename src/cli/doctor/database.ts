import type { ServerConfig } from '../../config.ts'
import { checkSecretKey } from '../../core/access/index.ts'
import { now } from '../../lib/time.ts'
import { findSecretKey, secretKeyFile } from '../../secret-key.ts'
import type { Database } from '../../storage/db.ts'
import {
  countUnseenBatches,
  findSchemaDifference,
  readClockDifference,
  readConnectionRoom,
} from '../../storage/inspection.ts'
import { inspectMigrations } from '../../storage/migrate.ts'
import type { MigrationState } from '../../storage/migrate.ts'
import { findMissingPartitions } from '../../storage/partitions.ts'
import { CONNECTIONS_NEEDED, findUnmetRequirements } from '../../storage/requirements.ts'
import { findSigningKeys } from '../../storage/signing-keys.ts'
import { fault, ok, reasonOf, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** A follower looks four times a second: what it has not seen after this time it will not see by itself. */
const BEHIND_AFTER_MS = 60_000

/** Tokens and the times of events come from Node, upkeep compares them with rows that others wrote. */
const CLOCK_WARNING_MS = 2_000
const CLOCK_FAULT_MS = 60_000

/** Looks at an open database. @param isServing whether a server works on it now */
export async function checkDatabase(
  db: Database,
  config: ServerConfig,
  isServing: boolean,
): Promise<Finding[]> {
  const unmet = await findUnmetRequirements(db)
  const fix = 'Change the database as said, or set DATABASE_URL to another one.'
  const findings = unmet.map((sentence) => fault('database', sentence, fix))
  if (unmet.length > 0) return findings
  const migrations = await inspectMigrations(db.access)
  return [
    ok('database', 'The database can be reached and used.'),
    await guard('clock', async () => judgeClock(await readClockDifference(db.access))),
    await guard('connections', async () =>
      judgeConnections(await readConnectionRoom(db.access), config.limits.processes),
    ),
    ...judgeMigrations(migrations),
    ...(isCurrent(migrations) ? await checkContent(db, config, isServing) : []),
  ]
}

/** What only a database of this release's schema can be asked. */
async function checkContent(db: Database, config: ServerConfig, isServing: boolean): Promise<Finding[]> {
  return [
    await guard('schema', async () => judgeSchema(await findSchemaDifference(db))),
    await guard('partitions', async () => judgePartitions(await findMissingPartitions(db.background))),
    await guard('followers', async () =>
      judgeFollowers(await countUnseenBatches(db.background, now() - BEHIND_AFTER_MS), isServing),
    ),
    await guard('secret key', async () => judgeSecretKey(db, config)),
  ]
}

/** A check that itself fails is a fault of what it looked at. */
async function guard(check: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look()
  } catch (error) {
    return fault(
      check,
      `It could not be checked: ${reasonOf(error)}.`,
      'Mend what the other lines say first.',
    )
  }
}

function isCurrent({ missing, unknown, edited }: MigrationState): boolean {
  return missing.length + unknown.length + edited.length === 0
}

function judgeMigrations({ missing, unknown, edited, isEmpty }: MigrationState): Finding[] {
  const check = 'migrations'
  const findings: Finding[] = []
  if (unknown.length > 0) {
    const message = `The database has migrations of a newer release: ${unknown.join(', ')}.`
    findings.push(fault(check, message, 'Start the newer release.'))
  }
  if (edited.length > 0) {
    const message = `Migrations were edited after they had been applied: ${edited.join(', ')}.`
    findings.push(fault(check, message, 'Install this release again, with its own files.'))
  }
  if (missing.length > 0) {
    const message = isEmpty ? 'The database is empty.' : `Migrations are missing: ${missing.join(', ')}.`
    findings.push(warning(check, message, 'Start the server, or run "tributary migrate".'))
  }
  return findings.length > 0 ? findings : [ok(check, 'Every migration of this release is applied.')]
}

function judgeSchema(difference: string | undefined): Finding {
  if (difference === undefined) return ok('schema', "The tables are this release's.")
  const fix = 'Undo what was changed by hand; src/storage/schema.sql is how it should be.'
  return fault('schema', `The database ${difference}`, fix)
}

function judgePartitions(missing: { now: string[]; ahead: string[] }): Finding {
  const fix = 'Run "tributary migrate", which makes them; a running server does once an hour.'
  if (missing.now.length > 0)
    return fault('partitions', `Partitions of this month are missing: ${missing.now.join(', ')}.`, fix)
  if (missing.ahead.length > 0)
    return warning('partitions', `Partitions to come are missing: ${missing.ahead.join(', ')}.`, fix)
  return ok('partitions', 'Those of this month and of three months ahead are there.')
}

function judgeFollowers(unseen: number, isServing: boolean): Finding {
  const check = 'followers'
  if (unseen === 0) return ok(check, 'Totals and lists are up to date.')
  const message = `${unseen} writes older than a minute are not in totals, lists and segments.`
  if (!isServing) return warning(check, message, 'Start the server: it takes them in.')
  const fix = 'Look into the log for "background work failed", end long transactions, restart the server.'
  return fault(check, message, fix)
}

/** @param differenceMs how far PostgreSQL is ahead of this machine */
export function judgeClock(differenceMs: number): Finding {
  const seconds = Math.abs(differenceMs / 1_000).toFixed(1)
  const message = `The clocks of this machine and of PostgreSQL differ by ${seconds} s.`
  const fix = 'Keep both machines on the same time (NTP).'
  if (Math.abs(differenceMs) >= CLOCK_FAULT_MS) return fault('clock', message, fix)
  return Math.abs(differenceMs) >= CLOCK_WARNING_MS ? warning('clock', message, fix) : ok('clock', message)
}

function judgeConnections(room: number, processes: number): Finding {
  const needed = CONNECTIONS_NEEDED * processes
  const message = `PostgreSQL has ${room} connections for this product, which needs up to ${needed}.`
  if (room >= needed) return ok('connections', message)
  const fix = 'Raise max_connections or the limit of the user or database, or end what else is connected.'
  return fault('connections', message, fix)
}

async function judgeSecretKey(db: Database, config: ServerConfig): Promise<Finding> {
  const check = 'secret key'
  const place = config.secretKey ? 'TRIBUTARY_SECRET_KEY' : secretKeyFile(config)
  const fix = `Put the key that sealed it into ${place}, from a backup.`
  try {
    const key = await findSecretKey(config)
    if (key) await checkSecretKey(db, key)
    else if ((await findSigningKeys(db.access)).length > 0)
      return fault(check, `${place} is gone, and secrets are stored under it.`, fix)
    return ok(check, key ? `${place} opens what is stored.` : 'There is none yet, and nothing needs one.')
  } catch (error) {
    return fault(check, `${place}: ${reasonOf(error)}`, fix)
  }
}
