import { readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbedded } from '../../src/storage/embedded/index.ts'
import { pollUntil } from '../../src/storage/embedded/polling.ts'
import { connect, keepRow, killDriver, query, readKeptRow, Sandbox, stop } from './embedded-harness.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await Sandbox.create()
})

afterEach(async () => {
  await sandbox.destroy()
})

test('kill -9 of the owner: the next owner adopts the living postmaster, and can stop it', async () => {
  const { driver, opened } = await sandbox.open()
  await keepRow(opened.connectionString)
  await killDriver(driver)
  const next = await sandbox.open()
  expect(next.opened).toMatchObject({ pid: opened.pid, adopted: true })
  expect(await readKeptRow(next.opened.connectionString)).toBe(42)
  await stop(next.driver)
  expect(await sandbox.engineProcesses()).toEqual([])
})

test('a living postmaster is adopted without instance.json', async () => {
  const { driver, opened } = await sandbox.open()
  await killDriver(driver)
  await unlink(join(sandbox.dataDir, 'instance.json'))
  const next = await sandbox.open()
  expect(next.opened).toMatchObject({ pid: opened.pid, adopted: true })
  await stop(next.driver)
})

test('kill -9 of the postmaster: its owner hears of it, and the next start recovers', async () => {
  const database = await openEmbedded({ dataDir: sandbox.dataDir, role: 'owner' })
  await keepRow(database.connectionString)
  process.kill(database.pid, 'SIGKILL')
  await database.exited
  await database.stop()
  const { driver, opened } = await sandbox.open()
  expect(opened.adopted).toBe(false)
  expect(await readKeptRow(opened.connectionString)).toBe(42)
  await stop(driver)
})

test('kill -9 of both during queries of 10 s: the start waits for their end', async () => {
  const { driver, opened } = await sandbox.open()
  await keepRow(opened.connectionString)
  const sleeper = await connect(opened.connectionString)
  const busy = await connect(opened.connectionString)
  const ends = [
    sleeper.query('select pg_sleep(10)').catch(() => 'cut off'),
    // Unlike pg_sleep, a loop does not notice that the postmaster died: the backend lives on to its end.
    busy
      .query(
        `do $$ declare ends timestamptz := clock_timestamp() + interval '10 s';
         begin while clock_timestamp() < ends loop end loop; end $$`,
      )
      .catch(() => 'cut off'),
  ]
  await pollUntil({ timeoutMs: 5_000 }, async () => {
    const [row] = await query(
      opened.connectionString,
      `select count(*)::int as active from pg_stat_activity where state = 'active' and backend_type = 'client backend'`,
    )
    return (row as { active: number }).active >= 3 ? true : undefined
  })
  process.kill(opened.pid, 'SIGKILL')
  await killDriver(driver)
  const next = await sandbox.open()
  expect(next.opened.adopted).toBe(false)
  expect(next.driver.events.filter(({ message }) => message?.includes('retrying')).length).toBeGreaterThan(0)
  expect(await readKeptRow(next.opened.connectionString)).toBe(42)
  await stop(next.driver)
  await Promise.all(ends)
})

test('a guest that finds an orphan adopts it, and stops it at its end', async () => {
  const { driver, opened } = await sandbox.open()
  await killDriver(driver)
  const guest = await sandbox.open({ role: 'guest' })
  expect(guest.opened).toMatchObject({ pid: opened.pid, adopted: true })
  await stop(guest.driver)
  expect(await sandbox.engineProcesses()).toEqual([])
})

test('a stale postmaster.pid whose number now belongs to another process does not hinder the start', async () => {
  const { driver, opened } = await sandbox.open()
  await keepRow(opened.connectionString)
  process.kill(opened.pid, 'SIGKILL')
  await killDriver(driver)
  await pollUntil({ timeoutMs: 10_000 }, async () =>
    (await sandbox.engineProcesses()).length === 0 ? true : undefined,
  )
  const file = join(sandbox.dataDir, 'pg', 'postmaster.pid')
  const lines = (await readFile(file, 'utf8')).split('\n')
  await writeFile(file, [String(process.pid), ...lines.slice(1)].join('\n'))
  const next = await sandbox.open()
  expect(next.opened.adopted).toBe(false)
  expect(await readKeptRow(next.opened.connectionString)).toBe(42)
  await stop(next.driver)
})

test.each([
  ['the copy of the engine', /^draft-/, 'engine'],
  ['initdb', /^pg-draft-/, '.'],
  ['the start of the postmaster', /^postmaster\.pid$/, 'pg'],
])('kill -9 during %s of the first start: the next start succeeds', async (_, pattern, directory) => {
  const driver = sandbox.launch()
  const reached = await pollUntil({ timeoutMs: 20_000, intervalMs: 1 }, async () => {
    const names = await readdir(join(sandbox.dataDir, directory)).catch(() => [])
    return names.some((name) => pattern.test(name)) ? true : undefined
  })
  await killDriver(driver)
  expect(reached).toBe(true)
  const next = await sandbox.open()
  await query(next.opened.connectionString, 'select 1')
  await stop(next.driver)
  expect((await readdir(sandbox.dataDir)).sort()).toEqual([
    'engine',
    'pg',
    'postgres.log',
    'postgres.password',
  ])
  expect(await readdir(join(sandbox.dataDir, 'engine'))).toHaveLength(1)
})
