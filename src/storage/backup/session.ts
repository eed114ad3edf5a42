import { Client } from 'pg'

/** A connection that copies whole tables, for as long as that takes. */
export type CopySession = Client

// What rows look like as text must not depend on the server, the database or the role: backups are compared by it.
const PINNED = `set client_encoding = 'UTF8'; set timezone = 'UTC'; set datestyle = 'ISO, YMD';
  set intervalstyle = 'iso_8601'; set extra_float_digits = 3; set bytea_output = 'hex'; set xmloption = 'content';
  set lc_monetary = 'C'; set search_path = public; set row_security = off; set jit = off; set synchronous_commit = on`

// A table takes as long as it takes. transaction_timeout is there from PostgreSQL 17 on.
const UNLIMITED = `select set_config(name, '0', false) from pg_settings
  where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')`

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Opens such a connection, uses it and closes it. Aborting ends the connection, and so whatever runs on it.
 * @throws what `pg` throws when the database cannot be reached; the signal's reason once it is aborted
 */
export async function withCopySession<T>(
  options: { connectionString: string | undefined; purpose: string; signal?: AbortSignal },
  use: (session: CopySession) => Promise<T>,
): Promise<T> {
  const { connectionString, purpose, signal } = options
  signal?.throwIfAborted()
  const session = new Client({
    connectionString,
    application_name: `tributary ${purpose}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  })
  // A server that ends while nothing is asked must not end this process; the next statement tells.
  session.on('error', () => undefined)
  const end = (): void => void session.end().catch(() => undefined)
  signal?.addEventListener('abort', end, { once: true })
  try {
    await session.connect()
    await session.query(PINNED)
    await session.query(UNLIMITED)
    return await use(session)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', end)
    await session.end().catch(() => undefined)
  }
}
