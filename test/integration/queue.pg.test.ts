import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'
import type { Json } from '../../src/lib/json.ts'

describe('the queue before the store', () => {
  let database: TestDatabase
  let path: WritePath

  beforeEach(async () => {
    database = await openTestDatabase()
    path = await openWritePath(database.db)
  })
  afterEach(async () => {
    await path.close()
    await database.close()
  })

  test('refuses with 503 and Retry-After what is beyond its bound, and loses nothing that it took', async () => {
    const workspace = makeWorkspace()
    const units = Array.from({ length: 220 }, (_, unit) => {
      const commands = Array.from({ length: 100 }, (_, n) =>
        makeCommand(userId(`u${n}`), { event: { properties: { n: unit * 100 + n } } }),
      )
      return path.submit(makeUnit(workspace, commands))
    })
    expect(path.ingest.queuedCommands).toBe(20_000)
    const settled = await Promise.allSettled(units)
    const refused = settled.filter((result) => result.status === 'rejected')
    expect(refused).toHaveLength(20)
    for (const { reason } of refused) {
      expect(reason).toMatchObject({ code: 'CDP_OVERLOADED', kind: 'unavailable', retryAfterSeconds: 1 })
    }
    const [row] = await rowsOf(
      database,
      `select count(*)::int as stored, count(distinct properties ->> 'n')::int as different,
              max((properties ->> 'n')::int) as last from event`,
    )
    expect(row).toEqual({ stored: 20_000, different: 20_000, last: 19_999 })
    expect(path.ingest.queuedCommands).toBe(0)
  })

  test('takes one unit that is larger than its bound when nothing else waits', async () => {
    const workspace = makeWorkspace()
    const commands = Array.from({ length: 20_500 }, (_, n) =>
      makeCommand(userId(`u${n % 50}`), { event: {} }),
    )
    const shown = await path.submit(makeUnit(workspace, commands))
    expect(shown.filter(({ ok }) => ok)).toHaveLength(20_500)
  })

  test('keeps the order of the writes about one person while others are written', async () => {
    const workspace = makeWorkspace()
    const writes: Promise<Shown>[] = []
    for (let n = 0; n < 1_000; n++) {
      writes.push(path.write(workspace, makeCommand(userId('counted'), { attributes: { n } })))
      writes.push(path.write(workspace, makeCommand(userId(`other-${n % 7}`), { attributes: { n } })))
      // Lets the flushers take what waits, so that the thousand are spread over many transactions.
      if (n % 50 === 49) await writes[n]
    }
    const [first] = await Promise.all(writes)
    const [profile] = await rowsOf<{ attributes: unknown }>(
      database,
      'select attributes from profile where profile_id = $1',
      [first?.profileId],
    )
    expect(profile?.attributes).toEqual({ n: 999 })
    const changes = await rowsOf<{ diff: { n: [Json, Json] } }>(
      database,
      `select diff from profile_change where profile_id = $1 order by (diff -> 'n' ->> 1)::int`,
      [first?.profileId],
    )
    expect(changes.map(({ diff }) => diff.n)).toEqual(
      Array.from({ length: 1_000 }, (_, n) => [n === 0 ? null : n - 1, n]),
    )
  })

  test('is emptied before close() ends, and takes nothing afterwards', async () => {
    const workspace = makeWorkspace()
    const command = (n: number) => makeCommand(userId(`u${n}`), { event: {} })
    const accepted = Array.from({ length: 3_000 }, (_, n) => path.write(workspace, command(n)))
    const closed = path.ingest.close()
    await expect(path.write(workspace, command(0))).rejects.toMatchObject({
      code: 'CDP_SHUTTING_DOWN',
      retryAfterSeconds: 5,
    })
    await closed
    expect(await countOf(database, 'select count(*) from event')).toBe(3_000)
    expect((await Promise.all(accepted)).every(({ ok }) => ok)).toBe(true)
  })
})
