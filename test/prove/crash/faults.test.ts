import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitFor } from '../../system/server-harness.ts'
import { note } from '../figures.ts'
import { SHOP_KEYS, read } from '../load/shop.ts'
import { Stage } from '../load/stage.ts'
import { amount } from '../scale.ts'

/** Calls that must be stored before a fault, with it where it lets calls through, and after it. */
const CALLS = amount({ short: 30, full: 1_000, long: 5_000 })

let stage: Stage

beforeEach(async () => {
  stage = await Stage.open()
})

afterEach(() => stage.close())

/** Sets a setting of the running PostgreSQL, or takes it back. */
async function setSetting(name: string, value: string | undefined): Promise<void> {
  await stage.query(
    value === undefined ? `alter system reset ${name}` : `alter system set ${name} = '${value}'`,
  )
  await stage.query('select pg_reload_conf()')
}

test('PostgreSQL is restarted under load: callers wait or get 503, and nothing is lost', async () => {
  stage.startLoad()
  await stage.untilStored(CALLS)
  const { postmasterPid } = await stage.sandbox.instance()
  process.kill(postmasterPid, 'SIGINT')
  await waitFor('another postmaster', async () => {
    const instance = await stage.sandbox.instance().catch(() => undefined)
    return instance && instance.postmasterPid !== postmasterPid ? true : undefined
  })
  await stage.untilStored(CALLS)
  const { acknowledged } = await stage.expectKept()
  expect(acknowledged).toBeGreaterThan(CALLS)
  note({ proof: 'crash', what: 'PostgreSQL restarted under load: items kept', value: acknowledged })
})

test.each([20_000, 2_000].slice(0, amount({ short: 1, full: 2, long: 2 })))(
  'a commit that takes %i µs longer slows the answers down, and breaks none',
  async (delayUs) => {
    await setSetting('commit_siblings', '0')
    await setSetting('commit_delay', String(delayUs))
    stage.startLoad({ callers: 64 })
    await stage.untilStored(CALLS * 2)
    await stage.expectKept()
    expect([...stage.load.refusals.keys()]).toEqual([])
    note({
      proof: 'crash',
      what: `calls with commits ${delayUs} µs slower`,
      value: CALLS * 2,
      bound: 'none refused',
    })
  },
)

test('a database that is read-only for a while: writes are answered 503 and reads go on, until it takes writes again', async () => {
  stage.startLoad()
  await stage.untilStored(CALLS)
  await setSetting('default_transaction_read_only', 'on')
  await waitFor('writes that are refused', async () =>
    (stage.load.refusals.get(503) ?? 0) > 0 ? true : undefined,
  )
  expect(
    (await read<{ items: unknown[] }>(stage.server.address, '/api/v1/profiles')).items.length,
  ).toBeGreaterThan(0)
  await setSetting('default_transaction_read_only', undefined)
  await stage.untilStored(CALLS)
  await stage.expectKept()
})

test('a storm of connections that say nothing, or half a request, takes nothing from callers that do', async () => {
  const storms = amount({ short: 400, full: 2_000, long: 5_000 })
  stage.startLoad()
  await stage.untilStored(CALLS)
  const { hostname, port } = new URL(stage.server.address)
  const sockets = await Promise.all(Array.from({ length: storms }, () => open(hostname, Number(port))))
  for (const [index, socket] of sockets.entries())
    if (index % 2 === 0)
      socket.write(`GET /api/v1/profiles HTTP/1.1\r\nauthorization: Bearer ${SHOP_KEYS.native}\r\n`)
  await stage.untilStored(CALLS)
  for (const socket of sockets) socket.resetAndDestroy()
  await stage.untilStored(CALLS)
  await stage.expectKept()
  expect([...stage.load.refusals.keys()]).toEqual([])
  note({ proof: 'crash', what: 'connections of a storm that nobody noticed', value: storms })
})

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}
