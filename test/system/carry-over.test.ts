import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '../../src/storage/db.ts'
import { openEmbedded } from '../../src/storage/embedded/index.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { query, stop } from './embedded-harness.ts'
import { Load, STORED_EVENTS_SQL } from './load.ts'
import { ServerSandbox, get, post, waitFor } from './server-harness.ts'

let sandbox: ServerSandbox
let load: Load

beforeEach(async () => {
  sandbox = await ServerSandbox.empty()
  load = new Load()
})

afterEach(async () => {
  await load.stop()
  await sandbox.destroy()
})

const majorOf = async (folder: string): Promise<string> =>
  (await readFile(join(sandbox.dataDir, folder, 'PG_VERSION'), 'utf8')).trim()

test('a data directory of PostgreSQL 17 is carried over at the start, with everything that was written to it', async () => {
  // What the release before would be: the same server, with a PostgreSQL 17 in its data directory.
  const older = await sandbox.files.open({ enginePackage: 'pg17' })
  const { connectionString } = older.opened
  const before = await sandbox.serveShop({}, { env: { DATABASE_URL: connectionString } })
  expect((await post(before.address, 'users', { userId: 'ana', firstName: 'Ana' })).status).toBe(201)
  load.start(() => before.address)
  await waitFor('some load', async () => (load.count('stored') > 30 ? true : undefined))
  await load.stop()
  const written = await query(connectionString, STORED_EVENTS_SQL)
  expect(written.length).toBeGreaterThan(150)
  expect(await before.stop()).toEqual({ code: 0, signal: null })
  await query(connectionString, 'create table strange as select 1 as a')
  await stop(older.driver)

  const doctor = sandbox.launch({ args: ['doctor'] })
  expect(await doctor.end()).toMatchObject({ code: 0 })
  expect(doctor.stdout).toContain('Start the server. It carries the data over.')
  expect(await majorOf('pg')).toBe('17')

  const server = await sandbox.serveShop()
  const told = server.log.map(({ msg }) => String(msg))
  expect(told).toContain('Everything is copied and compared')
  expect(told.some((line) => line.endsWith('pg-17 is not needed any more and may be deleted'))).toBe(true)
  expect(server.log.find(({ msg }) => /stay in the old directory/.test(String(msg)))).toMatchObject({
    tables: ['strange'],
  })
  expect([await majorOf('pg'), await majorOf('pg-17')]).toEqual(['18', '17'])
  const names = await readdir(sandbox.dataDir)
  expect(names.filter((name) => /next|ready|draft/.test(name))).toEqual([])
  expect(await readdir(join(sandbox.dataDir, 'engine'))).toEqual([expect.stringMatching(/^18/)])
  expect(await sandbox.query(STORED_EVENTS_SQL)).toEqual(written)
  const profile = await get(server.address, '/api/v1/profiles/lookup?kind=userId&value=ana')
  expect(profile).toMatchObject({ status: 200, body: { attributes: { firstName: 'Ana' } } })
  // Ids, sequences and followers go on: what is sent now is stored and counted beside what was.
  load.start(() => server.address)
  await waitFor('further load', async () => (load.count('stored') > 60 ? true : undefined))
  await load.stop()
  const stored = await sandbox.query<{ index: number }>(STORED_EVENTS_SQL)
  expect(stored.map(({ index }) => index)).toEqual(load.storedEvents.toSorted((a, b) => a - b))
  await waitFor('totals that have everything', async () => {
    const { body } = await get(server.address, '/api/v1/stats')
    const { events } = (body as { byDialect: Record<string, { events: number }> }).byDialect['webengage']!
    return events === stored.length ? true : undefined
  })
  expect(await server.stop()).toEqual({ code: 0, signal: null })
})

test('a database that cannot be carried over is told why and stays with its own PostgreSQL', async () => {
  const { dataDir } = sandbox
  const older = await openEmbedded({ dataDir, role: 'owner', enginePackage: 'pg17' })
  const db = openDatabase({ connectionString: older.connectionString, onIdleError: () => undefined })
  await migrate(db)
  await db.background.query('alter table note add column strange text')
  await db.close()
  await older.stop()
  await expect(openEmbedded({ dataDir, role: 'guest' })).rejects.toMatchObject({
    code: 'CDP_CARRY_OVER_FAILED',
    message: expect.stringMatching(/17 .*is as it was: The table note is not as/) as string,
  })
  expect(await sandbox.files.engineProcesses()).toEqual([])
  expect((await readdir(dataDir)).filter((name) => name.startsWith('pg'))).toEqual(['pg'])
  const again = await openEmbedded({ dataDir, role: 'owner', enginePackage: 'pg17' })
  expect(await query(again.connectionString, 'select strange from note')).toEqual([])
  await again.stop()
})
