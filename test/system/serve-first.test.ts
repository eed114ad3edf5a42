import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ServerSandbox, get, waitFor } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.empty()
})

afterEach(async () => {
  await sandbox.destroy()
})

/** The secrets that a first start printed. */
function secretsIn(printed: string): string[] {
  const bearers = [...printed.matchAll(/Bearer ([^' ]+)/g)].map(([, secret = '']) => secret)
  const inBodies = [...printed.matchAll(/"(?:apiKey|appKey)":"([^"]+)"/g)].map(([, secret = '']) => secret)
  const aside = [...printed.matchAll(/log in: (\S+)/g)].map(([, secret = '']) => secret)
  const password = /password (\S+)/.exec(printed)?.[1] ?? ''
  return [...bearers, ...inBodies, ...aside, password]
}

test('a first start answers /readyz and prints credentials; a second start prints none', async () => {
  const first = await sandbox.serve()
  const ready = await get(first.address, '/readyz', '')
  expect(ready).toMatchObject({ status: 200, body: { status: 'ok' } })
  const secrets = secretsIn(first.printed)
  expect(secrets).toHaveLength(7)
  expect(secrets.every((secret) => secret.length >= 22)).toBe(true)
  for (const secret of secrets) expect(first.printed.split(secret)).toHaveLength(2)
  expect(await first.stop('SIGINT')).toEqual({ code: 0, signal: null })
  const second = await sandbox.serve()
  expect(second.printed.trim()).toBe(`Tributary listens on ${second.address}`)
  expect(
    (await get(second.address, '/api/v1/stats', secrets.find((secret) => secret.startsWith('tk_')) ?? ''))
      .status,
  ).toBe(200)
  for (const secret of secrets) expect(second.stdout + second.stderr).not.toContain(secret)
})

test('no table holds a secret of the first start, and no line of the log', async () => {
  const server = await sandbox.serve()
  const secrets = secretsIn(server.printed)
  expect(secrets).toHaveLength(7)
  const tables = await sandbox.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
      where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace`,
  )
  expect(tables.map(({ name }) => name)).toContain('api_key')
  for (const { name } of tables) {
    const rows = await sandbox.query<{ text: string }>(`select t::text as text from ${name} t`)
    for (const secret of secrets) expect(JSON.stringify(rows)).not.toContain(secret)
  }
  await server.stop()
  for (const secret of secrets) expect(JSON.stringify(server.log)).not.toContain(secret)
})

test('migrate alone makes the schema and leaves no database process behind', async () => {
  const migrate = sandbox.launch({ args: ['migrate'] })
  expect(await migrate.end()).toEqual({ code: 0, signal: null })
  expect(migrate.stdout).toMatch(/Applied: 1\b/)
  expect(await sandbox.files.engineProcesses()).toEqual([])
})

test('a signal during the start stops what was started: no database process is left', async () => {
  const server = sandbox.launch()
  await waitFor('the cluster of the first start', async () =>
    existsSync(join(sandbox.dataDir, 'pg')) ? true : undefined,
  )
  expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(await sandbox.files.engineProcesses()).toEqual([])
})
