import { copyFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openArchive } from '../../../src/core/backup/index.ts'
import type { BackupManifest } from '../../../src/model/backup.ts'
import { Load, STORED_EVENTS_SQL } from '../../system/load.ts'
import { ServerSandbox, get, post, shop, waitFor } from '../../system/server-harness.ts'
import type { Reply, TributaryProcess } from '../../system/server-harness.ts'
import { note } from '../figures.ts'
import { SCALE, amount } from '../scale.ts'

const ADMIN = { email: 'admin@example.com', password: 'a-long-enough-word' }

const CONFIG = { workspaces: [shop()], users: [{ ...ADMIN, role: 'owner', workspaces: ['Shop'] }] }

/** People that are there before the load begins, each with three events. */
const PEOPLE = amount({ short: 500, full: 100_000, long: 1_000_000 })

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

async function serve(sandbox: ServerSandbox): Promise<TributaryProcess> {
  const config = await sandbox.writeConfig(CONFIG)
  return sandbox.serve({ args: ['--config', config] })
}

/** Fills the shop with people and events, faster than any API. */
async function fill(): Promise<void> {
  await source.query(
    `with people as (
       insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
       select w.workspace_id, 1000000 + n, 1, jsonb_build_object('city', md5(n::text), 'score', n % 7 + 0.5), now(), now()
         from workspace w cross join generate_series(1, ${PEOPLE}) n
       returning workspace_id, profile_id)
     insert into identifier select workspace_id, 1, 'u' || profile_id, profile_id, 'test', now(), true from people`,
  )
  await source.query(
    `insert into event (workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source, properties)
     select workspace_id, profile_id, gen_random_uuid(), date_trunc('month', now()) + n * interval '1 minute', now(), profile_id,
            'Filled', 'test', jsonb_build_object('page', md5(profile_id::text || n))
       from profile cross join generate_series(1, 3) n`,
  )
}

async function manifestOf(path: string): Promise<BackupManifest> {
  const archive = await openArchive(path)
  archive.close()
  return archive.manifest
}

function logIn(address: string): Promise<Response> {
  return fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMIN),
  })
}

async function readPerson(address: string): Promise<Pick<Reply, 'status' | 'body'>[]> {
  const profile = await get(address, '/api/v1/profiles/lookup?kind=userId&value=quiet')
  const { id } = profile.body as { id: number }
  const replies = [profile, await get(address, `/api/v1/profiles/${id}/events`)]
  return replies.map(({ status, body }) => ({ status, body }))
}

async function expectWhole(file: string): Promise<void> {
  const check = await source.run('restore', '--check', file)
  expect(check, check.text).toMatchObject({ code: 0 })
  expect(check.text).toMatch(/^Whole: restored [\d,]+ rows of \d+ tables/)
}

/** How long calls take that come one after the other, until `until` ends; the 99th of a hundred, in ms. */
async function slowestOf(address: string, until: Promise<unknown>): Promise<number> {
  const state = { isOver: false }
  void until.finally(() => (state.isOver = true))
  const took: number[] = []
  while (!state.isOver) {
    const startedAt = performance.now()
    const { status } = await post(address, 'users', { userId: 'probe', firstName: `n${took.length}` })
    expect(status).toBe(201)
    took.push(performance.now() - startedAt)
  }
  return took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.99)] ?? 0
}

test('a backup under load holds every write that was acknowledged before it, and restores to a server that serves the same', async () => {
  const server = await serve(source)
  await fill()
  await post(server.address, 'users', { userId: 'quiet', firstName: 'Zoë\t\\N', email: 'z@example.com' })
  await post(server.address, 'events', { userId: 'quiet', eventName: 'Read', eventData: { page: '\\.\n' } })
  const { token } = (await (await logIn(server.address)).json()) as { token: string }
  load.start(() => server.address)
  await waitFor('some load', async () => (load.count('stored') > 50 ? true : undefined))
  const before = load.storedEvents
  const file = source.path('full.zip')
  const running = source.run('backup', file)
  const p99Ms = await slowestOf(server.address, running)
  const backup = await running
  expect(backup, backup.text).toMatchObject({ code: 0 })
  expect(backup.text).toContain(`keep ${join(source.dataDir, 'secret.key')}`)
  const person = await readPerson(server.address)
  await load.stop()
  expect(load.refusals.size).toBe(0)

  // In `npm test` the check is among the commands of the documents.
  if (SCALE !== 'short') await expectWhole(file)
  const busy = await source.run('restore', file)
  expect([busy.code, busy.text]).toEqual([75, expect.stringContaining('CDP_DATA_DIR_IN_USE') as string])

  const first = await target.run('restore', file)
  expect([first.code, first.text]).toEqual([
    0,
    expect.stringContaining('There is no secret key here') as string,
  ])
  await copyFile(join(source.dataDir, 'secret.key'), join(target.dataDir, 'secret.key'))
  const again = target.path('again.zip')
  expect(await target.run('backup', again)).toMatchObject({ code: 0 })
  const contents = await Promise.all([file, again].map(manifestOf))
  const [wanted, restored] = contents.map(({ tables }) =>
    // Flushes and followers get ids of the new cluster.
    tables.filter(({ name }) => name !== 'ingest_batch' && name !== 'follower'),
  )
  expect(restored).toEqual(wanted)

  const other = await serve(target)
  const stored = (await target.query<{ index: number }>(STORED_EVENTS_SQL)).map(({ index }) => index)
  expect(new Set(stored).size).toBe(stored.length)
  expect(before.filter((index) => !stored.includes(index))).toEqual([])
  expect(await readPerson(other.address)).toEqual(person)
  expect((await logIn(other.address)).status).toBe(200)
  expect((await get(other.address, '/api/v1/auth/session', token)).status).toBe(200)
  await waitFor('totals that have everything', async () => {
    const { body } = await get(other.address, '/api/v1/stats')
    const events = (body as { byDialect: Record<string, { events: number }> }).byDialect['webengage']?.events
    return events === stored.length + 1 ? true : undefined
  })
  expect(other.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
  await other.stop()

  const rows = contents[0]?.tables.reduce((sum, table) => sum + Number(table.rows), 0) ?? 0
  const figures: [string, number, string][] = [
    ['rows in the backup', rows, 'rows'],
    ['size of the file', Math.round(((await stat(file)).size / 1024 ** 2) * 10) / 10, 'MiB'],
    ['backup beside a server under load, with its start', Math.round(rows / backup.seconds), 'rows/s'],
    ['restore and comparison, with its start', Math.round(rows / first.seconds), 'rows/s'],
    ['a write while the backup ran, 99th percentile', Math.round(p99Ms), 'ms'],
    ['events acknowledged before the backup, all of them in it', before.length, 'events'],
  ]
  for (const [what, value, unit] of figures) note({ proof: 'backup', what, value, unit })
})
