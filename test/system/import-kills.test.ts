import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEYS, ServerSandbox, get, waitFor } from './server-harness.ts'

let sandbox: ServerSandbox

beforeEach(async () => {
  sandbox = await ServerSandbox.prepared()
})

afterEach(() => sandbox.destroy())

const ROWS = 30_000

/** Longer than the claim of a process that was killed lasts. */
const TAKEN_UP_MS = 60_000

interface Import {
  id: number
  state: string
  processed: number
  created: number
  updated: number
}

test(
  'kill -9 in the middle of an import: the next server goes on with it, and every row is stored and counted once',
  async () => {
    let server = await sandbox.serveShop()
    const rows = Array.from({ length: ROWS }, (_, n) => `u${n % 1_000},2024010${1 + (n % 9)}`)
    const query = 'type=events&map=userId=who&map=occurredAt=day&set=name=Bought'
    const response = await fetch(`${server.address}/api/v1/imports?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEYS.native}`, 'content-type': 'text/csv' },
      body: ['who,day', ...rows, ''].join('\n'),
    })
    expect(response.status).toBe(202)
    const { id } = (await response.json()) as Import
    const read = async (): Promise<Import> =>
      (await get(server.address, `/api/v1/imports/${id}`)).body as Import
    await waitFor('some rows', async () => ((await read()).processed > 1_000 ? true : undefined))
    await server.stop('SIGKILL')
    server = await sandbox.serveShop()
    const before = await read()
    expect(before.processed).toBeLessThan(ROWS)
    await expect.poll(async () => (await read()).state, { timeout: TAKEN_UP_MS, interval: 500 }).toBe('done')
    const done = await read()
    expect(done).toMatchObject({ processed: ROWS, created: 1_000, updated: ROWS - 1_000, refused: 0 })
    const [row] = await sandbox.query<{ count: string }>('select count(*) from event')
    expect(Number(row?.count)).toBe(ROWS)
  },
  TAKEN_UP_MS * 2,
)
