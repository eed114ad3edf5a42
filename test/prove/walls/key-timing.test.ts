import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { tablesHolding } from '../bad-input/stored.ts'
import { note } from '../figures.ts'
import { amount } from '../scale.ts'

const CALLS = amount({ short: 60, full: 3_000, long: 10_000 })

let database: TestDatabase
let harness: Harness

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
})

afterAll(async () => {
  await harness.close()
  await database.close()
})

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** The text with another character at a place. */
function wrongAt(secret: string, index: number): string {
  const other = secret[index] === 'a' ? 'b' : 'a'
  return secret.slice(0, index) + other + secret.slice(index + 1)
}

it('a key is found by its hash: nothing that is stored could be compared with it letter by letter', async () => {
  const secret = String(harness.credentialOf('native').headers['authorization']).slice('Bearer '.length)
  expect(await tablesHolding(database, secret)).toEqual([])
  // The beginning that the console shows is too short to be guessed on from.
  const [key] = await rowsOf<{ prefix: string }>(
    database,
    `select prefix from api_key where sha256($1::bytea) = secret_hash`,
    [secret],
  )
  expect(secret.startsWith(key!.prefix)).toBe(true)
  expect(secret.length - key!.prefix.length).toBeGreaterThan(24)
})

it('a wrong first letter of a key and a wrong last one are refused alike', async () => {
  const secret = String(harness.credentialOf('native').headers['authorization']).slice('Bearer '.length)
  const places = { first: 3, last: secret.length - 1 }
  const times: Record<keyof typeof places, number[]> = { first: [], last: [] }
  const answers = new Set<string>()
  for (let call = 0; call < CALLS; call++)
    for (const place of call % 2 === 0 ? (['first', 'last'] as const) : (['last', 'first'] as const)) {
      const headers = { authorization: `Bearer ${wrongAt(secret, places[place])}` }
      const startedAt = performance.now()
      const reply = await harness.call('native', 'list-profiles', { headers })
      times[place].push(performance.now() - startedAt)
      const { traceId: _trace, ...body } = reply.body as Record<string, unknown>
      answers.add(`${reply.status} ${JSON.stringify(body)}`)
    }
  expect([...answers]).toHaveLength(1)
  expect([...answers][0]).toMatch(/^401 /)
  for (const place of ['first', 'last'] as const)
    note({
      proof: 'walls',
      what: `median answer to a key whose ${place} letter is wrong, ${CALLS} calls taking turns`,
      value: Number(median(times[place]).toFixed(3)),
      unit: 'ms',
    })
})
