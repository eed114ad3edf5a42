import { newUuid } from '../../src/lib/ids.ts'
import { findFlushOutcome } from '../../src/storage/batches.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { PostgresProxy } from '../setup/proxy.ts'
import type { Verdict } from '../setup/proxy.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { eventually } from '../setup/eventually.ts'

describe.each(MAJORS)('a COMMIT without an answer on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let proxy: PostgresProxy
  let db: Database
  let path: WritePath
  const workspace = makeWorkspace()

  beforeEach(async () => {
    database = await openTestDatabase({ major })
    proxy = await PostgresProxy.open(database.connectionString)
    db = database.openAnother(proxy.connectionString)
    path = await openWritePath(db, { requestTimeoutMs: 1_000 })
    await path.write(workspace, makeCommand(userId('warm-up'), { attributes: { is: 'known' }, event: {} }))
  })
  afterEach(async () => {
    await path.close()
    await db.close()
    await proxy.close()
    await database.close()
  })

  test('that was done is a success, stored once', async () => {
    const commits = onFirstCommit('swallow')
    const shown = await Promise.all(visits(path, workspace, 30))
    expect(shown.every(({ ok }) => ok)).toBe(true)
    expect(commits()).toBeGreaterThanOrEqual(1)
    await expectStoredOnce(database, 30)
  })

  test('that never arrived is run again, stored once', async () => {
    const commits = onFirstCommit('lose')
    const shown = await Promise.all(visits(path, workspace, 30))
    expect(shown.every(({ ok }) => ok)).toBe(true)
    expect(commits()).toBeGreaterThanOrEqual(2)
    await expectStoredOnce(database, 30)
  })

  test('whose outcome cannot be asked for in time is 503 with Retry-After, not a guess', async () => {
    onFirstCommit('vanish')
    const settled = await Promise.allSettled(visits(path, workspace, 30))
    for (const result of settled) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'CDP_COMMIT_UNKNOWN', kind: 'unavailable' },
      })
      expect(result).toHaveProperty('reason.retryAfterSeconds', 1)
    }
    proxy.setReachable(true)
    const later = await path.write(workspace, makeCommand(userId('later'), { event: { name: 'Later' } }))
    expect(later.ok).toBe(true)
  })

  test('whose outcome is not known yet makes nobody else wait for it when the database stays away', async () => {
    const patient = await openWritePath(db, { requestTimeoutMs: 10_000 })
    const commits = onFirstCommit('vanish')
    let known = false
    const first = patient
      .write(workspace, makeCommand(userId('warm-up'), { event: { name: 'First' } }))
      .finally(() => (known = true))
    first.catch(() => undefined)
    await eventually(() => expect(commits()).toBe(1))
    // About the same person, so it waits behind the first.
    const second = patient.write(workspace, makeCommand(userId('warm-up'), { event: { name: 'Second' } }))
    await expect(second).rejects.toMatchObject({ code: 'CDP_STORAGE_UNAVAILABLE', retryAfterSeconds: 1 })
    expect(known).toBe(false)
    proxy.setReachable(true)
    await first
    await patient.close()
    expect(await rowsOf(database, `select name from event where name in ('First', 'Second')`)).toEqual([
      { name: 'First' },
    ])
  })

  test('is not taken for done because another transaction got its id after a crash', async () => {
    await path.write(workspace, makeCommand(userId('someone'), { event: { name: 'Else' } }))
    const [other] = await rowsOf<{ xid: string; flush_id: string }>(
      database,
      'select xid::text, flush_id from ingest_batch order by number desc limit 1',
    )
    const { db } = database
    const { xid, flush_id: flushId } = other!
    expect(await findFlushOutcome(db.background, { xid, flushId })).toBe('committed')
    expect(await findFlushOutcome(db.background, { xid, flushId: newUuid() })).toBe('aborted')
    const never = String(BigInt(xid) + 1_000_000n)
    expect(await findFlushOutcome(db.background, { xid: never, flushId: newUuid() })).toBe('aborted')
  })

  /** Applies the verdict to the first COMMIT of a flush; tells how many COMMITs there were. */
  function onFirstCommit(verdict: Verdict): () => number {
    let commits = 0
    proxy.rule = (sql) => {
      if (sql !== 'commit') return 'pass'
      return ++commits === 1 ? verdict : 'pass'
    }
    return () => commits
  }
})

function visits(path: WritePath, workspace: Workspace, count: number): ReturnType<WritePath['write']>[] {
  return Array.from({ length: count }, (_, n) =>
    path.write(
      workspace,
      makeCommand(userId(`user-${n}`), { attributes: { n }, event: { properties: { n } } }),
    ),
  )
}

async function expectStoredOnce(database: TestDatabase, count: number): Promise<void> {
  expect(await countOf(database, `select count(*) from event where properties ? 'n'`)).toBe(count)
  expect(await countOf(database, `select count(*) from profile_change where diff ? 'n'`)).toBe(count)
  const versions = await rowsOf<{ version: number }>(database, 'select distinct version from profile')
  expect(versions).toEqual([{ version: 1 }])
}
