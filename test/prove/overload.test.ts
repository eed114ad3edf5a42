import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitFor } from '../system/server-harness.ts'
import { note } from './figures.ts'
import { eventCallOf } from './load/calls.ts'
import { closedLoad, offerLoad } from './load/offered-load.ts'
import type { OfferedOutcome, OfferedRequest } from './load/offered-load.ts'
import { peakMib } from './load/process-use.ts'
import { SHOP_KEYS } from './load/shop.ts'
import { Stage } from './load/stage.ts'
import { expectTrueCounters } from './load/stored.ts'
import { amount } from './scale.ts'

/** Events of one request: what makes a server busy, and costs the sender little. */
const BATCH = 1_000

/** How long the sustained rate is measured. */
const CALM_SECONDS = amount({ short: 1, full: 10, long: 10 })

const OVERLOAD_SECONDS = amount({ short: 4, full: 120, long: 120 })

/** The queue holds 20,000 commands at most; all of them, the bodies that are read, and the caches are within this. */
const MEMORY_MAX_MIB = 1_200

/**
 * Who was accepted waits for the 20,000 commands before him, and for his share of a busy processor: in `npm test` others take most of
 * it, and the bound there tells only what waits from what hangs.
 */
const ACCEPTED_P99_MAX_MS = amount({ short: 40_000, full: 10_000, long: 10_000 })

const RECOVERY_MAX_MS = amount({ short: 40_000, full: 10_000, long: 10_000 })

let stage: Stage

beforeEach(async () => {
  stage = await Stage.open()
})

afterEach(() => stage.close())

/** A batch of Synerise events. */
function batchRequest(): OfferedRequest {
  const items = Array.from({ length: BATCH }, (_, index) => ({
    type: 'custom',
    action: 'overload.sent',
    label: 'Overload',
    client: { customId: `person-${index % 500}` },
    time: stage.load.context.at,
    params: { index, price: 39.8, name: 'Givenchy Pour Homme Cologne' },
  }))
  const credential = Buffer.from(`${SHOP_KEYS.guid}:${SHOP_KEYS.synerise}`).toString('base64')
  return {
    url: `${stage.server.address}/v4/events/batch`,
    headers: {
      authorization: `Basic ${credential}`,
      'api-version': '4.4',
      'content-type': 'application/json',
    },
    body: Buffer.from(JSON.stringify(items)),
  }
}

test('ten times the load that it sustains: right answers, bounded memory and waiting, and soon well again', async () => {
  const request = batchRequest()
  const calm = await closedLoad(request, {
    connections: 4,
    seconds: CALM_SECONDS,
  })
  const sustained = calm.accepted / CALM_SECONDS
  const busy = await offerLoad(request, { perSecond: sustained * 10, seconds: OVERLOAD_SECONDS })
  const recoveryMs = await timeUntilWell()
  const memoryMib = peakMib(Number(stage.server.child.pid))
  const p99Ms = Math.round(busy.acceptedMs[Math.floor(busy.acceptedMs.length * 0.99)] ?? 0)
  expect([...calm.offences, ...busy.offences]).toEqual([])
  // An overload that nobody was refused in was none.
  expect(busy.refused).toBeGreaterThan(0)
  expect(busy.broken).toBe(0)
  expect(memoryMib).toBeLessThan(MEMORY_MAX_MIB)
  expect(p99Ms).toBeLessThan(ACCEPTED_P99_MAX_MS)
  expect(recoveryMs).toBeLessThan(RECOVERY_MAX_MS)
  await expectAllStored((calm.accepted + busy.accepted) * BATCH)
  noteOverload({ sustained, busy, p99Ms, memoryMib, recoveryMs })
})

/** Milliseconds until a client that sends one event after another gets a success for each of twenty. */
async function timeUntilWell(): Promise<number> {
  const startedMs = performance.now()
  let inARow = 0
  await waitFor('twenty events in a row that are stored', async () => {
    const call = eventCallOf('after', inARow, stage.load.context)
    const response = await fetch(stage.server.address + call.path, {
      method: 'POST',
      headers: call.headers,
      body: JSON.stringify(call.body),
    })
    await response.arrayBuffer()
    inARow = response.ok ? inARow + 1 : 0
    return inARow === 20 ? true : undefined
  })
  return Math.round(performance.now() - startedMs)
}

/** Whatever was accepted is stored, all of it and nothing else. */
async function expectAllStored(events: number): Promise<void> {
  const sql = `select count(*)::int as count from event where name = 'overload.sent'`
  expect(await stage.query<{ count: number }>(sql)).toEqual([{ count: events }])
  await expectTrueCounters(stage.query)
}

function noteOverload(result: {
  sustained: number
  busy: OfferedOutcome
  p99Ms: number
  memoryMib: number
  recoveryMs: number
}): void {
  const { sustained, busy, p99Ms, memoryMib, recoveryMs } = result
  const proof = 'overload'
  const perSecond = (requests: number): number => Math.round((requests * BATCH) / OVERLOAD_SECONDS)
  note({ proof, what: 'sustained, 4 connections', value: Math.round(sustained * BATCH), unit: 'events/s' })
  note({ proof, what: `offered for ${OVERLOAD_SECONDS} s`, value: perSecond(busy.offered), unit: 'events/s' })
  note({ proof, what: 'accepted meanwhile', value: perSecond(busy.accepted), unit: 'events/s' })
  note({ proof, what: 'refused with 429 or 503 and Retry-After', value: busy.refused, unit: 'requests' })
  note({
    proof,
    what: 'any other answer, or none',
    value: busy.offences.length + busy.broken,
    bound: '0',
  })
  note({
    proof,
    what: 'p99 of accepted requests',
    value: p99Ms,
    unit: 'ms',
    bound: `< ${ACCEPTED_P99_MAX_MS} ms`,
  })
  note({
    proof,
    what: 'most memory of the server',
    value: memoryMib,
    unit: 'MiB',
    bound: `< ${MEMORY_MAX_MIB} MiB`,
  })
  note({ proof, what: 'well again after', value: recoveryMs, unit: 'ms', bound: `< ${RECOVERY_MAX_MS} ms` })
}
