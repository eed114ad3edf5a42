import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { followBatches, forgetBatches, readStatistics } from '../../src/core/statistics/index.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { eventually } from '../setup/eventually.ts'

describe.each(MAJORS)('followers on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let otherDb: Database
  let path: WritePath
  let other: WritePath

  beforeEach(async () => {
    database = await openTestDatabase({ major })
    otherDb = database.openAnother()
    path = await openWritePath(database.db)
    other = await openWritePath(otherDb)
  })
  afterEach(async () => {
    await Promise.all([path.close(), other.close()])
    await otherDb.close()
    await database.close()
  })

  test('count every write exactly once, with two writers and two followers at the same time', async () => {
    const workspaces = [makeWorkspace(), makeWorkspace()]
    const over = new AbortController()
    const follow = async (db: Database): Promise<void> => {
      while (!over.signal.aborted) await followBatches(db)
    }
    const followers = [follow(database.db), follow(otherDb)]
    const write = async (through: WritePath, from: number): Promise<void> => {
      for (let n = from; n < from + 120; n++) {
        const event = { name: 'Seen', messageId: `m${n}` }
        const parts = { attributes: { n }, event }
        await Promise.all(
          workspaces.map((workspace) => through.write(workspace, makeCommand(userId(`u${n % 30}`), parts))),
        )
      }
    }
    // The second half of the first writer is the first half of the second: those are replays at one of them.
    await Promise.all([write(path, 0), write(other, 60)])
    await path.submit(
      makeUnit(workspaces[0]!, [], { dropped: [{ reason: 'field_unknown', pointer: '', item: 1 }] }),
    )
    over.abort()
    await Promise.all(followers)
    await followAll(database)
    const counted = { transactions: 0, events: 180, profileWrites: 180 }
    const shown = await Promise.all(
      workspaces.map(({ id }) => readStatistics(database.db, id, ['test', 'unused'])),
    )
    const none = { events: 0, transactions: 0, profileWrites: 0, rejections: 0 }
    expect(shown).toEqual([
      {
        profiles: 30,
        events: 180,
        transactions: 0,
        rejections: 1,
        byDialect: { test: { ...counted, rejections: 1 }, unused: none },
      },
      {
        profiles: 30,
        events: 180,
        transactions: 0,
        rejections: 0,
        byDialect: { test: { ...counted, rejections: 0 }, unused: none },
      },
    ])
  })

  test('count profiles less those that were merged, and again when a merge is taken back', async () => {
    const workspace = makeWorkspace()
    const [a, b] = await Promise.all(['a', 'b'].map((who) => path.write(workspace, makeCommand(userId(who)))))
    const profiles = openProfiles(database.db)
    await profiles.merge({
      workspace,
      loserIds: [a?.profileId ?? 0],
      winnerId: b?.profileId ?? 0,
      by: 'test',
    })
    await followAll(database)
    expect(await readStatistics(database.db, workspace.id, [])).toMatchObject({ profiles: 1 })
    await profiles.unmerge({ workspace, profileId: a?.profileId ?? 0 })
    await followAll(database)
    expect(await readStatistics(database.db, workspace.id, [])).toMatchObject({ profiles: 2 })
  })

  test('show the last activity as soon as it is followed, and never lower it', async () => {
    const workspace = makeWorkspace()
    const follower = setInterval(() => void followBatches(otherDb), 100)
    try {
      for (const occurredAt of [Date.now() - 5_000, Date.now(), Date.UTC(2001, 1, 1)]) {
        const { profileId } = await path.write(workspace, makeCommand(userId('u'), { event: { occurredAt } }))
        const exact = (await openProfiles(database.db).get(workspace, profileId ?? 0)).lastActivityAt
        await eventually(async () => expect(await lastActivityOf(profileId)).toBe(exact))
      }
    } finally {
      clearInterval(follower)
    }
    await eventually(() => expect(otherDb.background.idleCount).toBe(otherDb.background.totalCount))
  })

  test('do not skip a flush that commits after later ones', async () => {
    const workspace = makeWorkspace()
    await followAll(database)
    const late = new Client({ connectionString: database.connectionString })
    await late.connect()
    try {
      await late.query('begin')
      await insertBatch(late, workspace)
      await path.write(workspace, makeCommand(userId('u'), { event: {} }))
      expect(await followBatches(database.db)).toBe(0)
      await late.query('commit')
    } finally {
      await late.end()
    }
    await followAll(database)
    expect(await readStatistics(database.db, workspace.id, [])).toMatchObject({ profiles: 1 + 5, events: 1 })
  })

  test('read more flushes than one page holds, each once', async () => {
    const workspace = makeWorkspace()
    await database.admin.query('begin')
    for (let n = 0; n < 30; n++) await insertBatch(database.admin, workspace)
    await database.admin.query('commit')
    await database.admin.query(
      `insert into ingest_batch (xid, flush_id, workspace_id, at, profile_ids, last_occurred_at, counts)
       select pg_current_xact_id(), gen_random_uuid(), $1 + n % 2, now(), '{}', '{}', '{"profiles": 1, "byDialect": {}, "names": {}}'
         from generate_series(0, 1989) n`,
      [workspace.id],
    )
    for (let n = 0; n < 3; n++) await insertBatch(database.admin, workspace)
    await followAll(database)
    expect(await readStatistics(database.db, workspace.id, [])).toMatchObject({ profiles: 33 * 5 + 995 })
  })

  test('take in each flush of a restored dump exactly once, wherever in another cluster each follower stood', async () => {
    const far = 10n ** 12n
    await database.admin.query(
      `insert into ingest_batch (xid, flush_id, workspace_id, at, profile_ids, last_occurred_at, counts)
       select ($1::bigint + n)::text::xid8, gen_random_uuid(), 1, now(), '{}', '{}',
              '{"profiles": 0, "byDialect": {"test": {"events": 1}}, "namesByDialect": {}}'
         from generate_series(1, 5000) n`,
      [String(far)],
    )
    // One has taken in 1,000, the other one nothing: it must not make the first see those again.
    await database.admin.query(
      `insert into follower values ('statistics', $1::text::xid8), ('segments', $2::text::xid8)`,
      [String(far + 1_001n), String(far)],
    )
    await migrate(database.db)
    await followAll(database)
    const { byDialect } = await readStatistics(database.db, 1, ['test'])
    expect(byDialect['test']?.events).toBe(4_000)
    const waiting = await countOf(
      database,
      `select count(*) from ingest_batch where xid >= (select position from follower where name = 'segments')`,
    )
    expect(waiting).toBe(5_000)
  })

  test('write nothing while there is nothing to follow', async () => {
    const workspace = makeWorkspace()
    await path.write(workspace, makeCommand(userId('u'), { event: {} }))
    await followAll(database)
    const stored = await rowsOf(database, 'select xmin, xmax, ctid, position from follower')
    for (let n = 0; n < 5; n++) expect(await followBatches(database.db)).toBe(0)
    expect(await rowsOf(database, 'select xmin, xmax, ctid, position from follower')).toEqual(stored)
  })

  test('let go of flushes that everyone has seen, and of no other', async () => {
    const workspace = makeWorkspace()
    await path.write(workspace, makeCommand(userId('u'), { event: {} }))
    await followAll(database)
    await path.write(workspace, makeCommand(userId('u'), { event: {} }))
    await forgetBatches(database.db, Date.now() + 1_000)
    expect(await countOf(database, 'select count(*) from ingest_batch')).toBe(1)
    await followAll(database)
    expect(await readStatistics(database.db, workspace.id, [])).toMatchObject({ events: 2 })
  })

  async function lastActivityOf(profileId: number | undefined): Promise<number | undefined> {
    const [row] = await rowsOf<{ at: Date }>(
      database,
      'select last_activity_at as at from profile_activity where profile_id = $1',
      [profileId],
    )
    return row?.at.getTime()
  }
})

async function insertBatch(client: Client, workspace: Workspace): Promise<void> {
  await client.query(
    `insert into ingest_batch (xid, flush_id, workspace_id, at, profile_ids, last_occurred_at, counts)
     values (pg_current_xact_id(), gen_random_uuid(), $1, now(), '{}', '{}', '{"profiles": 5, "byDialect": {}, "names": {}}')`,
    [workspace.id],
  )
}
