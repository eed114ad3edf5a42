import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHarness } from '../contract/harness.ts'
import type { Harness } from '../contract/harness.ts'
import { countOf, openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { blocksOf } from '../setup/fenced-blocks.ts'

/** Where documents say that the server is. */
const ADDRESS = 'https://cdp.example.com'

const SDK = fileURLToPath(new URL('../../sdk/src/index.ts', import.meta.url))

const FOLDER = fileURLToPath(new URL('../../.cache/examples/', import.meta.url))

let database: TestDatabase
let harness: Harness
let url: string

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  url = await harness.app.http.listen({ host: '127.0.0.1', port: 0 })
  const { authorization = '' } = harness.credentialOf('native').headers
  process.env['TRIBUTARY_KEY'] = authorization.replace('Bearer ', '')
  await mkdir(FOLDER, { recursive: true })
})

afterAll(async () => {
  delete process.env['TRIBUTARY_KEY']
  await harness.close()
  await database.close()
})

/** Runs a program of a document as it stands, but for the address of the server. @returns what it made, by name */
async function run(text: string, number: number): Promise<Record<string, unknown>> {
  const names = [...text.matchAll(/^const \{ (.*?) \} =/gm)].flatMap(([, list = '']) => list.split(', '))
  const program = text.replace(`'@tributary/sdk'`, JSON.stringify(SDK)).replaceAll(ADDRESS, url)
  const path = `${FOLDER}program-${process.pid}-${number}.ts`
  await writeFile(path, `${program}\nexport { ${names.join(', ')} }\n`)
  return (await import(path)) as Record<string, unknown>
}

test('the programs in the documents of the sdk work as they stand', async () => {
  const programs = blocksOf('program')
  expect(programs.length).toBeGreaterThanOrEqual(2)
  const made = []
  for (const [number, { text }] of programs.entries()) made.push(await run(text, number))
  expect(await countOf(database, `select count(*) from event where name = 'Order Completed'`)).toBe(1)
  const answers = made.filter((exports) => 'data' in exports)
  expect(answers).toMatchObject([
    { error: undefined, data: { items: [{ attributes: { firstName: 'Ana' } }] } },
  ])
})
