import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/dialects/index.ts'
import { openDatabase } from '../../src/storage/db.ts'
import type { Database } from '../../src/storage/db.ts'
import { openEmbedded } from '../../src/storage/embedded/index.ts'
import type { EmbeddedDatabase } from '../../src/storage/embedded/index.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { goodFixture, replayFixture } from './fixtures.ts'
import type { Fixture } from '../../src/dialects/fixtures.ts'
import { openHarness } from './harness.ts'
import type { Harness, Reply } from './harness.ts'
import { expectVendorError } from './vendor-errors.ts'

/**
 * One call a dialect that needs the database: a write where there is one. No login: twenty of one account at once are
 * slowed down as guesses.
 */
const calls = dialects.flatMap(({ name, operations }): { name: string; fixture: Fixture }[] => {
  const inOrder = operations
    .filter(({ open }) => !open)
    .toSorted((a, b) => Number(a.method === 'GET') - Number(b.method === 'GET'))
  const fixture = inOrder.map(({ id }) => goodFixture(name, id)).find((found) => found && !found.given)
  return fixture ? [{ name, fixture }] : []
})

const folder = mkdtempSync(join(tmpdir(), 'tributary-outage-'))
const launch = (): Promise<EmbeddedDatabase> => openEmbedded({ dataDir: join(folder, 'data'), role: 'owner' })

let engine: EmbeddedDatabase
let db: Database
let harness: Harness

const send = async (name: string, fixture: Fixture): Promise<Reply> =>
  (await replayFixture(harness, name, fixture)).reply

beforeAll(async () => {
  engine = await launch()
  db = openDatabase({
    connectionString: engine.connectionString,
    onIdleError: () => undefined,
    connectTimeoutMs: 1_000,
  })
  await migrate(db)
  harness = await openHarness(db)
})

afterAll(async () => {
  await harness.close()
  await db.close()
  await engine.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(calls)('$name without its database', ({ name, fixture }) => {
  it('a call whose connections are ended under it succeeds or is unavailable in its shape', async () => {
    await send(name, fixture)
    const pending = Array.from({ length: 20 }, () => send(name, fixture))
    await endConnections()
    for (const reply of await Promise.all(pending)) {
      if (reply.status >= 300) expectVendorError(name, reply, 'unavailable')
    }
    await expect.poll(async () => (await send(name, fixture)).status).toBe(fixture.answer.status)
  })

  it('a call while the database is stopped is unavailable in its shape, and works when it is back', async () => {
    await engine.stop()
    harness.app.credentials.forget()
    expectVendorError(name, await send(name, fixture), 'unavailable')
    expect((await harness.raw('GET', '/readyz')).status).toBe(503)
    expect((await harness.raw('GET', '/livez')).status).toBe(200)
    engine = await launch()
    db.redirect(engine.connectionString)
    await expect.poll(async () => (await send(name, fixture)).status).toBe(fixture.answer.status)
  })
})

async function endConnections(): Promise<void> {
  await db.general
    .query(
      'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
    )
    .catch(() => undefined)
}
