import { readdirSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { complaints, doctor } from './doctor-harness.ts'
import type { Report } from './doctor-harness.ts'
import { ServerSandbox } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

const NEWEST_MIGRATION = readdirSync(new URL('../../src/storage/migrations/', import.meta.url))
  .sort()
  .at(-1)

describe('beside a running server', () => {
  let sandbox: ServerSandbox
  let server: TributaryProcess
  let admin: Client
  /** A migrated database of its own, for faults that would hurt the server's. */
  let databaseUrl: string

  beforeAll(async () => {
    sandbox = await ServerSandbox.prepared()
    server = await sandbox.serveShop()
    const { connectionString } = await sandbox.instance()
    admin = new Client({ connectionString })
    await admin.connect()
    await admin.query('create database doctored')
    databaseUrl = connectionString.replace(/\/tributary$/, '/doctored')
    const migrated = sandbox.launch({ args: ['migrate'], env: { DATABASE_URL: databaseUrl } })
    expect((await migrated.end()).code).toBe(0)
  })

  afterAll(async () => {
    await admin.end()
    await sandbox.destroy()
  })

  const look = (env: Record<string, string> = {}): Promise<Report> =>
    doctor(sandbox, { env: { DATABASE_URL: databaseUrl, ...env } })

  /** Does something to the doctored database, looks, and undoes it. */
  async function afterwards(sql: string, undo: string, env: Record<string, string> = {}): Promise<string[]> {
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    try {
      await client.query(sql)
      return complaints(await look(env))
    } finally {
      await client.query(undo)
      await client.end()
    }
  }

  test('everything is ok, and the port is known as our own', async () => {
    const port = new URL(server.address).port
    const config = sandbox.path('config.json')
    const report = await doctor(sandbox, { args: ['--config', config, '--port', port] })
    expect(complaints(report)).toEqual([])
    expect(report.checks.map(({ check }) => check)).toEqual([
      'configuration',
      'node',
      'open files',
      'disk space',
      'data directory',
      'bundled PostgreSQL',
      'port',
      'database',
      'clock',
      'connections',
      'migrations',
      'schema',
      'partitions',
      'followers',
      'secret key',
    ])
    expect(report.checks.find(({ check }) => check === 'port')?.message).toContain('A Tributary answers')
  })

  test('people get one line a check', async () => {
    const command = sandbox.launch({ args: ['doctor'] })
    expect(await command.end()).toEqual({ code: 0, signal: null })
    expect(command.stdout).toMatch(/^ok +configuration +There is no configuration file\.$/m)
  })

  test('the same port in the hands of the server of another data directory is a fault', async () => {
    const args = ['--port', new URL(server.address).port, '--data-dir', sandbox.path('elsewhere')]
    await mkdir(sandbox.path('elsewhere'), { mode: 0o700 })
    const found = complaints(await doctor(sandbox, { args }))
    expect(found).toContainEqual(expect.stringContaining('not by the server of this installation'))
  })

  test('a port that something else has, and an address of another machine, are faults', async () => {
    const stranger = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const address = stranger.address()
    const port = typeof address === 'object' && address ? String(address.port) : ''
    const taken = complaints(await doctor(sandbox, { args: ['--port', port] }))
    stranger.close()
    expect(taken).toEqual([expect.stringContaining('fault port: Port')])
    const foreign = await doctor(sandbox, { args: ['--host', '203.0.113.1', '--port', '4100'] })
    expect(complaints(foreign)).toEqual([expect.stringContaining('EADDRNOTAVAIL')])
  })

  test('few open files are a fault', async () => {
    const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
    const script = `ulimit -n 1000 && exec "${process.execPath}" "${main}" doctor --json`
    const env = { PATH: process.env['PATH'] ?? '', PORT: '0', TRIBUTARY_DATA_DIR: sandbox.dataDir }
    const child = spawn('sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(2)
    expect(complaints({ code, ...(JSON.parse(said) as Omit<Report, 'code'>) })).toEqual([
      'fault open files: 1000 files and connections may be open.',
    ])
  })

  test('each error of the configuration file is a fault, and the rest is looked at all the same', async () => {
    const config = sandbox.path('broken.json')
    await writeFile(config, JSON.stringify({ colour: 1, workspaces: [{ name: 'A', timezone: 'Mars' }] }))
    const report = await doctor(sandbox, { args: ['--config', config] })
    expect(complaints(report)).toEqual([
      'fault configuration: colour: unknown key',
      'fault configuration: workspaces[0].timezone: must be an IANA time zone such as Europe/Warsaw',
    ])
    expect(report.checks.some(({ check }) => check === 'schema')).toBe(true)
    const hopeless = await doctor(sandbox, { env: { PORT: 'many' } })
    expect(complaints(hopeless)).toEqual([expect.stringContaining('fault configuration: PORT')])
  })

  test('a follower that is held up is a fault while a server runs', async () => {
    const key = "hashtextextended('statistics', 7414200005)"
    await expect.poll(async () => (await admin.query('select from follower')).rowCount).toBe(2)
    await admin.query(`select pg_advisory_lock(${key})`)
    await admin.query(
      `insert into ingest_batch (xid, flush_id, workspace_id, at, profile_ids, last_occurred_at, counts)
       values (pg_current_xact_id(), gen_random_uuid(), 1, now() - interval '2 minutes', '{}', '{}',
               '{"profiles": 0, "byDialect": {}, "names": {}}')`,
    )
    try {
      expect(complaints(await doctor(sandbox))).toEqual([
        'fault followers: 1 writes older than a minute are not in totals, lists and segments.',
      ])
    } finally {
      await admin.query(`select pg_advisory_unlock(${key})`)
    }
    await expect.poll(async () => complaints(await doctor(sandbox))).toEqual([])
  })

  test('a database that cannot be reached, or has no right form, is a fault', async () => {
    const port = createServer().listen(0, '127.0.0.1')
    await once(port, 'listening')
    const address = port.address()
    port.close()
    const closed = typeof address === 'object' && address ? address.port : 1
    const away = await look({ DATABASE_URL: `postgres://a:b@127.0.0.1:${closed}/x` })
    expect(complaints(away)).toEqual([
      expect.stringContaining('fault database: The database could not be reached'),
    ])
    await admin.query(`create database latin encoding 'LATIN1' locale 'C' template template0`)
    const latin = await look({ DATABASE_URL: databaseUrl.replace(/doctored$/, 'latin') })
    expect(complaints(latin)).toEqual([expect.stringContaining('Its encoding is LATIN1')])
  })

  test('missing rights and too few connections are faults', async () => {
    await admin.query(`create role weak login password 'weak'`)
    const weak = databaseUrl.replace(/\/\/[^@]+@/, '//weak:weak@')
    expect(complaints(await look({ DATABASE_URL: weak }))).toEqual([
      expect.stringContaining('User weak may not create tables'),
    ])
    const grant =
      'grant usage, create on schema public to weak; grant select on all tables in schema public to weak'
    const found = await afterwards(
      `${grant}; alter role weak connection limit 8`,
      'drop owned by weak; drop role weak',
      { DATABASE_URL: weak },
    )
    expect(found).toContainEqual(expect.stringContaining('fault connections: PostgreSQL has 8 connections'))
  })

  test.each([
    [
      'a newer release was here',
      `insert into schema_migration values (9999, '9999_x.sql', 'x', now())`,
      'delete from schema_migration where version = 9999',
      'fault migrations: The database has migrations of a newer release: 9999.',
    ],
    [
      'a migration was edited',
      `update schema_migration set checksum = 'x' || checksum where version = 2`,
      `update schema_migration set checksum = substr(checksum, 2) where version = 2`,
      'fault migrations: Migrations were edited after they had been applied: 0002_writes.sql.',
    ],
    [
      'a migration is missing',
      'create table kept as select * from schema_migration order by version desc limit 1; delete from schema_migration using kept where schema_migration.version = kept.version',
      'insert into schema_migration select * from kept; drop table kept',
      `warning migrations: Migrations are missing: ${NEWEST_MIGRATION}.`,
    ],
    [
      'a table was changed by hand',
      'alter table counter add column colour text',
      'alter table counter drop column colour',
      'fault schema: The database has: colour text.',
    ],
    [
      'writes wait for a server',
      `insert into ingest_batch (xid, flush_id, workspace_id, at, profile_ids, last_occurred_at, counts)
       values (pg_current_xact_id(), gen_random_uuid(), 1, now() - interval '2 minutes', '{}', '{}', '{}')`,
      'delete from ingest_batch',
      'warning followers: 1 writes older than a minute are not in totals, lists and segments.',
    ],
  ])('it is told when %s', async (_what, sql, undo, complaint) => {
    expect(await afterwards(sql, undo)).toEqual([complaint])
  })

  test('an empty database is told, and left empty', async () => {
    await admin.query('create database nothing')
    const url = databaseUrl.replace(/doctored$/, 'nothing')
    expect(complaints(await look({ DATABASE_URL: url }))).toEqual([
      'warning migrations: The database is empty.',
    ])
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query(`select from pg_class where relnamespace = 'public'::regnamespace`)
    await client.end()
    expect(rows).toEqual([])
  })

  test('missing partitions of this month are a fault, later ones a warning, and none is made', async () => {
    const month = (ahead: number): string => {
      const today = new Date()
      const at = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + ahead, 1))
      return `event_${at.toISOString().slice(0, 7).replace('-', '_')}`
    }
    const drop = (name: string): Promise<string[]> => afterwards(`drop table ${name}`, 'select 1')
    expect(await drop(month(3))).toEqual([`warning partitions: Partitions to come are missing: ${month(3)}.`])
    expect(await drop(month(0))).toEqual([
      `fault partitions: Partitions of this month are missing: ${month(0)}.`,
    ])
    const migrated = sandbox.launch({ args: ['migrate'], env: { DATABASE_URL: databaseUrl } })
    expect((await migrated.end()).code).toBe(0)
    expect(complaints(await look())).toEqual([])
  })

  test('a secret key that is gone or another one is a fault', async () => {
    const insert = `insert into signing_key (kid, algorithm, public_jwk, private_sealed, created_at)
      values ('k', 'RS512', '{}', decode(repeat('00', 64), 'hex'), now())`
    const undo = 'delete from signing_key'
    const dataDir = { TRIBUTARY_DATA_DIR: sandbox.path('elsewhere') }
    expect(await afterwards(insert, undo, dataDir)).toEqual([expect.stringContaining('secret.key is gone')])
    const wrong = await afterwards(insert, undo, { TRIBUTARY_SECRET_KEY: 'ab'.repeat(32) })
    expect(wrong).toEqual([
      'fault secret key: TRIBUTARY_SECRET_KEY: The secret key does not open what is stored: give the one it was sealed with.',
    ])
    await writeFile(join(sandbox.path('elsewhere'), 'secret.key'), 'no key', { mode: 0o600 })
    expect(await afterwards(insert, undo, dataDir)).toEqual([expect.stringContaining('does not hold a key')])
  })
})
