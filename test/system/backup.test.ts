import { access, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { query } from './embedded-harness.ts'
import { ServerSandbox, waitFor } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

let source: ServerSandbox
let target: ServerSandbox

beforeEach(async () => {
  source = await ServerSandbox.prepared()
  target = await ServerSandbox.empty()
})

afterEach(async () => {
  await Promise.all([source.destroy(), target.destroy()])
})

/** Fills the shop with people, faster than any API. */
async function fill(count: number): Promise<void> {
  await source.query(
    `insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
     select w.workspace_id, 1000000 + n, 1, jsonb_build_object('city', md5(n::text)), now(), now()
       from workspace w cross join generate_series(1, ${count}) n`,
  )
}

test('a backup that is killed leaves nothing under its name, one that is ended by a signal leaves nothing at all', async () => {
  await source.serveShop()
  await fill(60_000)
  const file = source.path('full.zip')
  const namesOf = async (): Promise<string[]> =>
    (await readdir(source.files.root)).filter((name) => name.includes('full.zip'))
  const begun = async (): Promise<TributaryProcess> => {
    const run = source.launch({ args: ['backup', file] })
    await waitFor('a draft', async () =>
      (await namesOf()).some((name) => name.endsWith('.part')) ? true : undefined,
    )
    return run
  }
  const killed = await begun()
  expect(await killed.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
  expect(await namesOf()).toEqual([expect.stringMatching(/\.part$/)])
  const ended = await begun()
  expect(await ended.stop('SIGTERM')).toMatchObject({ signal: 'SIGTERM' })
  expect(await namesOf()).toHaveLength(1)
  expect(await source.run('backup', file)).toMatchObject({ code: 0 })
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  // The restore of the same file is killed while rows go in: nothing of it is there, and the next one is whole.
  const restoring = target.launch({ args: ['restore', file] })
  await waitFor('rows that go in', async () => {
    const copying = `select 1 from pg_stat_activity where query like 'copy "profile" %' and state = 'active'`
    return (await target.query(copying).catch(() => [])).length > 0 ? true : undefined
  })
  await restoring.stop('SIGKILL')
  const restored = await target.run('restore', file)
  expect(restored, restored.text).toMatchObject({ code: 0 })
})

test("a restore into a PostgreSQL of one's own is refused while a server works on it, and ends what has no file here", async () => {
  const server = await source.serveShop()
  await source.query(
    `insert into export (workspace_id, export_id, state, kind, format, is_gzip, content, created_by, next_attempt_at, claim, created_at)
     select workspace_id, 1, 'ready', 'profiles', 'csv', false, '{}', 'me', now(), gen_random_uuid(), now() from workspace`,
  )
  const dump = source.launch({ args: ['backup', '-'] })
  const chunks: Buffer[] = []
  dump.child.stdout?.removeAllListeners('data').setEncoding('latin1')
  dump.child.stdout?.on('data', (text: string) => chunks.push(Buffer.from(text, 'latin1')))
  expect(await dump.end()).toMatchObject({ code: 0 })
  const file = source.path('dump.zip')
  await writeFile(file, 'something else')
  const taken = await source.run('backup', file)
  expect([taken.code, taken.text]).toEqual([73, expect.stringContaining('CDP_FILE_EXISTS') as string])
  expect(await source.run('backup', file, '--force')).toMatchObject({ code: 0 })
  await writeFile(file, Buffer.concat(chunks))
  const { connectionString } = await source.instance()
  await query(connectionString, 'create database other')
  const env = { DATABASE_URL: connectionString.replace(/tributary$/, 'other') }
  const checkpoint = join(target.dataDir, 'imports', 'x.json')
  await mkdir(join(target.dataDir, 'imports'), { recursive: true })
  await writeFile(checkpoint, '{"line":7}')
  const restoring = async (url: string): Promise<[number | null, string]> => {
    const run = target.launch({ args: ['restore', file], env: { DATABASE_URL: url } })
    const { code } = await run.end()
    return [code, run.stdout + run.stderr]
  }
  expect(await restoring(connectionString)).toEqual([75, expect.stringContaining('CDP_DATA_DIR_IN_USE')])
  expect(await restoring(env.DATABASE_URL)).toEqual([
    0,
    expect.stringContaining('1 exports have no file here'),
  ])
  await expect(access(checkpoint)).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await query(env.DATABASE_URL, 'select state from export')).toEqual([{ state: 'expired' }])
  expect(await server.stop()).toEqual({ code: 0, signal: null })
})
