import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ServerSandbox, get, waitFor } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
})

afterEach(async () => {
  await sandbox.destroy()
})

const EVENTS = ['--workspace', 'Shop', '--type', 'events', '--map', 'userId=who', '--map', 'occurredAt=day']

const MAPPING = [...EVENTS, '--map', 'properties.total:number=total', '--set', 'name=Bought']

/** A file of so many rows; equal rows are there on purpose. */
async function writeRows(count: number, extra: readonly string[] = []): Promise<string> {
  const rows = Array.from({ length: count }, (_, n) => `u${n % 1_000},2024010${1 + (n % 9)},1.25`)
  const path = sandbox.path('rows.csv')
  await writeFile(path, ['who,day,total', ...rows, ...extra, ''].join('\n'))
  return path
}

async function totals(address: string): Promise<{ events: number; profiles: number; sum: string }> {
  const { body } = await get(address, '/api/v1/events/aggregate?name=Bought&fn=sum&property=total')
  const { count, value } = body as { count: number; value: string }
  const list = await get(address, '/api/v1/profiles/lookup?kind=userId&value=u1')
  return { events: count, profiles: list.status, sum: value }
}

test('rows are stored beside a running server; the same file again stores nothing twice', async () => {
  const server = await sandbox.serveShop()
  const file = await writeRows(3_000)
  const args = ['--config', sandbox.path('config.json'), 'import', file, ...MAPPING]
  const first = sandbox.launch({ args })
  expect(await first.end(), first.stderr).toEqual({ code: 0, signal: null })
  expect(first.stdout).toContain('3,000 of 3,000 rows stored.')
  const second = sandbox.launch({ args })
  expect(await second.end()).toEqual({ code: 0, signal: null })
  expect(second.stdout).toContain('(3,000 of them were already)')
  expect(await totals(server.address)).toEqual({ events: 3_000, profiles: 200, sum: '3750.00' })
  const renamed = args.map((arg) => (arg === 'name=Bought' ? 'name=Seen' : arg))
  const third = sandbox.launch({ args: renamed })
  expect(await third.end()).toEqual({ code: 0, signal: null })
  expect(third.stdout).toContain('3,000 of 3,000 rows stored.\n')
})

test('refused rows are in a file with line and reason, the others are stored, and the exit code tells', async () => {
  const server = await sandbox.serveShop()
  const file = await writeRows(10, ['u1,never,1', ',20240101,1', 'u1,20240101', 'u2,20240101,x'])
  const rejected = sandbox.path('refused.jsonl')
  const args = ['--config', sandbox.path('config.json'), 'import', file, ...MAPPING, '--rejected', rejected]
  const run = sandbox.launch({ args })
  expect(await run.end(), run.stderr).toEqual({ code: 65, signal: null })
  const lines = (await readFile(rejected, 'utf8')).trim().split('\n')
  const refused = lines.map((line) => JSON.parse(line) as { line: number; reason: string; text: string })
  expect(refused.map(({ line }) => line).sort((a, b) => a - b)).toEqual([12, 13, 14, 15])
  expect(refused.find(({ line }) => line === 12)).toEqual({
    line: 12,
    reason: 'CDP_BODY_INVALID: occurredAt: must be a time of ISO 8601',
    text: 'u1,never,1',
  })
  expect(await totals(server.address)).toMatchObject({ events: 10 })
})

test('a dry run says the same and stores nothing', async () => {
  const server = await sandbox.serveShop()
  const file = await writeRows(5, ['u1,never,1'])
  const run = sandbox.launch({
    args: ['--config', sandbox.path('config.json'), 'import', file, ...MAPPING, '--dry-run'],
  })
  expect(await run.end()).toEqual({ code: 65, signal: null })
  expect(run.stdout).toContain('5 of 6 rows can be stored.')
  expect((await get(server.address, '/api/v1/profiles/lookup?kind=userId&value=u1')).status).toBe(404)
})

test('an import that is killed goes on where it was, and every row is stored once', async () => {
  const server = await sandbox.serveShop()
  const file = await writeRows(20_000)
  const args = ['--config', sandbox.path('config.json'), 'import', file, ...MAPPING]
  const killed = sandbox.launch({ args })
  await waitFor('some rows', async () => {
    const [row] = await sandbox.query<{ count: string }>('select count(*) from dedupe')
    return Number(row?.count) > 2_000 ? true : undefined
  })
  await killed.stop('SIGKILL')
  const [before] = await sandbox.query<{ count: string }>('select count(*) from dedupe')
  expect(Number(before?.count)).toBeLessThan(20_000)
  const again = sandbox.launch({ args })
  expect(await again.end(), again.stderr).toEqual({ code: 0, signal: null })
  const [, rows = ''] = /of ([\d,]+) rows stored/.exec(again.stdout) ?? []
  expect(Number(rows.replaceAll(',', ''))).toBeLessThan(20_000)
  expect(await totals(server.address)).toEqual({ events: 20_000, profiles: 200, sum: '25000.00' })
})

test('JSON lines come from stdin too, without a server', async () => {
  const config = await sandbox.writeConfig({ workspaces: [{ name: 'Shop' }] })
  const server = await sandbox.serve({ args: ['--config', config] })
  await server.stop()
  const lines = [
    { user: { id: 'j1' }, facts: { plan: 'gold', age: 30 } },
    { user: { id: 'j2' }, facts: null },
  ]
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const options = ['--workspace', 'Shop', '--type', 'profiles', '--map', 'userId=user.id']
  const mapping = ['--map', 'attributes.plan=facts.plan', '--map', 'attributes.age=facts.age']
  const child = spawn(process.execPath, [main, '--config', config, 'import', '-', ...options, ...mapping], {
    env: { PATH: process.env['PATH'] ?? '', TRIBUTARY_DATA_DIR: sandbox.dataDir },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.end(lines.map((line) => JSON.stringify(line)).join('\n'))
  const code = await new Promise((resolve) => child.once('exit', resolve))
  expect([code, said]).toEqual([0, expect.stringContaining('2 of 2 rows stored.')])
})

test.each([
  ['an unknown workspace', ['--workspace', 'Nowhere', '--type', 'profiles'], 64],
  ['an unknown type', ['--workspace', 'Shop', '--type', 'things'], 64],
  ['a mapping without a column', ['--workspace', 'Shop', '--type', 'events', '--map', 'userId'], 64],
  ['no workspace', ['--type', 'events'], 64],
])('%s ends with its own exit code', async (_what, args, code) => {
  const config = await sandbox.writeConfig({ workspaces: [{ name: 'Shop' }] })
  const run = sandbox.launch({ args: ['--config', config, 'import', await writeRows(1), ...args] })
  expect(await run.end()).toEqual({ code, signal: null })
  expect(run.stderr).not.toContain(' at ')
})
