import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { id, makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'
import type { Json } from '../../src/lib/json.ts'
import type { Database } from '../../src/storage/db.ts'

const PEOPLE = 50
const ROUNDS = 12

describe.each(MAJORS)('two processes that write at the same time, on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let otherDb: Database
  let left: WritePath
  let right: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    otherDb = database.openAnother()
    left = await openWritePath(database.db)
    right = await openWritePath(otherDb)
  })
  afterAll(async () => {
    await Promise.all([left.close(), right.close()])
    await otherDb.close()
    await database.close()
  })

  test('lose no update of one profile', async () => {
    const workspace = makeWorkspace()
    const writeAll = async (path: WritePath, name: string): Promise<void> => {
      for (let round = 1; round <= ROUNDS; round++) {
        const writes = Array.from({ length: PEOPLE }, (_, n) =>
          path.write(workspace, makeCommand(userId(`p${n}`), { attributes: { [name]: round } })),
        )
        for (const shown of await Promise.all(writes)) expect(shown.ok).toBe(true)
      }
    }
    await Promise.all([writeAll(left, 'left'), writeAll(right, 'right')])
    const profiles = await rowsOf<{ profile_id: string; version: number; attributes: unknown }>(
      database,
      'select profile_id, version, attributes from profile where workspace_id = $1',
      [workspace.id],
    )
    expect(profiles).toHaveLength(PEOPLE)
    for (const { profile_id: profileId, version, attributes } of profiles) {
      expect(attributes).toEqual({ left: ROUNDS, right: ROUNDS })
      const rows = await changesOf(workspace.id, profileId)
      expect(rows).toHaveLength(ROUNDS * 2)
      expect(version).toBeLessThanOrEqual(rows.length)
      expectChain(rows)
    }
  })

  test('end with one profile when both create the holder of one identifier', async () => {
    const workspace = makeWorkspace()
    const createdBy = (path: WritePath, name: string): Promise<Shown>[] =>
      Array.from({ length: 60 }, (_, n) =>
        path.write(
          workspace,
          makeCommand([userId(`new${n}`), id('anonymousId', `a${n}`)], { attributes: { [name]: n } }),
        ),
      )
    const shown = await Promise.all([...createdBy(left, 'left'), ...createdBy(right, 'right')])
    expect(shown.every(({ ok }) => ok)).toBe(true)
    for (let n = 0; n < 60; n++) expect(shown[n]?.profileId).toBe(shown[n + 60]?.profileId)
    const [row] = await rowsOf(
      database,
      `select count(*)::int as profiles, count(*) filter (where attributes ?& array['left', 'right'])::int as whole
         from profile where workspace_id = $1`,
      [workspace.id],
    )
    expect(row).toEqual({ profiles: 60, whole: 60 })
  })

  test('give one profile only one primary e-mail', async () => {
    const workspace = makeWorkspace()
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        left.write(workspace, makeCommand(userId(`e${n}`), { attributes: { n } })),
      ),
    )
    const name = (path: WritePath, host: string): Promise<Shown>[] =>
      Array.from({ length: 40 }, (_, n) =>
        path.write(workspace, makeCommand([userId(`e${n}`), id('email', `${n}@${host}.example`)])),
      )
    await Promise.all([...name(left, 'left'), ...name(right, 'right')])
    const doubles = await countOf(
      database,
      `select count(*) from (select profile_id from identifier where workspace_id = $1 and kind = 2 and is_primary
                              group by profile_id having count(*) > 1) as doubled`,
      [workspace.id],
    )
    expect(doubles).toBe(0)
  })

  test('append no second event for one messageId, whatever time it carries', async () => {
    const workspace = makeWorkspace()
    const send = (path: WritePath, shiftMs: number): Promise<Shown>[] =>
      Array.from({ length: 100 }, (_, n) => {
        const event = { messageId: `m${n}`, occurredAt: Date.now() - shiftMs * (n + 1), properties: { n } }
        return path.write(workspace, makeCommand(userId(`u${n % 10}`), { event }))
      })
    const shown = await Promise.all([...send(left, 1_000), ...send(right, 86_400_000), ...send(left, 60_000)])
    for (let n = 0; n < 100; n++) {
      const three = [shown[n], shown[n + 100], shown[n + 200]]
      expect(new Set(three.map((one) => one?.eventId)).size).toBe(1)
      expect(three.filter((one) => one?.duplicate === false)).toHaveLength(1)
    }
    expect(
      await countOf(database, 'select count(*) from event where workspace_id = $1', [workspace.id]),
    ).toBe(100)
  })

  test('who are too fast for a large unit make it 503 with Retry-After at worst, never a half or a 500', async () => {
    const workspace = makeWorkspace()
    await left.write(workspace, makeCommand(userId('hot'), { attributes: { n: 0 } }))
    const over = new AbortController()
    const bump = async (): Promise<void> => {
      const sql = 'update profile set version = version + 1 where workspace_id = $1'
      while (!over.signal.aborted) await database.admin.query(sql, [workspace.id])
    }
    const bumping = bump()
    const commands = ['hot', ...Array.from({ length: 200 }, (_, n) => `cold${n}`)].map((who) =>
      makeCommand(userId(who), { attributes: { n: 1 } }),
    )
    const [whole] = await Promise.allSettled([left.submit(makeUnit(workspace, commands, { atomic: 'all' }))])
    const parts = await right.submit(makeUnit(workspace, commands))
    over.abort()
    await bumping
    const busy = { code: 'CDP_OVERLOADED', retryAfterSeconds: 1 }
    if (whole.status === 'rejected') expect(whole.reason).toMatchObject(busy)
    for (const { ok, code } of parts) if (!ok) expect(code).toBe('CDP_OVERLOADED')
    expect(parts.filter(({ ok }) => !ok).length).toBeLessThanOrEqual(1)
    expect([...left.failures, ...right.failures]).toEqual([])
  })

  async function changesOf(
    workspaceId: number,
    profileId: string,
  ): Promise<{ diff: Record<string, [Json, Json]> }[]> {
    return rowsOf(
      database,
      'select diff from profile_change where workspace_id = $1 and profile_id = $2 order by (select 1)',
      [workspaceId, profileId],
    )
  }
})

/** Each attribute's changes form one chain from absent to the last value, in whatever order the rows come. */
function expectChain(rows: readonly { diff: Record<string, [Json, Json]> }[]): void {
  for (const name of ['left', 'right']) {
    const steps = rows
      .flatMap(({ diff }) => (diff[name] ? [diff[name]] : []))
      .toSorted((a, b) => Number(a[1]) - Number(b[1]))
    expect(steps).toEqual(Array.from({ length: ROUNDS }, (_, n) => [n === 0 ? null : n, n + 1]))
  }
}
