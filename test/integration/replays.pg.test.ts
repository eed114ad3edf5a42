import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS, useClock } from '../../src/lib/time.ts'
import type { Unit } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { expireIdempotency } from '../../src/storage/idempotency.ts'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

describe.each(MAJORS)('a request that comes again, on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let otherDb: Database
  let path: WritePath
  let other: WritePath

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    otherDb = database.openAnother()
    path = await openWritePath(database.db)
    other = await openWritePath(otherDb)
  })
  afterAll(async () => {
    await Promise.all([path.close(), other.close()])
    await otherDb.close()
    await database.close()
  })

  test('with a messageId appends no second event, whatever time and person it carries', async () => {
    const workspace = makeWorkspace()
    const send = (who: string, occurredAt: number, through = path) =>
      through.write(workspace, makeCommand(userId(who), { event: { messageId: 'm', occurredAt } }))
    const first = await send('a', Date.now())
    const later = [
      await send('a', Date.now() - DAY_MS),
      await send('b', Date.UTC(1990, 1, 1)),
      await send('a', Date.now(), other),
    ]
    expect(first).toMatchObject({ ok: true, duplicate: false })
    for (const shown of later) expect(shown).toEqual({ ...first, duplicate: true })
    expect(await eventsOf(workspace)).toBe(1)
    expect(
      await countOf(database, 'select count(*) from profile where workspace_id = $1', [workspace.id]),
    ).toBe(1)
  })

  test('with a messageId appends no second event inside one unit either', async () => {
    const workspace = makeWorkspace()
    const commands = ['a', 'b', 'a'].map((who, n) =>
      makeCommand(userId(who), {
        event: { messageId: 'm', occurredAt: Date.now() - n * DAY_MS, properties: { n } },
      }),
    )
    const shown = await path.submit(makeUnit(workspace, commands))
    expect(shown.map(({ duplicate }) => duplicate)).toEqual([false, true, true])
    expect(new Set(shown.map(({ eventId }) => eventId)).size).toBe(1)
    expect(
      await rowsOf(database, 'select properties from event where workspace_id = $1', [workspace.id]),
    ).toEqual([{ properties: { n: 0 } }])
  })

  test('with a messageId of another dialect is another event', async () => {
    const workspace = makeWorkspace()
    const command = makeCommand(userId('a'), { event: { messageId: 'm' } })
    const shown = [
      await path.write(workspace, command),
      await path.write(workspace, command, { dialect: 'another' }),
    ]
    expect(shown.map(({ duplicate }) => duplicate)).toEqual([false, false])
  })

  test('with an Idempotency-Key gets the stored answer and stores nothing', async () => {
    const workspace = makeWorkspace()
    const first = await path.ingest.submit(keyed(workspace, 'k'))
    for (const through of [path, other])
      expect(await through.ingest.submit(keyed(workspace, 'k'))).toEqual(first)
    expect(await eventsOf(workspace)).toBe(1)
  })

  test('with an Idempotency-Key and another body, or of another operation, is refused', async () => {
    const workspace = makeWorkspace()
    await path.ingest.submit(keyed(workspace, 'k'))
    const mismatch = { code: 'CDP_IDEMPOTENCY_MISMATCH', kind: 'unprocessable' }
    const another = { idempotency: { key: 'k', body: 'another' } }
    await expect(path.ingest.submit(keyed(workspace, 'k', another))).rejects.toMatchObject(mismatch)
    await expect(other.ingest.submit(keyed(workspace, 'k', { operation: 'another' }))).rejects.toMatchObject(
      mismatch,
    )
    expect(await eventsOf(workspace)).toBe(1)
  })

  test('with an Idempotency-Key that is in flight is refused, and served once the first is answered', async () => {
    const workspace = makeWorkspace()
    const first = path.ingest.submit(keyed(workspace, 'k'))
    await expect(path.ingest.submit(keyed(workspace, 'k'))).rejects.toMatchObject({
      code: 'CDP_IDEMPOTENCY_IN_FLIGHT',
      kind: 'conflict',
    })
    const answer = await first
    expect(await path.ingest.submit(keyed(workspace, 'k'))).toEqual(answer)
  })

  test('with an Idempotency-Key at two processes at once is stored once, and both get one answer', async () => {
    const workspace = makeWorkspace()
    const keys = Array.from({ length: 80 }, (_, n) => `key-${n}`)
    const answers = await Promise.all(
      keys.flatMap((key) => [path, other].map((through) => through.ingest.submit(keyed(workspace, key)))),
    )
    for (let n = 0; n < keys.length; n++) expect(answers[n * 2]).toEqual(answers[n * 2 + 1])
    expect(await eventsOf(workspace)).toBe(keys.length)
  })

  test('with an Idempotency-Key whose time is over is a new request', async () => {
    const workspace = makeWorkspace()
    const first = await path.ingest.submit(keyed(workspace, 'k'))
    for (const [days, stored] of [
      [6.9, 1],
      [7.1, 2],
      [13.9, 2],
    ] as const) {
      const start = Date.now()
      const restore = useClock(() => start + days * DAY_MS)
      const again = await path.ingest
        .submit(keyed(workspace, 'k', { idempotency: { key: 'k', body: 'body' } }))
        .finally(restore)
      expect(await eventsOf(workspace)).toBe(stored)
      if (stored === 1) expect(again).toEqual(first)
    }
    await expireIdempotency(database.db.background, Date.now() + 30 * DAY_MS)
    expect(await countOf(database, 'select count(*) from idempotency')).toBe(0)
  })

  test('with the Idempotency-Key of a request that was refused is tried anew', async () => {
    const workspace = makeWorkspace()
    const bad = keyed(workspace, 'k', { atomic: 'all', commands: [makeCommand(userId(''), { event: {} })] })
    await expect(path.ingest.submit(bad)).rejects.toMatchObject({ code: 'CDP_IDENTIFIER_MISSING' })
    expect(await path.ingest.submit(keyed(workspace, 'k'))).toMatchObject({ status: 200 })
  })

  test('keeps whatever answer it was given', async () => {
    const workspace = makeWorkspace()
    const body = { text: 'a\0b\uD800', number: 1.5, nothing: null, list: [{}] }
    const unit = keyed(workspace, 'k', { answer: () => ({ status: 207, body }) })
    await path.ingest.submit(unit)
    expect(await path.ingest.submit(unit)).toEqual({ status: 207, body })
    const empty = keyed(workspace, 'empty', {
      answer: () => ({ status: 204, body: undefined }),
      commands: [],
    })
    await path.ingest.submit(empty)
    expect((await path.ingest.submit(empty)).status).toBe(204)
  })

  function eventsOf(workspace: Workspace): Promise<number> {
    return countOf(database, 'select count(*) from event where workspace_id = $1', [workspace.id])
  }
})

function keyed(workspace: Workspace, key: string, overrides: Partial<Unit> = {}): Unit {
  const commands = [makeCommand(userId('someone'), { event: {} })]
  return makeUnit(workspace, commands, { idempotency: { key, body: 'body' }, ...overrides })
}
