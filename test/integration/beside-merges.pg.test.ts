import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Harness, Reply } from '../contract/harness.ts'
import { openHarness } from '../contract/harness.ts'
import { openTestDatabase } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { findBrokenIn, LEFT_BY_ERASURES } from '../setup/invariants.ts'

/** Pairs of people for each guarantee: a race is lost once in a few. */
const PAIRS = 40

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

interface Pair {
  loserId: number
  winnerId: number
}

const anonymous = (name: string): object => ({ kind: 'anonymousId', value: `${name}-browser` })

const known = (name: string): object => ({ kind: 'userId', value: `${name}-user` })

/** Somebody known by the anonymous id of a name, and somebody known by the user id of it. */
async function pairOf(name: string): Promise<Pair> {
  const items = [anonymous(name), known(name)].map((id) => ({ identifiers: [id], attributes: { name } }))
  const { body } = await harness.call('native', 'write-profiles', { body: { items } })
  const [loser, winner] = (body as { items: { profileId: number }[] }).items
  return { loserId: loser?.profileId ?? 0, winnerId: winner?.profileId ?? 0 }
}

const merge = ({ loserId, winnerId }: Pair): Promise<Reply> =>
  harness.call('native', 'merge-profiles', { body: { from: loserId, into: winnerId } })

const remove = (profileId: number, mode: 'delete' | 'erase'): Promise<Reply> =>
  harness.call('native', 'delete-profile', { params: { profileId: String(profileId) }, query: { mode } })

const invariants = (): Promise<string[]> => findBrokenIn(database, LEFT_BY_ERASURES)

describe('while a profile is merged away', () => {
  it('is found by its id and by its identifiers at every moment', async () => {
    for (let turn = 0; turn < PAIRS; turn++) {
      const pair = await pairOf(`read-${turn}`)
      const params = { profileId: String(pair.loserId) }
      const query = { kind: 'anonymousId', value: `read-${turn}-browser` }
      const reads = ['get-profile', 'list-events', 'list-changes', 'list-notes', 'list-profile-segments']
      const [merged, ...replies] = await Promise.all([
        merge(pair),
        ...Array.from({ length: 4 }, () => reads.map((id) => harness.call('native', id, { params }))).flat(),
        ...Array.from({ length: 6 }, () => harness.call('native', 'lookup-profile', { query })),
      ])
      expect(merged?.status, merged?.text).toBe(200)
      for (const reply of replies) expect(reply.status, reply.text).toBe(200)
    }
  })

  it.each(['delete', 'erase'] as const)('to %s by its id takes the one that it went into', async (mode) => {
    for (let turn = 0; turn < PAIRS; turn++) {
      const pair = await pairOf(`${mode}-${turn}`)
      const [merged, removed] = await Promise.all([merge(pair), remove(pair.loserId, mode)])
      expect([200, 202, 204], removed.text).toContain(removed.status)
      // Whoever was gone first cannot be merged any more.
      expect([200, 404], merged.text).toContain(merged.status)
      const left = await harness.call('native', 'get-profile', {
        params: { profileId: String(pair.loserId) },
      })
      expect(left.status, left.text).toBe(404)
    }
    expect(await invariants()).toEqual([])
  })
})

it.each(['delete', 'erase'] as const)(
  'to %s somebody whom writes merge meanwhile leaves nothing by half',
  async (mode) => {
    for (let turn = 0; turn < PAIRS; turn++) {
      const name = `tied-${mode}-${turn}`
      const pair = await pairOf(name)
      const tie = (): Promise<Reply> => {
        const items = [{ identifiers: [known(name), anonymous(name)] }]
        return harness.call('native', 'write-profiles', { body: { items } })
      }
      const acts = [tie(), remove(pair.loserId, mode), tie(), remove(pair.winnerId, mode), tie()]
      const replies = await Promise.all(acts)
      for (const { status, text } of replies) expect([200, 202, 204, 404], text).toContain(status)
    }
    expect(await invariants()).toEqual([])
  },
)

it.each(['delete', 'erase'] as const)('to %s a person twice at once does it once', async (mode) => {
  for (let turn = 0; turn < PAIRS; turn++) {
    const pair = await pairOf(`twice-${mode}-${turn}`)
    await merge(pair)
    const replies = await Promise.all([1, 2, 3].map(() => remove(pair.winnerId, mode)))
    const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b)
    expect(statuses).toEqual([mode === 'erase' ? 202 : 204, 404, 404])
  }
  expect(await invariants()).toEqual([])
})
