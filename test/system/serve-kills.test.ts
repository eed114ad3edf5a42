import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Load, STORED_EVENTS_SQL } from './load.ts'
import { ServerSandbox, get, post, waitFor } from './server-harness.ts'
import type { TributaryProcess } from './server-harness.ts'

let sandbox: ServerSandbox
let load: Load

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
  load = new Load()
})

afterEach(async () => {
  await load.stop()
  await sandbox.destroy()
})

async function untilStored(calls: number): Promise<void> {
  const goal = load.count('stored') + calls
  await waitFor(`${calls} calls that are answered with success`, async () =>
    load.count('stored') >= goal ? true : undefined,
  )
}

async function storedEvents(): Promise<number[]> {
  return (await sandbox.query<{ index: number }>(STORED_EVENTS_SQL)).map(({ index }) => index)
}

/** No acknowledged event is missing and none is there twice; then sends the rest, and each is there once. */
async function expectExactlyOnce(server: TributaryProcess): Promise<void> {
  const stored = await storedEvents()
  expect(new Set(stored).size).toBe(stored.length)
  const there = new Set(stored)
  expect(load.storedEvents.filter((index) => !there.has(index))).toEqual([])
  await load.finish(server.address)
  expect(load.count('stored')).toBe(load.outcomes.size)
  const expected = load.storedEvents.sort((a, b) => a - b)
  expect(await storedEvents()).toEqual(expected)
  // The counters come to the same figure, whatever was killed in between.
  await waitFor('counters that are as high as the events', async () => {
    const { body } = await get(server.address, '/api/v1/stats')
    return (body as { events: number }).events === expected.length ? true : undefined
  })
}

test('kill -9 of the server under load loses nothing acknowledged, and a retry stores nothing twice', async () => {
  let server = await sandbox.serveShop()
  load.start(() => server.address)
  await untilStored(100)
  await server.stop('SIGKILL')
  await load.stop()
  expect(load.count('lost')).toBeGreaterThan(0)
  server = await sandbox.serveShop()
  expect(server.log).toContainEqual(
    expect.objectContaining({ msg: 'Adopted the PostgreSQL that outlived its server' }),
  )
  await expectExactlyOnce(server)
})

test('kill -9 of the postmaster under load: the server starts it again and goes on', async () => {
  const server = await sandbox.serveShop()
  load.start(() => server.address)
  await untilStored(100)
  const { postmasterPid } = await sandbox.instance()
  process.kill(postmasterPid, 'SIGKILL')
  await waitFor('another postmaster', async () => {
    const instance = await sandbox.instance().catch(() => undefined)
    return instance && instance.postmasterPid !== postmasterPid ? true : undefined
  })
  await untilStored(100)
  await load.stop()
  expect(server.child.exitCode).toBeNull()
  expect([...load.refusals.keys()].filter((status) => status !== 503)).toEqual([])
  await expectExactlyOnce(server)
  expect((await get(server.address, '/readyz', '')).status).toBe(200)
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  expect(await sandbox.files.engineProcesses()).toEqual([])
})

test('kill -9 of both under load loses nothing acknowledged', async () => {
  let server = await sandbox.serveShop()
  load.start(() => server.address)
  await untilStored(100)
  const { postmasterPid } = await sandbox.instance()
  process.kill(postmasterPid, 'SIGKILL')
  await server.stop('SIGKILL')
  await load.stop()
  server = await sandbox.serveShop()
  await expectExactlyOnce(server)
})

test('a stop while PostgreSQL is being started again leaves no process behind', async () => {
  const server = await sandbox.serveShop()
  const { postmasterPid } = await sandbox.instance()
  process.kill(postmasterPid, 'SIGKILL')
  await waitFor('the server to notice', async () =>
    server.log.some(({ msg }) => String(msg).includes('ended by itself')) ? true : undefined,
  )
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  expect(await sandbox.files.engineProcesses()).toEqual([])
})

test('SIGTERM under load: every success is stored, the code is 0 and PostgreSQL has ended cleanly', async () => {
  let server = await sandbox.serveShop()
  load.start(() => server.address)
  await untilStored(100)
  server.child.kill('SIGTERM')
  server.child.kill('SIGINT')
  expect(await server.end()).toEqual({ code: 0, signal: null })
  await load.stop()
  expect(load.refusals.size).toBe(0)
  await expect(access(join(sandbox.dataDir, 'pg', 'postmaster.pid'))).rejects.toThrow('ENOENT')
  expect(await sandbox.files.engineProcesses()).toEqual([])
  expect(server.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
  server = await sandbox.serveShop()
  await expectExactlyOnce(server)
})

test('a request that was accepted before SIGTERM is answered, and its open connection holds nothing up', async () => {
  const server = await sandbox.serveShop()
  const calls = Array.from({ length: 20 }, (_, index) =>
    post(server.address, 'users', { userId: `u-${index}` }).then(({ status }) => status),
  )
  await Promise.race(calls)
  server.child.kill('SIGTERM')
  const outcomes = await Promise.allSettled(calls)
  expect(await server.end()).toEqual({ code: 0, signal: null })
  const answered = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value === 201)
  // What the log holds was accepted; everyone who was is among those who got an answer.
  expect(server.requests.map(({ status }) => status)).toEqual(answered.map(() => 201))
})

test('a client that never ends its request holds a stop up no longer than shutdownTimeoutMs', async () => {
  const server = await sandbox.serveShop({ shutdownTimeoutMs: 500 })
  const { hostname, port } = new URL(server.address)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write('POST /v1/accounts/shop1/users HTTP/1.1\r\nHost: shop\r\nContent-Length: 100\r\n\r\n{')
  // An answer to a later request: by then the server has read the first one.
  await get(server.address, '/livez', '')
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  expect(await sandbox.files.engineProcesses()).toEqual([])
  socket.destroy()
})
