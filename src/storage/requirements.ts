import { CdpError } from '../model/errors.ts'
import { sqlState } from './db.ts'
import type { Database } from './db.ts'

const MAJOR_MIN = 15
const MAJOR_MAX = 18

interface Facts {
  version: number
  encoding: string
  can_create: boolean
  database: string
  user: string
  connections: number
  takes_writes: boolean
}

/** Connections that one process opens at most: its pools together. */
export const CONNECTIONS_NEEDED = 14

/**
 * Checks that the database is one this server can live in, and says what is missing.
 * @throws CDP_DATABASE_UNSUITABLE version, encoding, rights or connections; CDP_STORAGE_UNAVAILABLE not reachable
 */
export async function checkRequirements(db: Database): Promise<void> {
  const problems = await findUnmetRequirements(db)
  if (problems.length > 0) throw new CdpError('CDP_DATABASE_UNSUITABLE', { detail: problems.join(' ') })
}

/** What the database lacks, one sentence each that says what to do. @throws CDP_DATABASE_UNSUITABLE not reachable */
export async function findUnmetRequirements(db: Database): Promise<string[]> {
  const facts = await readFacts(db)
  const major = Math.floor(facts.version / 10_000)
  return [
    major < MAJOR_MIN || major > MAJOR_MAX
      ? `It is PostgreSQL ${major}; the server runs on ${MAJOR_MIN} to ${MAJOR_MAX}.`
      : undefined,
    facts.takes_writes
      ? undefined
      : 'It takes no writes: it is a standby, or its recovery has not ended yet. Wait for that, or promote it.',
    facts.encoding === 'UTF8'
      ? undefined
      : `Its encoding is ${facts.encoding}: create the database with ENCODING 'UTF8'.`,
    facts.can_create
      ? undefined
      : `User ${facts.user} may not create tables: run GRANT CREATE, USAGE ON SCHEMA public TO ${facts.user} in database ${facts.database}.`,
    facts.connections >= CONNECTIONS_NEEDED
      ? undefined
      : `It allows ${facts.connections} connections; the server needs ${CONNECTIONS_NEEDED}.`,
  ].filter((problem) => problem !== undefined)
}

/** Connections of this product's servers and commands to this database, beside the one that asks. @throws CDP_DATABASE_UNSUITABLE not reachable */
export async function countOtherSessions(db: Database): Promise<number> {
  try {
    const { rows } = await db.access.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
        where datname = current_database() and application_name = 'tributary' and pid <> pg_backend_pid()`,
    )
    return rows[0]?.others ?? 0
  } catch (error) {
    throw unreachable(error)
  }
}

async function readFacts(db: Database): Promise<Facts> {
  try {
    const result = await db.access.query<Facts>(
      `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
              has_schema_privilege('public', 'CREATE') as can_create, current_database() as database,
              current_user as user, current_setting('max_connections')::int as connections,
              not pg_is_in_recovery() as takes_writes`,
    )
    const [facts] = result.rows
    if (facts) return facts
    throw new CdpError('CDP_INVARIANT_BROKEN')
  } catch (error) {
    throw unreachable(error)
  }
}

function unreachable(error: unknown): unknown {
  if (error instanceof CdpError && error.code !== 'CDP_STORAGE_UNAVAILABLE') return error
  const cause = error instanceof CdpError ? error.cause : error
  const reason = cause instanceof Error ? cause.message : 'no answer'
  // A code of PostgreSQL's own says that somebody was there.
  const verb = sqlState(cause) === undefined ? 'could not be reached' : 'refused the connection'
  return new CdpError('CDP_DATABASE_UNSUITABLE', { detail: `The database ${verb}: ${reason}.`, cause })
}
