import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { dialects } from '../../../src/dialects/index.ts'
import { expectDeclaredShape } from '../../contract/answer-shapes.ts'
import { goodFixture, replayFixture } from '../../contract/fixtures.ts'
import { findDialect, openHarness } from '../../contract/harness.ts'
import type { Harness } from '../../contract/harness.ts'
import { openTestDatabase } from '../../setup/database.ts'
import type { TestDatabase } from '../../setup/database.ts'
import { rememberAccess } from './access.ts'
import { ITEM_OPERATIONS, bentItem, markerOf, storedMarkers } from './items.ts'
import { openJudge } from './judge.ts'
import { openSearchedLog } from './log.ts'
import { describedRequests } from './operations.ts'
import { plansOf, treeMutation } from './plans.ts'
import { AT_ONCE, findStoring, isOfTheMoment, isRefusal, sendAll } from './refused.ts'
import { openTargets, requestOf } from './requests.ts'
import type { Target } from './requests.ts'
import { tablesHolding } from './stored.ts'
import { openTally } from './tally.ts'
import { openWire } from './wire.ts'
import type { WireRequest } from './wire.ts'
import { note } from '../figures.ts'
import { amount } from '../scale.ts'

const REQUESTS = amount({ short: 1_200, full: 50_000, long: 200_000 })

/** Requests between two looks at what refused ones stored, and between two times that access is given back. */
const LAP = 10_000
const CHUNK = 500

/** Longest that one request may keep all others waiting. Much of it is ours: senders and server share one process here. */
const BUSY_MS_MAX = 5_000

/** Of the operations that must work afterwards; in `npm test` every fifth is tried. */
const STEP = amount({ short: 5, full: 1, long: 1 })

/** A failure names the seed and the number of the request; with the same seed it comes again. */
const SEED = Number(process.env['PROVE_SEED'] ?? 20_261_127)

/**
 * Megabyte texts must be read before they are refused. Nobody is cut off for being slow: sender and server share one process
 * here, and slow senders have a proof of their own.
 */
const BOUNDS = { bodyBytesMax: 2 * 1024 * 1024, requestTimeoutMs: 60_000, headersTimeoutMs: 60_000 }

const operationsCount = dialects.flatMap(({ operations }) => operations).length

let database: TestDatabase
let harness: Harness
let targets: Target[]
let wire: ReturnType<typeof openWire>
let restoreAccess: () => Promise<void>
const log = openSearchedLog(() => (harness ? Object.values(harness.secrets()) : []))
const tally = openTally()

beforeAll(async () => {
  database = await openTestDatabase()
  harness = await openHarness(database.db, undefined, BOUNDS, log.logger)
  await harness.app.http.listen({ port: 0, host: '127.0.0.1' })
  wire = openWire((harness.app.http.server.address() as AddressInfo).port)
  targets = await openTargets(harness, describedRequests(), amount({ short: 1, full: 4, long: 8 }))
  const restore = await rememberAccess(database)
  restoreAccess = async () => {
    await restore()
    harness.app.credentials.forget()
  }
})

afterAll(async () => {
  wire.close()
  await harness.close()
  await database.close()
})

it('every operation of every dialect is attacked', () => {
  expect(targets.length).toBe(operationsCount)
  expect(REQUESTS).toBeGreaterThan(3 * targets.length)
})

it(`${REQUESTS} bad requests: answers as promised, and a refused request stores nothing`, async () => {
  const faults = new Map<string, string>()
  const busy = monitorEventLoopDelay()
  busy.enable()
  for (let from = 0; from < REQUESTS; from += LAP) await runLap(from, Math.min(REQUESTS, from + LAP), faults)
  expect([...faults.values()], 'answers break a promise; the first of each operation').toEqual([])
  busy.disable()
  const busyMs = busy.max / 1e6
  tally.note({ logLines: log.lines(), atOnce: AT_ONCE, busyMs, busyMsMax: BUSY_MS_MAX })
  expect(busyMs, 'milliseconds in which nobody was served').toBeLessThan(BUSY_MS_MAX)
})

