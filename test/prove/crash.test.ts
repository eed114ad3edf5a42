import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { note } from './figures.ts'
import { Stage } from './load/stage.ts'
import { compareStored, expectTrueCounters } from './load/stored.ts'
import { amount } from './scale.ts'

const ROUNDS = amount({ short: 5, full: 20, long: 50 })

/** Calls that must be answered with success before a kill and after it. */
const CALLS_BETWEEN = amount({ short: 60, full: 200, long: 200 })

/** The kill comes at a random moment of this span after those calls. */
const RANDOM_MS = 1_500

let stage: Stage

beforeEach(async () => {
  stage = await Stage.open({ hasWorker: true })
})

afterEach(() => stage.close())

/** Whatever kills, and whatever brings back what no longer comes back by itself. */
const KILLS: Readonly<Record<string, () => Promise<void>>> = {
  'the server, its database adopted': async () => {
    await stage.server.stop('SIGKILL')
    await stage.serveAgain()
    expect(stage.server.log).toContainEqual(
      expect.objectContaining({ msg: 'Adopted the PostgreSQL that outlived its server' }),
    )
  },
  'the worker': async () => {
    await stage.worker?.stop('SIGKILL')
    await stage.workAgain()
  },
  'the postmaster': async () => {
    kill((await stage.sandbox.instance()).postmasterPid)
  },
  'one process of PostgreSQL': async () => {
    const { postmasterPid } = await stage.sandbox.instance()
    const backends = (await stage.sandbox.files.engineProcesses()).filter((pid) => pid !== postmasterPid)
    kill(backends[randomInt(backends.length)])
  },
  'the server and all of PostgreSQL': async () => {
    const pids = await stage.sandbox.files.engineProcesses()
    const ended = stage.server.stop('SIGKILL')
    for (const pid of pids) kill(pid)
    await ended
    await stage.serveAgain()
  },
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  } catch {
    // A backend that ended by itself meanwhile.
  }
}

test('kill -9 at random moments under load of every dialect: what was acknowledged is there once, nothing by half', async () => {
  const kinds = Object.entries(KILLS)
  let acknowledged = 0
  let unanswered = 0
  for (let round = 0; round < ROUNDS; round++) {
    const [name, strike] = kinds[round % kinds.length] ?? []
    stage.startLoad()
    await stage.untilStored(CALLS_BETWEEN)
    await delay(randomInt(RANDOM_MS))
    await strike?.()
    await stage.untilStored(CALLS_BETWEEN)
    await stage.load.stop()
    unanswered += stage.load.count('lost')
    const kept = await stage.expectKept().catch((error: unknown) => {
      throw new Error(`after the kill of ${name} in round ${round}`, { cause: error })
    })
    acknowledged = kept.acknowledged
  }
  // The worker has outlived its servers and databases, or was started again: the counters are its work.
  expect(stage.worker?.child.exitCode).toBeNull()
  // Kills that cut nothing off would prove nothing.
  expect(unanswered).toBeGreaterThan(0)
  await expectTrueCounters(stage.query)
  await expectLossIsSeen()
  expect(await stage.worker?.stop()).toEqual({ code: 0, signal: null })
  expect(await stage.server.stop()).toEqual({ code: 0, signal: null })
  noteRounds(acknowledged, unanswered)
})

/** Takes one event out by hand: the comparison that found nothing until now must find that. */
async function expectLossIsSeen(): Promise<void> {
  await stage.query(`delete from event where properties->>'proof' = 'we-0-0'`)
  expect((await compareStored(stage.query, stage.load)).lost).toEqual(['we-0-0'])
}

function noteRounds(acknowledged: number, unanswered: number): void {
  const proof = 'crash'
  note({ proof, what: `rounds of kill -9 (${Object.keys(KILLS).join('; ')})`, value: ROUNDS })
  note({ proof, what: 'calls through six dialects', value: stage.load.outcomes.size })
  note({ proof, what: 'items acknowledged and looked for', value: acknowledged })
  note({ proof, what: 'calls that got no answer', value: unanswered })
  note({ proof, what: 'items lost, doubled, or stored by half', value: 0, bound: '0' })
}
