import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ServerSandbox, get, post } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
})

afterEach(async () => {
  await sandbox.destroy()
})

test('of two servers on one data directory the second ends with 75 and names the pid of the first', async () => {
  const first = await sandbox.serveShop()
  const second = sandbox.launch()
  expect(await second.end()).toEqual({ code: 75, signal: null })
  expect(second.stderr).toContain('CDP_DATA_DIR_IN_USE')
  expect(second.stderr).toContain(`(pid ${first.child.pid})`)
  expect((await get(first.address, '/readyz', '')).status).toBe(200)
})

test('migrate beside a running server ends with 0 and disturbs nothing', async () => {
  const server = await sandbox.serveShop()
  const before = (await sandbox.instance()).postmasterPid
  const migrate = sandbox.launch({ args: ['migrate'] })
  expect(await migrate.end()).toEqual({ code: 0, signal: null })
  expect(migrate.stdout).toContain('Nothing to do.')
  expect((await post(server.address, 'users', { userId: 'u-1' })).status).toBe(201)
  expect((await sandbox.instance()).postmasterPid).toBe(before)
  expect(server.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
})

test('a stop ends PostgreSQL cleanly, and a second signal does no harm', async () => {
  const server = await sandbox.serveShop()
  server.child.kill('SIGTERM')
  server.child.kill('SIGINT')
  expect(await server.end()).toEqual({ code: 0, signal: null })
  expect(existsSync(join(sandbox.dataDir, 'pg', 'postmaster.pid'))).toBe(false)
  expect(existsSync(join(sandbox.dataDir, 'instance.json'))).toBe(false)
  expect(await sandbox.files.engineProcesses()).toEqual([])
  expect(server.log.at(-1)).toMatchObject({ msg: 'stopped' })
  expect(server.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
  expect(server.stderr).toBe('')
})

test('when nobody reads its output any more it goes on serving, and still stops', async () => {
  const server = await sandbox.serveShop()
  server.child.stdout?.destroy()
  for (let round = 0; round < 200; round++) {
    expect((await fetch(`${server.address}/livez`)).status).toBe(200)
  }
  expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null })
  expect(await sandbox.files.engineProcesses()).toEqual([])
})
