import { readFile, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { parquetReadObjects } from 'hyparquet'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEYS, ServerSandbox, get, waitFor } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
})

afterEach(async () => {
  await sandbox.destroy()
})

/** Fills the shop with people, faster than any API. */
async function fill(count: number): Promise<void> {
  await sandbox.query(
    `with people as (
       insert into profile (workspace_id, profile_id, version, attributes, created_at, updated_at)
       select w.workspace_id, n, 1, jsonb_build_object('city', 'City ' || n % 10, 'score', n % 7 + 0.5), now(), now()
         from workspace w cross join generate_series(1, ${count}) n where w.name = 'Shop'
       returning workspace_id, profile_id)
     insert into identifier select workspace_id, 1, 'u' || profile_id, profile_id, 'test', now(), true from people`,
  )
}

const exporting = (file: string, ...options: string[]): ReturnType<ServerSandbox['launch']> =>
  sandbox.launch({
    args: ['--config', sandbox.path('config.json'), 'export', file, '--workspace', 'Shop', ...options],
  })

test('a file is written beside a running server, in the format that its name says', async () => {
  const server = await sandbox.serveShop()
  await fill(5_000)
  const fields = ['--field', 'userId', '--field', 'attributes.score']
  const csv = sandbox.path('people.csv.gz')
  const run = exporting(csv, ...fields)
  expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
  expect(run.stdout).toMatch(/^5,000 rows, [\d,]+ bytes\.\n$/)
  expect((await stat(csv)).mode & 0o777).toBe(0o600)
  const rows: string[][] = parse(gunzipSync(await readFile(csv)))
  expect([rows.length, rows[0], rows[4_999]]).toEqual([
    5_001,
    ['userId', 'attributes.score'],
    ['u4999', '1.5'],
  ])
  const parquet = sandbox.path('people.parquet')
  expect(await exporting(parquet, ...fields).end()).toEqual({ code: 0, signal: null })
  const [first] = await parquetReadObjects({ file: new Uint8Array(await readFile(parquet)).buffer })
  expect(first).toEqual({ userId: 'u1', 'attributes.score': 1.5 })
  const definition = { type: 'attribute', name: 'city', operator: 'equals', value: 'City 3' }
  const made = await fetch(`${server.address}/api/v1/segments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'third city', definition }),
  })
  expect(made.status).toBe(201)
  const some = sandbox.path('some.ndjson')
  expect(await exporting(some, '--segment', 'third city').end()).toEqual({ code: 0, signal: null })
  expect((await readFile(some, 'utf8')).trim().split('\n')).toHaveLength(500)
})

test('rows go to stdout and nothing else does, without a server too', async () => {
  const server = await sandbox.serveShop()
  await fill(3)
  await server.stop()
  const run = exporting('-', '--field', 'userId')
  expect(await run.end(), run.stderr).toEqual({ code: 0, signal: null })
  expect(run.stdout).toBe('{"userId":"u1"}\n{"userId":"u2"}\n{"userId":"u3"}\n')
  expect(run.stderr).toContain('3 rows, 48 bytes.')
})

test('wrong usage is told with its exit code, and a file that is there stays', async () => {
  const server = await sandbox.serveShop()
  const file = sandbox.path('kept.csv')
  await writeFile(file, 'kept')
  const wrong: [string[], string][] = [
    [['--kind', 'people'], '--kind must be one of profiles, events'],
    [['--format', 'xml'], '--format must be one of ndjson, csv, parquet'],
    [['--segment', 'nobody'], 'there is no segment "nobody"'],
    [['--field', 'colour'], 'colour: is no field of profiles'],
    [['--from', '2026-01-01'], '--from, --to and --name are for events'],
    [['--kind', 'events', '--from', 'x'], '--from must be an RFC 3339 time or a date'],
    [['--kind', 'events', '--from', '2026-02-01', '--to', '2026-01-01'], 'to: must be later than from'],
  ]
  for (const [options, message] of wrong) {
    const run = exporting(file, ...options)
    expect(await run.end()).toEqual({ code: 64, signal: null })
    expect(run.stderr).toContain(message)
  }
  const folder = exporting(sandbox.path('.'))
  expect(await folder.end()).toEqual({ code: 64, signal: null })
  const nowhere = exporting(sandbox.path('none/people.csv'))
  expect(await nowhere.end()).toEqual({ code: 1, signal: null })
  expect(nowhere.stderr).toContain('CDP_FILE_UNWRITABLE: A file cannot be written: ENOENT.')
  expect(await readFile(file, 'utf8')).toBe('kept')
  await server.stop()
})

test('an export that is interrupted leaves nothing, and ends as the signal says', async () => {
  await sandbox.serveShop()
  await fill(200_000)
  const run = exporting(sandbox.path('people.ndjson'))
  const drafts = async (): Promise<string[]> =>
    (await readdir(sandbox.path('.'))).filter((name) => name.startsWith('people'))
  await waitFor('the beginning of a file', async () => ((await drafts()).length > 0 ? true : undefined))
  expect(await run.stop('SIGINT')).toEqual({ code: null, signal: 'SIGINT' })
  expect(await drafts()).toEqual([])
})

test('an export of a server that is killed is written anew by the next one, and its file is whole', async () => {
  const server = await sandbox.serveShop()
  await fill(200_000)
  const response = await fetch(`${server.address}/api/v1/exports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': 'application/json' },
    body: JSON.stringify({ fields: ['userId', 'attributes'] }),
  })
  const { id } = (await response.json()) as { id: number }
  const drafts = async (): Promise<string[]> =>
    (await readdir(join(sandbox.dataDir, 'exports')).catch(() => [])).filter((name) => name.endsWith('.part'))
  await waitFor('the beginning of a file', async () => ((await drafts()).length > 0 ? true : undefined))
  await server.stop('SIGKILL')
  expect(await drafts()).toHaveLength(1)
  const again = await sandbox.serveShop()
  const ready = await waitFor(
    'the file',
    async () => {
      const { body } = await get(again.address, `/api/v1/exports/${id}`)
      const shown = body as { state: string; rows: number; download: { url: string } | null }
      return shown.state === 'ready' ? shown : undefined
    },
    60_000,
  )
  expect(ready.rows).toBe(200_000)
  const text = await (await fetch(ready.download?.url ?? '')).text()
  expect(text.split('\n')).toHaveLength(200_001)
  expect(await drafts()).toEqual([])
})
