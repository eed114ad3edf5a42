import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HOUR_MS, useClock } from '../../../src/lib/time.ts'
import { openHarness, OPERATOR } from '../../contract/harness.ts'
import type { Call, Harness, Reply } from '../../contract/harness.ts'
import { openTestDatabase, rowsOf } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { note } from '../figures.ts'
import { expectTrueCounters } from '../load/stored.ts'
import { amount } from '../scale.ts'

let database: TestDatabase
let harness: Harness
let restore: () => void

beforeEach(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db)
  restore = () => undefined
})

afterEach(async () => {
  await harness.close()
  restore()
  await database.close()
})

function jump(byMs: number): void {
  restore()
  restore = useClock(() => Date.now() + byMs)
}

const idOf = ({ body }: Reply): string => String((body as { id: number | string }).id)

const itemsOf = ({ body }: Reply): Record<string, unknown>[] =>
  (body as { items: Record<string, unknown>[] }).items

/** Work that goes on in the background: an import, a segment, an export and an erasure, all accepted just now. */
async function startWork(
  name: string,
): Promise<Record<'importId' | 'exportId' | 'segmentId' | 'erasureId', string>> {
  const rows = Array.from({ length: 2_000 }, (_, index) => `${name}-${index},Cork`)
  const importing = await harness.raw(
    'POST',
    '/api/v1/imports?type=profiles&map=userId=who&map=attributes.city=city',
    {
      headers: { ...harness.credentialOf('native').headers, 'content-type': 'text/csv' },
      payload: ['who,city', ...rows].join('\n'),
    },
  )
  // Of events, which the erased one has none of: an erasure withdraws a file that holds whom it erases.
  const sent = await sendEvent({ body: { items: [{ ...TICK, messageId: `${name}-tick` }] } })
  expect(itemsOf(sent)).toMatchObject([{ status: 'stored' }])
  const exporting = await harness.call('native', 'create-export', {
    body: { kind: 'events', format: 'ndjson', fields: ['profileId'] },
  })
  const definition = { type: 'attribute', name: 'city', operator: 'equals', value: 'Cork' }
  const segment = await harness.call('native', 'create-segment', { body: { name, definition } })
  const erasing = await eraseSomebody(`${name}-erased`)
  expect([importing.status, exporting.status, segment.status, erasing.status]).toEqual([202, 202, 201, 202])
  return {
    importId: idOf(importing),
    exportId: idOf(exporting),
    segmentId: idOf(segment),
    erasureId: idOf(erasing),
  }
}

async function eraseSomebody(userId: string): Promise<Reply> {
  const items = [{ identifiers: [{ kind: 'userId', value: userId }] }]
  const written = await harness.call('native', 'write-profiles', { body: { items } })
  const [item] = itemsOf(written)
  return harness.call('native', 'delete-profile', {
    params: { profileId: String(item?.profileId) },
    query: { mode: 'erase' },
  })
}

async function expectWorkDone(work: Awaited<ReturnType<typeof startWork>>): Promise<void> {
  const read = async (operation: string, params: Record<string, string>): Promise<unknown> =>
    (await harness.call('native', operation, { params })).body
  const soon = { timeout: 30_000, interval: 100 }
  await expect
    .poll(() => read('get-import', { importId: work.importId }), soon)
    .toMatchObject({ state: 'done', processed: 2_000 })
  await expect
    .poll(() => read('get-export', { exportId: work.exportId }), soon)
    .toMatchObject({ state: 'ready' })
  await expect
    .poll(() => read('get-segment', { segmentId: work.segmentId }), soon)
    .toMatchObject({ state: 'ready', size: expect.any(Number) })
  await expect
    .poll(() => read('get-erasure', { erasureId: work.erasureId }), soon)
    .toMatchObject({ state: 'done' })
}

const TICK = { identifiers: [{ kind: 'userId', value: 'clock' }], name: 'Tick' }

const EVENT = {
  body: { items: [{ ...TICK, messageId: 'tick-1' }] },
  headers: { 'idempotency-key': 'clock-1' },
}

const sendEvent = (request: Call): Promise<Reply> => harness.call('native', 'create-events', request)

const JUMPS: readonly [string, number][] = [
  ['an hour ahead', HOUR_MS],
  ['an hour back', -HOUR_MS],
]

// Either jump is followed by the other when the clock is right again: the short form has both in one.
describe.each(JUMPS.slice(0, amount({ short: 1, full: 2, long: 2 })))('the clock jumps %s', (_, byMs) => {
  test('work that was under way ends, and so does new work, also when the clock is right again', async () => {
    const before = await startWork('before')
    jump(byMs)
    await expectWorkDone(before)
    const during = await startWork('during')
    jump(0)
    await expectWorkDone(during)
    await expectTrueCounters((sql) => rowsOf(database, sql))
    note({
      proof: 'crash',
      what: `imports, exports, segments and erasures that ended across a jump of the clock by ${byMs / HOUR_MS} h`,
      value: [before, during].flatMap(Object.values).length,
    })
  })

  test('what was sent is still known, and what is sent is taken', async () => {
    const first = await sendEvent(EVENT)
    const token = await logIn()
    await sayConsent('granted')
    jump(byMs)
    expect((await sendEvent(EVENT)).body).toEqual(first.body)
    const [again] = itemsOf(await sendEvent({ body: EVENT.body }))
    expect(again?.status).toBe('duplicate')
    await sayConsent('denied')
    expect(await rowsOf(database, 'select state from consent')).toEqual([{ state: 'denied' }])
    // An hour back it was made in the future; an hour ahead it has not run out yet.
    expect((await whoAmI(token)).status).toBe(200)
    expect((await whoAmI(await logIn())).status).toBe(200)
  })
})

async function sayConsent(state: string): Promise<void> {
  const items = [
    { identifiers: [{ kind: 'userId', value: 'clock' }], consents: [{ channel: 'email', state }] },
  ]
  expect((await harness.call('native', 'write-profiles', { body: { items } })).status).toBe(200)
}

async function logIn(): Promise<string> {
  const { email, password } = OPERATOR
  const reply = await harness.call('native', 'log-in', { credential: 'none', body: { email, password } })
  expect(reply.status).toBe(200)
  return (reply.body as { token: string }).token
}

function whoAmI(token: string): Promise<Reply> {
  return harness.raw('GET', '/api/v1/auth/session', { headers: { authorization: `Bearer ${token}` } })
}