async function runLap(from: number, until: number, faults: Map<string, string>): Promise<void> {
  const judge = openJudge(harness.secrets())
  const refused: WireRequest[] = []
  for (let first = from; first < until; first += CHUNK) {
    const plans = plansOf(SEED, first, Math.min(CHUNK, until - first), targets.length)
    const requests = plans.map((plan) => requestOf(plan, targets, harness))
    for (const [index, { sent, answer }] of (await sendAll(wire, requests)).entries()) {
      tally.count(sent, answer)
      if (isRefusal(answer) && !isOfTheMoment(answer)) refused.push(sent)
      const fault = judge(sent, answer, log.reachedBy(String(answer.headers['x-request-id'])))
      const kind = `${sent.dialect} ${sent.operation} ${fault?.slice(0, 40)}`
      if (fault !== undefined && !faults.has(kind))
        faults.set(kind, `seed ${SEED}, request ${first + index}: ${fault}`)
    }
    log.forget()
    await restoreAccess()
  }
  const { storing, replayed } = await findStoring({ database, wire, restoreAccess }, refused)
  if (storing !== undefined) faults.set(storing, `was refused and stored something: ${storing}`)
  tally.replayed(replayed)
}

it('an item that an answer names as refused is not stored, its neighbours are', async () => {
  const refused = new Set<string>()
  let number = 0
  const requests = amount({ short: 50, full: 2_000, long: 8_000 })
  const bends = fc.sample(
    fc.array(fc.oneof(fc.constant([]), fc.array(treeMutation, { maxLength: 2 })), {
      minLength: 1,
      maxLength: 12,
    }),
    { seed: SEED, numRuns: requests },
  )
  for (const [turn, bent] of bends.entries()) {
    const {
      dialect,
      operation,
      item,
      body,
      refused: refusedOf,
    } = ITEM_OPERATIONS[turn % ITEM_OPERATIONS.length]!
    const markers = bent.map(() => markerOf(number++))
    const items = markers.map((marker, index) => bentItem(item(marker), [...bent[index]!]))
    const { apptoken = '' } = harness.credentialOf(dialect).params
    const rawBody = body(items).replaceAll('@apptoken', apptoken)
    const reply = await harness.call(dialect, operation, { rawBody })
    expect(reply.status, reply.text).toBeLessThan(500)
    const named = reply.status >= 300 ? [...markers.keys()] : refusedOf(reply.body as never)
    for (const index of named) refused.add(markers[index]!)
  }
  const stored = await storedMarkers(database)
  expect([...stored].filter((marker) => refused.has(marker))).toEqual([])
  expect(refused.size).toBeGreaterThan(requests / 4)
  expect(stored.size).toBeGreaterThan(requests / 4)
  note({
    proof: 'bad-input',
    what: 'items refused in batches',
    value: refused.size,
    bound: 'none of them stored',
  })
})

it('no line of the log holds a secret or tells of a failure inside', () => {
  expect(log.complaints.slice(0, 5), `${log.complaints.length} lines`).toEqual([])
  expect(log.lines()).toBeGreaterThan(REQUESTS)
})

it('no table holds a secret in clear', async () => {
  for (const [what, secret] of Object.entries(harness.secrets()))
    expect([what, await tablesHolding(database, secret)]).toEqual([what, []])
})

it('afterwards the same server still does what it did before, for a workspace that was not attacked', async () => {
  await restoreAccess()
  const second: Harness = {
    ...harness,
    call: (dialect, operation, call) => harness.call(dialect, operation, { ...call, workspace: 'Second' }),
  }
  let served = 0
  for (const { name, operations } of dialects)
    for (const { id } of operations.filter((_, index) => index % STEP === 0)) {
      const fixture = goodFixture(name, id)
      // Users of the fixtures belong to the first workspace.
      if (
        !fixture ||
        /"(login-user|log-in|select-workspace|create-user)"/.test(JSON.stringify(fixture.given ?? ''))
      )
        continue
      const { reply } = await replayFixture(second, name, fixture)
      expect(reply.status, `${name} ${id}: ${reply.text}`).toBe(fixture.answer.status)
      expectDeclaredShape(findDialect(name), id, reply)
      served++
    }
  expect(served).toBeGreaterThan((operationsCount * 0.7) / STEP)
})
