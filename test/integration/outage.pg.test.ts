import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openDatabase } from '../../src/storage/db.ts'
import { openEmbedded } from '../../src/storage/embedded/index.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { PostgresProxy } from '../setup/proxy.ts'

describe.each(MAJORS)('sessions that PostgreSQL %s ends under load', (major) => {
  let database: TestDatabase
  let path: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('cost nothing that was acknowledged, and store nothing twice', async () => {
    const workspace = makeWorkspace()
    const acknowledged = new Set<string>()
    let sent = 0
    const over = new AbortController()
    const send = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const messageId = `m${sent++}`
        const command = makeCommand(userId(`u${sent % 40}`), {
          attributes: { last: messageId },
          event: { messageId, properties: { messageId } },
        })
        const shown = await path.write(workspace, command)
        if (shown.ok) acknowledged.add(messageId)
      }
    }
    const senders = Array.from({ length: 30 }, send)
    for (let round = 1; round <= 8; round++) {
      await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(round * 150), {
        timeout: 15_000,
        interval: 5,
      })
      await endSessions()
    }
    over.abort()
    await Promise.all(senders)
    const rows = await rowsOf<{ id: string }>(
      database,
      `select properties ->> 'messageId' as id from event where workspace_id = $1`,
      [workspace.id],
    )
    const stored = rows.map(({ id }) => id)
    expect(new Set(stored).size).toBe(stored.length)
    expect(new Set(stored)).toEqual(acknowledged)
    expect(path.failures).toEqual([])
  })

  async function endSessions(): Promise<void> {
    await database.admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`,
    )
  }
})

/** Far below what a client would wait, and far above what a busy machine adds. */
const A_FEW_SECONDS_MS = 15_000

/** Below the time that a connection is waited for. */
const AT_ONCE_MS = 2_000

describe('a database that cannot be reached', () => {
  test('is 503 with Retry-After within a few seconds, and works again at once when it is back', async () => {
    const database = await openTestDatabase()
    const proxy = await PostgresProxy.open(database.connectionString)
    const db = database.openAnother(proxy.connectionString)
    const path = await openWritePath(db)
    const workspace = makeWorkspace()
    const write = (n: number): ReturnType<WritePath['write']> =>
      path.write(workspace, makeCommand(userId(`u${n}`), { event: { properties: { n } } }))
    await write(0)
    proxy.setReachable(false)
    const startedMs = performance.now()
    const refused = await Promise.allSettled([write(1), write(2)])
    expect(performance.now() - startedMs).toBeLessThan(A_FEW_SECONDS_MS)
    for (const result of refused) {
      expect(result).toMatchObject({ reason: { code: 'CDP_STORAGE_UNAVAILABLE', retryAfterSeconds: 1 } })
    }
    const againMs = performance.now()
    await expect(write(3)).rejects.toMatchObject({ code: 'CDP_STORAGE_UNAVAILABLE' })
    expect(performance.now() - againMs).toBeLessThan(AT_ONCE_MS)
    proxy.setReachable(true)
    expect(await write(4)).toMatchObject({ ok: true })
    const rows = await rowsOf<{ n: string }>(database, `select properties ->> 'n' as n from event order by 1`)
    expect(rows.map(({ n }) => n)).toEqual(['0', '4'])
    await path.close()
    await db.close()
    await proxy.close()
    await database.close()
  })

  test('because it was stopped, is 503 within a few seconds and does not end the process', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tributary-stopped-'))
    const engine = await openEmbedded({ dataDir, role: 'owner' })
    const idleErrors: Error[] = []
    const db = openDatabase({
      connectionString: engine.connectionString,
      onIdleError: (error) => idleErrors.push(error),
    })
    try {
      await migrate(db)
      const path = await openWritePath(db)
      const workspace = makeWorkspace()
      const write = (n: number): ReturnType<WritePath['write']> =>
        path.write(workspace, makeCommand(userId(`u${n}`), { event: {} }))
      const before = await Promise.all(Array.from({ length: 20 }, (_, n) => write(n)))
      expect(before.every(({ ok }) => ok)).toBe(true)
      const inFlight = Promise.allSettled(Array.from({ length: 200 }, (_, n) => write(n)))
      await engine.stop()
      const stoppedMs = performance.now()
      await expect(write(0)).rejects.toMatchObject({ code: 'CDP_STORAGE_UNAVAILABLE' })
      await inFlight
      expect(performance.now() - stoppedMs).toBeLessThan(A_FEW_SECONDS_MS)
      const refusedMs = performance.now()
      for (let n = 0; n < 4; n++)
        await expect(write(n)).rejects.toMatchObject({ code: 'CDP_STORAGE_UNAVAILABLE' })
      expect(performance.now() - refusedMs).toBeLessThan(AT_ONCE_MS)
      await path.close()
    } finally {
      await db.close()
      await engine.stop()
      await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    }
  })
})
