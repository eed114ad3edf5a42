import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { followBatches, forgetHistory, readHistory } from '../../src/core/statistics/index.ts'
import type { History } from '../../src/core/statistics/index.ts'
import { DAY_MS, now, useClock } from '../../src/lib/time.ts'
import type { Instant } from '../../src/lib/time.ts'
import type { Workspace } from '../../src/model/workspace.ts'
import type { Database } from '../../src/storage/db.ts'
import { NAMES_PER_SPAN } from '../../src/storage/history.ts'
import { MAJORS, countOf, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { followAll } from '../setup/followers.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { WritePath } from '../setup/ingest.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

describe.each(MAJORS)('the history on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let otherDb: Database
  let path: WritePath
  let start: Instant
  let present: Instant
  let restoreClock: () => void

  beforeEach(async () => {
    // The first minute of an hour, so that what a test does lies in as many hours as it says.
    start = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
    present = start
    restoreClock = useClock(() => present)
    database = await openTestDatabase({ major })
    otherDb = database.openAnother()
    path = await openWritePath(database.db)
  })
  afterEach(async () => {
    restoreClock()
    await path.close()
    await otherDb.close()
    await database.close()
  })

  const send = async (workspace: Workspace, names: readonly string[], waitedMs = 0): Promise<void> => {
    const commands = names.map((name) => makeCommand(userId('u'), { event: { name } }))
    await path.submit(makeUnit(workspace, commands, { receivedAt: present - waitedMs }))
  }

  const read = (workspace: Workspace, range: Partial<Pick<History, 'from' | 'to' | 'step'>> = {}) => {
    const whole = { from: start, to: present + MINUTE_MS, step: '1m' as const }
    return readHistory(database.db, workspace.id, { ...whole, ...range })
  }

  test('has events by dialect and name, writes, purchases and refusals by reason in the minute of their receipt', async () => {
    const workspace = makeWorkspace()
    await send(workspace, ['Seen', 'Seen', 'Bought'])
    present += 2 * MINUTE_MS
    const dropped = [{ reason: 'field_unknown', pointer: '', item: 1 }] as const
    const money = { currency: 'PLN', value: '1', revenue: '1', lines: [] }
    const transaction = { ...money, orderId: 'o-1' }
    await path.write(workspace, makeCommand(userId('u'), { event: { name: 'Paid' }, transaction }))
    const write = makeCommand(userId('u'), { attributes: { a: 1 } })
    await path.submit(makeUnit(workspace, [write], { dialect: 'other', dropped }))
    await send(makeWorkspace(), ['Elsewhere'])
    await followAll(database)
    expect(await read(workspace)).toMatchObject({
      step: '1m',
      times: [start, start + MINUTE_MS, start + 2 * MINUTE_MS],
      events: [{ key: 'test', total: 4, values: [3, 0, 1] }],
      names: [
        { key: 'Seen', total: 2, values: [2, 0, 0] },
        { key: 'Bought', total: 1, values: [1, 0, 0] },
        { key: 'Paid', total: 1, values: [0, 0, 1] },
      ],
      otherNames: { total: 0, values: [0, 0, 0] },
      transactions: [{ key: 'test', total: 1, values: [0, 0, 1] }],
      profileWrites: [{ key: 'other', total: 1, values: [0, 0, 1] }],
      rejections: [{ key: 'field_unknown', total: 1, values: [0, 0, 1] }],
    })
  })

  test('counts every write exactly once, with two followers at the same time', async () => {
    const workspace = makeWorkspace()
    const over = new AbortController()
    const follow = async (db: Database): Promise<void> => {
      while (!over.signal.aborted) await followBatches(db)
    }
    const followers = [follow(database.db), follow(otherDb)]
    for (let n = 0; n < 60; n++) {
      await send(workspace, [`Name ${n % 3}`])
      present += 5_000
    }
    over.abort()
    await Promise.all(followers)
    await followAll(database)
    const { events, names } = await read(workspace)
    expect(events).toMatchObject([{ total: 60, values: [12, 12, 12, 12, 12, 0] }])
    expect(names.map(({ total }) => total)).toEqual([20, 20, 20])
  })

  test('counts refusals outside of flushes by reason, too', async () => {
    const workspace = makeWorkspace()
    const origin = {
      workspaceId: workspace.id,
      at: present,
      dialect: 'test',
      operation: 'write',
      traceId: '',
    }
    const rest = { pointer: '', item: 1, identifiers: [], profileId: undefined }
    await path.ledger.write([
      { ...origin, ...rest, reason: 'request_refused' },
      { ...origin, ...rest, reason: 'request_refused' },
      { ...origin, ...rest, reason: 'internal' },
    ])
    await followAll(database)
    expect((await read(workspace)).rejections).toMatchObject([
      { key: 'request_refused', total: 2 },
      { key: 'internal', total: 1 },
    ])
  })

  test('has percentiles from the receipt of items to their commit, and none where nothing came in', async () => {
    const workspace = makeWorkspace()
    present += 2_000
    for (let n = 0; n < 9; n++) await send(workspace, ['Seen'], 10)
    await send(workspace, ['Seen'], 1_000)
    present += 2 * MINUTE_MS
    await followAll(database)
    const { p50, p95, p99 } = (await read(workspace)).latency
    expect([p50[1], p95[2]]).toEqual([null, null])
    // The commit that is added takes some milliseconds of the real clock.
    expect(p50[0]).toBeGreaterThan(8)
    expect(p50[0]).toBeLessThan(500)
    expect(p95[0]).toBeGreaterThan(700)
    expect(p99[0]).toBeGreaterThanOrEqual(p95[0] ?? 0)
  })

  test('has the ten most frequent names of a range, and the rest in one', async () => {
    const workspace = makeWorkspace()
    for (let n = 1; n <= 12; n++) await send(workspace, Array<string>(n).fill(`Name ${n}`))
    await followAll(database)
    const { names, otherNames } = await read(workspace)
    expect(names.map(({ key }) => key)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((n) => `Name ${n}`))
    expect(otherNames).toMatchObject({ total: 3, values: [3] })
  })

  test('keeps a bound on the names of a minute and of an hour, and loses no event by it', async () => {
    const workspace = makeWorkspace()
    const many = (from: number) => Array.from({ length: 40 }, (_, n) => `Name ${from + n}`)
    for (const from of [0, 20, 40]) {
      await send(workspace, many(from))
      await followAll(database)
    }
    const named = `select count(distinct name) from history where kind = 'event' and name <> ''`
    expect(await countOf(database, named)).toBe(NAMES_PER_SPAN)
    present += MINUTE_MS
    await send(workspace, many(100))
    await followAll(database)
    expect((await read(workspace)).events).toMatchObject([{ total: 160, values: [120, 40] }])
    present += 4 * DAY_MS
    await forgetHistory(database.db)
    expect(await countOf(database, named)).toBe(NAMES_PER_SPAN)
    const hours = { from: start, to: start + HOUR_MS, step: '1h' } as const
    expect((await read(workspace, hours)).events).toMatchObject([{ total: 160, values: [160] }])
  })

  test('minutes become hours after three days, by two processes at once, and the sums stay', async () => {
    const workspace = makeWorkspace()
    for (const minutes of [0, 1, 59, 60, 61]) {
      present = start + minutes * MINUTE_MS
      await send(workspace, ['Seen'])
    }
    present = start + 3 * DAY_MS + HOUR_MS
    await send(workspace, ['Seen'])
    await followAll(database)
    await Promise.all([forgetHistory(database.db), forgetHistory(otherDb)])
    const spans =
      'select span_seconds as span, count(distinct at) as spans from history group by 1 order by 1'
    expect(await rowsOf(database, spans)).toEqual([
      { span: 60, spans: '3' },
      { span: 3600, spans: '1' },
    ])
    const range = { from: start, to: start + 2 * HOUR_MS, step: '1h' } as const
    expect((await read(workspace, range)).events).toMatchObject([{ total: 5, values: [3, 2] }])
    expect((await read(workspace, { ...range, step: '1d', to: present + 1 })).events).toMatchObject([
      { total: 6 },
    ])
  })

  test('hours are forgotten after 400 days', async () => {
    const workspace = makeWorkspace()
    await send(workspace, ['Seen'])
    await followAll(database)
    present += 4 * DAY_MS
    await forgetHistory(database.db)
    present = start + 400 * DAY_MS
    await forgetHistory(database.db)
    expect(await countOf(database, 'select count(*) from history')).toBeGreaterThan(0)
    present += HOUR_MS
    await forgetHistory(database.db)
    expect(await countOf(database, 'select count(*) from history')).toBe(0)
  })

  test('the server chooses the step, of at most 500 points and no shorter than what is kept', async () => {
    const workspace = makeWorkspace()
    present += 30 * DAY_MS
    const stepOf = async (ageMs: number, rangeMs: number) => {
      const from = present - ageMs
      const { step, times } = await read(workspace, { from, to: from + rangeMs, step: undefined as never })
      return [step, times.length <= 501]
    }
    expect(await stepOf(HOUR_MS, HOUR_MS)).toEqual(['1m', true])
    expect(await stepOf(DAY_MS, DAY_MS)).toEqual(['5m', true])
    expect(await stepOf(3 * DAY_MS, 3 * DAY_MS)).toEqual(['1h', true])
    expect(await stepOf(20 * DAY_MS, HOUR_MS)).toEqual(['1h', true])
    expect(await stepOf(400 * DAY_MS, 400 * DAY_MS)).toEqual(['1d', true])
  })

  test('what cannot be shown is refused with the place of the mistake', async () => {
    const workspace = makeWorkspace()
    const refused: [Parameters<typeof read>[1], string][] = [
      [{ from: start, to: start }, '/to'],
      [{ from: start - 2 * DAY_MS, to: start, step: '1m' }, '/step'],
      [{ from: start - 5 * DAY_MS, to: start - 5 * DAY_MS + HOUR_MS, step: '5m' }, '/step'],
      [{ from: 0, to: now(), step: undefined as never }, '/from'],
    ]
    for (const [range, pointer] of refused)
      await expect(read(workspace, range)).rejects.toMatchObject({ code: 'CDP_QUERY_INVALID', pointer })
  })
})
