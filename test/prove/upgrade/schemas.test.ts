import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dumpSchema } from '../../../src/storage/schema-dump.ts'
import { rowsOf } from '../../setup/database.ts'
import { ServerSandbox, get, waitFor } from '../../system/server-harness.ts'
import type { TributaryProcess } from '../../system/server-harness.ts'
import {
  SECRET_KEY,
  findLostRows,
  listVersions,
  openOldDatabase,
  rememberRows,
} from '../../upgrade/old-databases.ts'
import type { OldDatabase, OldKeys } from '../../upgrade/old-databases.ts'
import { note } from '../figures.ts'
import { SCALE } from '../scale.ts'

const CALLERS = 4

const EVENTS_PER_CALL = 3

/** Calls that must be answered by the new server before it is looked at. */
const CALLS_AFTER = 20

const isFull = SCALE !== 'short'

const all = await listVersions()

const versions = isFull ? all : all.filter((version) => version === 1)

const pairs = isFull ? all.filter((version) => version % 8 === 1) : [29]

const totals = { acknowledged: 0, rows: 0, slowestMs: 0 }

let sandbox: ServerSandbox
let database: OldDatabase
let hammer: Hammer | undefined

beforeEach(async () => {
  sandbox = await ServerSandbox.empty()
})

afterEach(async () => {
  await hammer?.stop()
  hammer = undefined
  await sandbox.destroy()
  await database.close()
})

afterAll(() => {
  const figures: [string, number, string][] = [
    ['schema versions brought forward under load', versions.length, 'versions'],
    ['of them with two servers that start at the same moment', pairs.length, 'versions'],
    ['rows of earlier releases, all of them there afterwards', totals.rows, 'rows'],
    ['events acknowledged meanwhile, each there once', totals.acknowledged, 'events'],
    ['longest time from the start of a server to its readiness', Math.round(totals.slowestMs), 'ms'],
  ]
  for (const [what, value, unit] of figures) note({ proof: 'upgrade', what, value, unit })
})

/** Callers that send numbered events from before a server listens, each call until it is answered with success. */
class Hammer {
  readonly acknowledged: string[] = []
  #isStopped = false
  #next = 0
  readonly #callers: Promise<void>[]

  constructor(addresses: readonly string[], keys: OldKeys) {
    this.#callers = Array.from({ length: CALLERS }, (_, caller) =>
      this.#run(addresses[caller % addresses.length] ?? '', keys),
    )
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#callers)
  }

  async #run(address: string, keys: OldKeys): Promise<void> {
    while (!this.#isStopped) {
      const number = this.#next++
      const marks = Array.from({ length: EVENTS_PER_CALL }, (_, index) => `${number}-${index}`)
      const sent = async (): Promise<true | undefined> =>
        (await send(address, keys, number, marks)) ? true : undefined
      await waitFor(`call ${number}`, sent, 60_000)
      this.acknowledged.push(...marks)
    }
  }
}

async function send(address: string, keys: OldKeys, number: number, marks: string[]): Promise<boolean> {
  const events = marks.map((mark) => ({
    userId: `upgrader-${number % 7}`,
    eventName: 'Upgraded',
    eventData: { mark },
  }))
  const response = await fetch(`${address}/v1/accounts/${keys.licenseCode}/bulk-events`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${keys.webengage}`,
      'content-type': 'application/json',
      'idempotency-key': `upgrade-${number}`,
    },
    body: JSON.stringify({ events }),
  }).catch(() => undefined)
  await response?.arrayBuffer().catch(() => undefined)
  // Nobody listens yet, or the server is at its limit; anything else is a refusal that no upgrade may bring.
  if (response && ![201, 429, 503].includes(response.status))
    throw new Error(`call ${number}: ${response.status}`)
  return response?.status === 201
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Starts servers on the old database while callers are at their ports already. */
async function upgrade(ports: readonly number[]): Promise<TributaryProcess[]> {
  hammer = new Hammer(
    ports.map((port) => `http://127.0.0.1:${port}`),
    database.keys,
  )
  const startedAt = performance.now()
  const processes = ports.map((port, index) =>
    sandbox.launch({
      env: {
        DATABASE_URL: database.connectionString,
        TRIBUTARY_DATA_DIR: sandbox.path(`data-${index}`),
        TRIBUTARY_SECRET_KEY: SECRET_KEY,
        PORT: String(port),
      },
    }),
  )
  await Promise.all(processes.map((process) => process.ready()))
  totals.slowestMs = Math.max(totals.slowestMs, performance.now() - startedAt)
  const { acknowledged } = hammer
  const goal = acknowledged.length + CALLS_AFTER * EVENTS_PER_CALL
  await waitFor('calls', async () => (acknowledged.length >= goal ? true : undefined))
  await hammer.stop()
  return processes
}

async function expectUpgraded(processes: readonly TributaryProcess[]): Promise<void> {
  const acknowledged = hammer?.acknowledged ?? []
  const stored = await rowsOf<{ mark: string }>(
    database,
    `select properties ->> 'mark' as mark from event where name = 'Upgraded'`,
  )
  expect(stored.map(({ mark }) => mark).sort()).toEqual([...acknowledged].sort())
  const { remembered, lost } = await findLostRows(database)
  expect(lost).toEqual({})
  expect(remembered).toBeGreaterThan(50)
  const wanted = await readFile(new URL('../../../src/storage/schema.sql', import.meta.url), 'utf8')
  await database.admin.query('drop schema before cascade')
  expect(await dumpSchema(database.db.general)).toBe(wanted)
  for (const { address } of processes) {
    expect((await get(address, '/readyz', '')).status).toBe(200)
    expect((await get(address, '/api/v1/stats', database.keys.native)).status).toBe(200)
  }
  for (const process of processes) {
    // On a machine that is far too busy a loop may wait in vain for a connection; it tries again by itself.
    const isBusy = (line: object): boolean =>
      JSON.stringify(line).includes('timeout exceeded when trying to connect')
    expect(process.log.filter((line) => Number(line['level']) >= 50 && !isBusy(line))).toEqual([])
    expect(await process.stop()).toEqual({ code: 0, signal: null })
  }
  totals.acknowledged += acknowledged.length
  totals.rows += remembered
}

describe('a database of an earlier release', () => {
  test.each(versions)(
    'of schema version %i is brought forward while clients call, and keeps all it has',
    async (version) => {
      database = await openOldDatabase(version)
      await rememberRows(database)
      await expectUpgraded(await upgrade([await findFreePort()]))
    },
  )

  test.each(pairs)(
    'of schema version %i is brought forward once by two servers that start at the same moment',
    async (version) => {
      database = await openOldDatabase(version)
      await rememberRows(database)
      await expectUpgraded(await upgrade([await findFreePort(), await findFreePort()]))
    },
  )
})
