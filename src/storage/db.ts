import { Pool, TypeOverrides, types } from 'pg'
import type { ClientBase, PoolClient, PoolConfig, QueryResultRow } from 'pg'
import { CdpError } from '../model/errors.ts'

/** The connections of one process. Each pool has a bounded size and its own planner settings. */
export interface Database {
  /** Flushers: two transactions at a time; plans only by key. */
  readonly ingest: Pool
  /** Reads and small writes of requests. */
  readonly general: Pool
  /** Checks of credentials and of readiness: nothing slow may stand before them. */
  readonly access: Pool
  /** Reads over many rows, a few at a time and not for long. */
  readonly analysis: Pool
  /** Followers and maintenance. */
  readonly background: Pool
  /** One read over very many rows at a time, for as long as it takes. */
  readonly exports: Pool
  /** Where connections are opened now; holds the password: never log it. */
  connectionString(): string
  /** Opens every further connection somewhere else: the bundled PostgreSQL came back on another port. */
  redirect(connectionString: string): void
  close(): Promise<void>
}

/** Whatever a statement can run on: a pool, or a client inside a transaction. */
export type Queryable = Pick<ClientBase, 'query'>

/** A client inside a transaction. */
export type Transaction = PoolClient

/** How the pools are opened. */
export interface DatabaseOptions {
  connectionString: string
  /** Called with errors of idle connections, which would end the process if nobody listened. */
  onIdleError: (error: Error) => void
  connectTimeoutMs?: number
  statementTimeoutMs?: number
}

/** How many transactions write at the same time; the two flushers have a connection each. */
export const FLUSHERS = 2

/** How long an aggregate may run. */
const ANALYSIS_TIMEOUT_MS = 20_000

/** How long one part of an export may take to come. The first one waits until a segment is computed and its members are sorted. */
const EXPORT_TIMEOUT_MS = 600_000

const INT8_OID = 20

/**
 * Opens the pools; connects on first use only.
 * All ids are kept below 2^53, so that int8 can be read as a number.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const ingest = openPool(options, FLUSHERS, INGEST_SETTINGS)
  const general = openPool(options, 4, GENERAL_SETTINGS)
  const access = openPool(options, 2, GENERAL_SETTINGS)
  const analysis = openPool({ ...options, statementTimeoutMs: ANALYSIS_TIMEOUT_MS }, 2, GENERAL_SETTINGS)
  const background = openPool(options, 3, BACKGROUND_SETTINGS)
  const exports = openPool({ ...options, statementTimeoutMs: EXPORT_TIMEOUT_MS }, 1, GENERAL_SETTINGS)
  const pools = [ingest, general, access, analysis, background, exports]
  const close = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end()))
  }
  let address = options.connectionString
  const redirect = (connectionString: string): void => {
    address = connectionString
    for (const pool of pools) Object.assign(pool.options, { connectionString })
  }
  return {
    ingest,
    general,
    access,
    analysis,
    background,
    exports,
    connectionString: () => address,
    redirect,
    close,
  }
}

const SHARED_SETTINGS = `set timezone = 'UTC'; set idle_in_transaction_session_timeout = '60s'`

// A flusher only ever reads by key. A generic plan that was made while a table was still empty would scan it,
// and go on scanning it after it has grown, until the next ANALYZE; these settings take that choice away.
const INGEST_SETTINGS = `${SHARED_SETTINGS}; set plan_cache_mode = force_generic_plan; set enable_seqscan = off;
  set enable_hashjoin = off; set enable_mergejoin = off; set enable_bitmapscan = off; set jit = off`

const GENERAL_SETTINGS = `${SHARED_SETTINGS}; set jit = off`

const BACKGROUND_SETTINGS = `${SHARED_SETTINGS}; set enable_seqscan = off; set jit = off`

function openPool(options: DatabaseOptions, max: number, settings: string): Pool {
  const overrides = new TypeOverrides(types)
  overrides.setTypeParser(INT8_OID, Number)
  const statementTimeoutMs = options.statementTimeoutMs ?? 60_000
  const config: PoolConfig = {
    connectionString: options.connectionString,
    max,
    types: overrides,
    application_name: 'tributary',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    statement_timeout: statementTimeoutMs,
    // The server ends a statement first; this is for a network in which nothing arrives any more.
    query_timeout: statementTimeoutMs + 5_000,
    idleTimeoutMillis: 0,
    keepAlive: true,
    // pg-pool waits for the promise before it hands the client out; only its type does not say so.
    onConnect: (client) => client.query(settings) as unknown as undefined,
  }
  const pool = new Pool(config)
  pool.on('error', options.onIdleError)
  // A client that is out of the pool tells of its lost connection by an event too, beside failing its statement;
  // without a listener that event would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/**
 * A statement that PostgreSQL parses once per connection. `name` is unique over the product.
 * @returns a function that runs it and gives its rows
 */
export function prepared<Row extends QueryResultRow>(
  name: string,
  text: string,
): (db: Queryable, values: readonly unknown[]) => Promise<Row[]> {
  return async (db, values) => {
    const result = await db.query<Row>({ name, text, values: [...values] })
    return result.rows
  }
}

