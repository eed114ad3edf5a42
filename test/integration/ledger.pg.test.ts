import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Rejected } from '../../src/core/ledger/index.ts'
import type { RejectionReason } from '../../src/model/command.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'
import { eventually } from '../setup/eventually.ts'

describe.each(MAJORS)('the rejections ledger on PostgreSQL %s', (major) => {
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

  test('says of a dropped item who sent what, when, and why it was not stored', async () => {
    const workspace = makeWorkspace()
    const receivedAt = Date.now() - 1_000
    const dropped = [
      { reason: 'event_name_reserved', pointer: '/events/3', item: { eventName: 'we_x' } },
    ] as const
    const noticed = makeCommand(userId('u'), {
      attributes: { a: 1 },
      item: { a: 1 },
      notices: [{ reason: 'field_unknown', pointer: '/0/b' }],
    })
    const [shown] = await path.submit(makeUnit(workspace, [noticed], { dropped, receivedAt }))
    const { items } = await list(workspace)
    const common = {
      workspaceId: workspace.id,
      at: receivedAt,
      dialect: 'test',
      operation: 'write',
      itemTruncated: false,
      occurrences: 1,
    }
    expect(items).toHaveLength(2)
    expect(items).toContainEqual(
      expect.objectContaining({
        ...common,
        reason: 'event_name_reserved',
        pointer: '/events/3',
        item: '{"eventName":"we_x"}',
      }),
    )
    expect(items).toContainEqual(
      expect.objectContaining({
        ...common,
        reason: 'field_unknown',
        pointer: '/0/b',
        item: '{"a":1}',
        profileId: shown?.profileId,
      }),
    )
    expect(items.find(({ reason }) => reason === 'field_unknown')?.identifierHashes).toEqual([
      expect.any(Buffer),
    ])
  })

  test('counts instead of copying above 100 a minute, exactly, at one workspace, dialect and reason', async () => {
    const [flooded, quiet] = [makeWorkspace(), makeWorkspace()]
    const at = Math.floor(Date.now() / 60_000) * 60_000
    const send = (through: WritePath, n: number) =>
      through.submit(
        makeUnit(
          flooded,
          [makeCommand(userId(`u${n}`), { notices: [{ reason: 'field_unknown', pointer: '/x' }] })],
          { receivedAt: at + n },
        ),
      )
    await Promise.all(Array.from({ length: 900 }, (_, n) => send(n % 2 ? path : other, n)))
    await path.submit(
      makeUnit(quiet, [], { dropped: [{ reason: 'field_unknown', pointer: '/x', item: 1 }], receivedAt: at }),
    )
    await path.submit(
      makeUnit(flooded, [], {
        dropped: [{ reason: 'identifier_junk', pointer: '/x', item: 2 }],
        receivedAt: at,
      }),
    )
    const [row] = await rowsOf<{ total: number; rows: number }>(
      database,
      `select sum(occurrences)::int as total, count(*)::int as rows from rejection where workspace_id = $1 and reason = 'field_unknown'`,
      [flooded.id],
    )
    expect(row?.total).toBe(900)
    // A hundred copies at each of the two processes, and one counting row at each of their four flushers, at most.
    expect(row?.rows).toBeLessThanOrEqual(204)
    expect(row?.rows).toBeGreaterThanOrEqual(100)
    const counting = (await list(flooded)).items.filter(({ occurrences }) => occurrences > 1)
    for (const { item, profileId, at: since } of counting)
      expect({ item, profileId, since }).toEqual({ item: undefined, profileId: undefined, since: at })
    expect((await list(flooded, 'identifier_junk')).items).toHaveLength(1)
    expect((await list(quiet)).items).toHaveLength(1)
  })

  test('copies again in the next minute', async () => {
    const workspace = makeWorkspace()
    const minute = Math.floor(Date.now() / 60_000) * 60_000
    for (const at of [minute + 60_000, minute + 120_000]) {
      await path.ledger.write(Array.from({ length: 150 }, () => rejected(workspace, { at })))
    }
    const rows = await rowsOf(
      database,
      `select occurrences, count(*)::int as rows from rejection where workspace_id = $1 group by 1 order by 1`,
      [workspace.id],
    )
    expect(rows).toEqual([
      { occurrences: 1, rows: 200 },
      { occurrences: 50, rows: 2 },
    ])
  })

  test('cuts an item above 16 KiB and says so', async () => {
    const workspace = makeWorkspace()
    const fits = 'x'.repeat(16_384 - 2)
    for (const item of [fits, `${fits}y`, 'é'.repeat(20_000)])
      await path.ledger.write([rejected(workspace, { item })])
    const rows = await rowsOf<{ bytes: number; cut: boolean }>(
      database,
      'select octet_length(item) as bytes, item_truncated as cut from rejection where workspace_id = $1 order by rejection_id',
      [workspace.id],
    )
    expect(rows.map(({ cut }) => cut)).toEqual([false, true, true])
    for (const { bytes } of rows) expect(bytes).toBeLessThanOrEqual(16_384 + 2)
  })

  test('cuts what the caller was told in the middle of a character, and still stores it', async () => {
    const workspace = makeWorkspace()
    await path.ledger.write([rejected(workspace, { detail: `${'x'.repeat(999)}\u{1F600} and more` })])
    const [row] = await rowsOf<{ detail: string }>(
      database,
      'select detail from rejection where workspace_id = $1',
      [workspace.id],
    )
    expect(row?.detail).toBe(`${'x'.repeat(999)}\uFFFD`)
  })

  test('keeps no credential', async () => {
    const workspace = makeWorkspace()
    const secret = 'do-not-keep-me'
    const item = {
      apiKey: secret,
      nested: [{ access_token: secret, Password: secret, app_token: secret }],
      token: { secret },
      kept: 'yes',
    }
    await path.ledger.write([rejected(workspace, { item })])
    const [row] = await rowsOf<{ item: string }>(
      database,
      'select item from rejection where workspace_id = $1',
      [workspace.id],
    )
    expect(row?.item).not.toContain(secret)
    expect(row?.item).toContain('"kept":"yes"')
  })

  test('is written after the answer for what is refused as a whole', async () => {
    const workspace = makeWorkspace()
    for (let n = 0; n < 3; n++) path.ledger.note(rejected(workspace, { reason: 'request_refused' }))
    await eventually(async () => expect((await list(workspace)).items).toHaveLength(3))
    const batches = 'select count(*) from ingest_batch where workspace_id = $1'
    expect(await countOf(database, batches, [workspace.id])).toBeGreaterThan(0)
  })

  test('waits at its end for the write that is under way', async () => {
    const workspace = makeWorkspace()
    const closing = await openWritePath(database.db)
    await database.admin.query('begin; lock table rejection')
    closing.ledger.note(rejected(workspace, {}))
    const waiting = `select count(*) from pg_locks where not granted and relation = 'rejection'::regclass`
    await eventually(async () => expect(await countOf(database, waiting)).toBe(1))
    let isClosed = false
    const closed = closing.close().then(() => (isClosed = true))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isClosed).toBe(false)
    await database.admin.query('commit')
    await closed
    const written = 'select count(*) from rejection where workspace_id = $1'
    expect(await countOf(database, written, [workspace.id])).toBe(1)
    expect(closing.failures).toEqual([])
  })

  test('is paged newest first, with its lower bound inclusive and its upper bound exclusive', async () => {
    const workspace = makeWorkspace()
    const start = Date.now() - 10_000
    await path.ledger.write(
      Array.from({ length: 25 }, (_, n) =>
        rejected(workspace, { at: start + Math.floor(n / 3), pointer: `/${n}` }),
      ),
    )
    const range = { from: start + 1, to: start + 8 }
    const pointers: string[] = []
    let cursor: string | undefined
    do {
      const page = await path.ledger.list({
        workspaceId: workspace.id,
        dialect: 'test',
        reason: undefined,
        cursor,
        limit: 4,
        ...range,
      })
      pointers.push(...page.items.map(({ pointer }) => pointer))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(pointers).toHaveLength(21)
    expect(new Set(pointers)).toEqual(new Set(Array.from({ length: 21 }, (_, n) => `/${n + 3}`)))
  })

  function list(workspace: Workspace, reason?: RejectionReason): ReturnType<WritePath['ledger']['list']> {
    const everything = { from: 0, to: Date.now() + 60_000, dialect: undefined, reason, cursor: undefined }
    return path.ledger.list({ workspaceId: workspace.id, ...everything, limit: 500 })
  }
})

function rejected(workspace: Workspace, overrides: Partial<Rejected>): Rejected {
  return {
    workspaceId: workspace.id,
    at: Date.now(),
    dialect: 'test',
    operation: 'write',
    reason: 'field_unknown',
    pointer: '',
    item: null,
    identifiers: [],
    profileId: undefined,
    traceId: 'trace',
    ...overrides,
  }
}
