import { Client } from 'pg'
import { DATABASE_NAME } from './cluster.ts'

/** How to reach the engine; always on 127.0.0.1. */
export interface Address {
  port: number
  password: string
}

/** Marks the session that a guest keeps open, so that the last to leave can tell that it is the last. */
const GUEST_NAME = 'tributary guest'
const CONNECT_TIMEOUT_MS = 5_000
const DATABASE_MISSING = '3D000'

/** @returns the address as a connection string; holds the password */
export function connectionStringOf(address: Address): string {
  return `postgres://${DATABASE_NAME}:${address.password}@127.0.0.1:${address.port}/${DATABASE_NAME}`
}

/**
 * Whether the server at `address` takes our password and serves `pgDir`: a port found in a file may by now
 * belong to anyone.
 * @throws what `pg` throws when it does not answer
 */
export async function servesDirectory(address: Address, pgDir: string): Promise<boolean> {
  return withSession(address, 'postgres', async (client) => {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    return rows[0]?.data_directory === pgDir
  })
}

/** Makes the database if it is missing: also when a kill came between initdb and here. */
export async function ensureDatabase(address: Address): Promise<void> {
  try {
    await withSession(address, DATABASE_NAME, async () => undefined)
  } catch (error) {
    if (codeOf(error) !== DATABASE_MISSING) throw error
    await withSession(address, 'postgres', (client) => client.query(`create database ${DATABASE_NAME}`))
  }
}

/**
 * Opens the session that shows a guest's presence.
 * @returns ends it
 */
export async function openGuestSession(address: Address): Promise<() => Promise<void>> {
  const client = await connect(address, DATABASE_NAME, GUEST_NAME)
  return () => client.end().catch(() => undefined)
}

/** @returns how many guests are connected; none when the server does not answer */
export async function countGuests(address: Address): Promise<number> {
  const sql = 'select count(*)::int as guests from pg_stat_activity where application_name = $1'
  const counted = withSession(address, 'postgres', (client) =>
    client.query<{ guests: number }>(sql, [GUEST_NAME]),
  )
  return counted.then(
    ({ rows }) => rows[0]?.guests ?? 0,
    () => 0,
  )
}

async function withSession<T>(
  address: Address,
  database: string,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(address, database, 'tributary launcher')
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function connect(address: Address, database: string, application: string): Promise<Client> {
  const client = new Client({
    host: '127.0.0.1',
    port: address.port,
    user: DATABASE_NAME,
    password: address.password,
    database,
    application_name: application,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  })
  // A server that ends while the session idles must not end this process.
  client.on('error', () => undefined)
  await client.connect().catch(async (error: unknown) => {
    await client.end().catch(() => undefined)
    throw error
  })
  return client
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