/**
 * Takes the rows out of a result. The driver's promises, once they are old, hold the results of the statements behind them
 * until the next full collection of garbage: that would be all that was read for a second or two.
 */
export function takeRows<Row>(result: { rows: Row[] }): Row[] {
  const { rows } = result
  result.rows = []
  return rows
}

/** Rows as the one JSON parameter of a set-based statement: `json_to_recordset($1::json)`. */
export function asRows(rows: readonly object[]): string {
  return JSON.stringify(rows)
}

/**
 * Runs a statement that returns one row for each row it wrote.
 * @returns false when it wrote fewer than it was given: what the caller had read is out of date
 */
export async function writesAll(
  db: Queryable,
  statement: (db: Queryable, values: readonly unknown[]) => Promise<unknown[]>,
  rows: readonly object[],
): Promise<boolean> {
  return rows.length === 0 || (await statement(db, [asRows(rows)])).length === rows.length
}

/** Runs work in one transaction, whichever way. */
export type InTransaction = <Outcome>(work: (tx: Transaction) => Promise<Outcome>) => Promise<Outcome>

/** Runs `work` in a transaction on a connection of its own: commits when it returns, rolls back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await connect(pool)
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    broken = await rollback(client, error)
    throw error
  } finally {
    client.release(broken)
  }
}

/** A connection of the pool. @throws CDP_STORAGE_UNAVAILABLE none to be had in time */
export async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw storageUnavailable(error)
  }
}

/**
 * Rolls back after `cause`; gives an error when the connection is no longer usable and must be thrown away. On one
 * that is lost nothing is asked any more: a network that swallows everything would make that question wait too.
 */
export async function rollback(client: PoolClient, cause: unknown): Promise<Error | undefined> {
  if (isStorageUnavailable(cause)) return new Error('the connection was lost', { cause })
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed')
  }
}

/** SQLSTATE of an error that PostgreSQL sent, else undefined. */
export function sqlState(error: unknown): string | undefined {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = '23505'

/** The name of the unique constraint or index that a write broke; undefined for any other error. */
export function brokenUniqueConstraint(error: unknown): string | undefined {
  if (sqlState(error) !== UNIQUE_VIOLATION) return undefined
  return String(Reflect.get(Object(error), 'constraint'))
}

// Class 08 connection exception, 57P01..57P05 shutdown or starting up, class 53 out of disk, memory or connections,
// class 58 the disk fails, 25006 read-only: a standby, or an operator who stopped all writes, 42501 no right to write:
// this is also what PostgreSQL says of a disk that is mounted read-only.
const UNAVAILABLE_STATES = /^(08...|57P0[1-5]|53...|58...|25006|42501)$/

/** SQLSTATE internal_error. */
const INTERNAL_ERROR = 'XX000'

// PostgreSQL has no code of its own for a quota or a limit of file sizes; which of its source files complains tells
// that a file refused the write, in every language that its messages may be in.
const WRITES_FILES = /^(md|fd|buffile|xlog|slru)\.c$/

/**
 * Whether the database could not be reached, ended the connection, or takes no writes from anybody: no statement is
 * at fault, and trying again later may help.
 */
export function isStorageUnavailable(error: unknown): boolean {
  if (error instanceof CdpError) return error.code === 'CDP_STORAGE_UNAVAILABLE'
  const state = sqlState(error)
  if (state === INTERNAL_ERROR) return WRITES_FILES.test(String(Reflect.get(Object(error), 'file')))
  if (state !== undefined) return UNAVAILABLE_STATES.test(state)
  if (!(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, 'code')
  if (typeof code === 'string') return /^E[A-Z]+$/.test(code)
  return /connection|terminat|timeout|not queryable/i.test(error.message)
}

/** Whether PostgreSQL ended a statement because it ran too long. */
export function isStatementTimeout(error: unknown): boolean {
  return sqlState(error) === QUERY_CANCELED
}

/** Whether PostgreSQL asks for the same transaction again: serialization failure or deadlock, also where callers are told already. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error instanceof CdpError ? error.cause : error)
  return state === '40001' || state === '40P01'
}

/** SQLSTATE query_canceled: the statement timeout. */
const QUERY_CANCELED = '57014'

/** What callers are told while the database cannot be reached. */
export function storageUnavailable(cause: unknown): CdpError {
  return new CdpError('CDP_STORAGE_UNAVAILABLE', { cause, retryAfterSeconds: 1 })
}

/**
 * A request's read or small write: an unreachable database, and writers that waited for each other in a circle, become the errors
 * that callers know.
 * @throws CDP_STORAGE_UNAVAILABLE CDP_OVERLOADED
 */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isStatementTimeout(error)) {
      const detail = 'The answer took too long to compute; ask for a shorter range of time.'
      throw new CdpError('CDP_OVERLOADED', { cause: error, detail, retryAfterSeconds: 5 })
    }
    if (error instanceof CdpError) throw error
    if (isRetryable(error)) throw new CdpError('CDP_OVERLOADED', { cause: error, retryAfterSeconds: 1 })
    if (!isStorageUnavailable(error)) throw error
    throw storageUnavailable(error)
  }
}
