import { appendFile, copyFile, cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect, query, stop } from '../../system/embedded-harness.ts'
import { Load, STORED_EVENTS_SQL } from '../../system/load.ts'
import { ServerSandbox, get, waitFor } from '../../system/server-harness.ts'
import type { TributaryProcess } from '../../system/server-harness.ts'
import { note } from '../figures.ts'
import { SCALE } from '../scale.ts'

let source: ServerSandbox
let target: ServerSandbox
let load: Load

beforeEach(async () => {
  source = await ServerSandbox.prepared()
  target = await ServerSandbox.empty()
  load = new Load()
})

afterEach(async () => {
  await load.stop()
  await Promise.all([source.destroy(), target.destroy()])
})

/** Starts calling, and ends once so many further calls are stored. */
async function callsMore(server: TributaryProcess, count: number): Promise<number[]> {
  const goal = load.count('stored') + count
  load.start(() => server.address)
  await waitFor('further calls', async () => (load.count('stored') >= goal ? true : undefined))
  await load.stop()
  return load.storedEvents.toSorted((a, b) => a - b)
}

async function storedIn(sandbox: ServerSandbox): Promise<number[]> {
  return (await sandbox.query<{ index: number }>(STORED_EVENTS_SQL)).map(({ index }) => index)
}

/** The files of a running PostgreSQL between pg_backup_start and pg_backup_stop, as pg_basebackup would copy them. */
async function takeBase(): Promise<void> {
  const { connectionString } = await source.instance()
  const session = await connect(connectionString)
  await session.query(`select pg_backup_start('base', true)`)
  await mkdir(target.dataDir, { mode: 0o700 })
  const pgDir = join(source.dataDir, 'pg')
  const left = /^(postmaster\.(pid|opts)|pg_wal\/.*|.*\/pg_internal\.init|base\/pgsql_tmp.*)$/
  await cp(pgDir, join(target.dataDir, 'pg'), {
    recursive: true,
    filter: (path) => !left.test(path.slice(pgDir.length + 1)),
  })
  const { rows } = await session.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
  await writeFile(join(target.dataDir, 'pg/backup_label'), rows[0]?.labelfile ?? '')
  await session.end()
}

/** While it recovers a server is refused and a backup is not; then it is let go on. */
async function promoteOnceLookedAt(): Promise<void> {
  const { driver, opened } = await target.files.open()
  const env = { DATABASE_URL: opened.connectionString, TRIBUTARY_DATA_DIR: target.path('elsewhere') }
  const paused = `select pg_get_wal_replay_pause_state() = 'paused' as is`
  await waitFor('the instant', async () =>
    isTrue(await query(opened.connectionString, paused)) ? true : undefined,
  )
  const refused = target.launch({ env })
  expect(await refused.end()).toMatchObject({ code: 69 })
  expect(refused.stderr).toMatch(/^CDP_DATABASE_UNSUITABLE: It takes no writes/)
  const backup = target.launch({ args: ['backup', target.path('standby.zip')], env })
  expect(await backup.end(), backup.stderr).toMatchObject({ code: 0 })
  await query(opened.connectionString, 'select pg_wal_replay_resume()')
  await waitFor('the promotion', async () =>
    isTrue(await query(opened.connectionString, 'select not pg_is_in_recovery() as is')) ? true : undefined,
  )
  await stop(driver)
}

function isTrue([row]: readonly unknown[]): boolean {
  return (row as { is: boolean }).is
}

// The bundled PostgreSQL stands for one of the operator's: what it does in a recovery is the same.
test.runIf(SCALE !== 'short')(
  'a PostgreSQL that is recovered to an instant is served on from there, with totals that fit',
  async () => {
    const archive = source.path('archive')
    await mkdir(archive)
    await (await source.serveShop()).stop()
    await appendFile(
      join(source.dataDir, 'pg/postgresql.conf'),
      `archive_mode = on\narchive_command = 'test ! -f ${archive}/%f && cp %p ${archive}/%f'\n`,
    )
    const server = await source.serveShop()
    await callsMore(server, 30)
    load.start(() => server.address)
    await takeBase()
    await load.stop()
    const before = await callsMore(server, 30)
    const [{ at } = { at: '' }] = await source.query<{ at: string }>('select clock_timestamp()::text as at')
    const after = await callsMore(server, 30)
    expect(after.length).toBeGreaterThan(before.length)
    const [{ wal } = { wal: '' }] = await source.query<{ wal: string }>(
      'select pg_walfile_name(pg_switch_wal()) as wal',
    )
    await waitFor('the archive', async () => {
      const [row] = await source.query<{ last: string }>(
        'select last_archived_wal as last from pg_stat_archiver',
      )
      return (row?.last ?? '') >= wal ? true : undefined
    })
    await server.stop()

    for (const name of ['postgres.password', 'secret.key'])
      await copyFile(join(source.dataDir, name), join(target.dataDir, name))
    await appendFile(
      join(target.dataDir, 'pg/postgresql.conf'),
      `archive_mode = off\nrestore_command = 'cp ${archive}/%f %p'\nrecovery_target_time = '${at}'\nrecovery_target_action = 'pause'\n`,
    )
    await writeFile(join(target.dataDir, 'pg/recovery.signal'), '')
    await promoteOnceLookedAt()
    const other = await target.serveShop()
    expect(await storedIn(target)).toEqual(before)
    const last = Math.max(...after)
    const further = (await callsMore(other, 30)).filter((index) => index > last)
    const stored = await storedIn(target)
    expect(stored).toEqual([...before, ...further])
    await waitFor('totals that have what is there', async () => {
      const { body } = await get(other.address, '/api/v1/stats')
      const { events } = (body as { byDialect: Record<string, { events: number }> }).byDialect['webengage']!
      return events === stored.length ? true : undefined
    })
    expect(await other.stop()).toEqual({ code: 0, signal: null })
    note({
      proof: 'backup',
      what: 'events after a recovery to an instant, all and only those of before it',
      value: before.length,
      unit: 'events',
    })
  },
)
