import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEYS, ServerSandbox, get, post, shop, waitFor } from './server-harness.ts'
import type { LaunchOptions, TributaryProcess } from './server-harness.ts'

let sandbox: ServerSandbox
let options: LaunchOptions
let server: TributaryProcess

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
  const config = await sandbox.writeConfig({ server: { backgroundWork: false }, workspaces: [shop()] })
  options = { args: ['--config', config] }
  server = await sandbox.serve(options)
})

afterEach(() => sandbox.destroy())

const ROWS = 2_000

async function startImport(): Promise<string> {
  const rows = Array.from({ length: ROWS }, (_, index) => `u${index}`)
  const response = await fetch(`${server.address}/api/v1/imports?type=profiles&map=userId=who`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': 'text/csv' },
    body: ['who', ...rows].join('\n'),
  })
  expect(response.status).toBe(202)
  return String(((await response.json()) as { id: number }).id)
}

async function readImport(id: string): Promise<{ state: string; processed: number }> {
  return (await get(server.address, `/api/v1/imports/${id}`)).body as { state: string; processed: number }
}

async function untilDone(id: string): Promise<void> {
  await waitFor('the import', async () => ((await readImport(id)).state === 'done' ? true : undefined))
  expect(await readImport(id)).toMatchObject({ state: 'done', processed: ROWS })
}

async function countedEvents(): Promise<number> {
  return ((await get(server.address, '/api/v1/stats')).body as { events: number }).events
}

test('a server that leaves the background work to a worker accepts it, and the worker does it', async () => {
  const id = await startImport()
  // Counters are background work too, of a loop that runs four times a second: none of it is done by now.
  expect((await post(server.address, 'events', { userId: 'ann', eventName: 'Seen' })).status).toBe(201)
  expect(await readImport(id)).toMatchObject({ state: 'queued', processed: 0 })
  const worker = await sandbox.work(options)
  await untilDone(id)
  await waitFor('the counters', async () => ((await countedEvents()) === 1 ? true : undefined))
  expect(await worker.stop()).toEqual({ code: 0, signal: null })
})

test('a worker follows the database where its server starts it again', async () => {
  const worker = await sandbox.work(options)
  process.kill((await sandbox.instance()).postmasterPid, 'SIGKILL')
  await waitFor('a server that serves again', async () =>
    (await post(server.address, 'events', { userId: 'ann', eventName: 'Seen' })).status === 201
      ? true
      : undefined,
  )
  await untilDone(await startImport())
  expect(worker.child.exitCode).toBeNull()
})

test('a worker keeps no server from its data directory: it waits where there is none, and joins the next one', async () => {
  const worker = await sandbox.work(options)
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  server = await sandbox.serve(options)
  await untilDone(await startImport())
  const before = waits(worker)
  await server.stop()
  await waitFor('the worker to look for a server', async () => (waits(worker) > before ? true : undefined))
  expect(await worker.stop()).toEqual({ code: 0, signal: null })
  expect(await sandbox.files.engineProcesses()).toEqual([])
})

/** How often it has looked for a server, and found none. */
function waits({ log }: TributaryProcess): number {
  return log.filter(({ msg }) => msg === 'waiting for a server that has the database ready').length
}

test('a worker that has no server to join yet ends as soon as it is told to', async () => {
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  const worker = sandbox.launch({ args: [...(options.args ?? []), 'work'] })
  await waitFor('the worker to wait', async () => (waits(worker) > 0 ? true : undefined))
  expect(await worker.stop()).toEqual({ code: 0, signal: null })
  expect(worker.stderr).toBe('')
})
