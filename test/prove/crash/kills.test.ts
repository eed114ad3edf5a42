import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { waitFor } from '../../system/server-harness.ts'
import { note } from '../figures.ts'
import { read, write } from '../load/shop.ts'
import { Stage } from '../load/stage.ts'
import { compareStored, expectTrueCounters } from '../load/stored.ts'
import type { StoredItems } from '../load/stored.ts'
import { amount } from '../scale.ts'

const ROUNDS = amount({ short: 5, full: 20, long: 50 })

/** Calls that must be answered with success before a kill and after it. */
const CALLS_BETWEEN = amount({ short: 30, full: 200, long: 200 })

/** Rows of the import that is under way when a kill comes; what a dead worker holds is free after half a minute, for which the short form has no time. */
const IMPORTED_ROWS = amount({ short: 0, full: 2_000, long: 2_000 })

/** The kill comes at a random moment of this span after those calls. */
const RANDOM_MS = amount({ short: 500, full: 1_500, long: 1_500 })

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
  const imports: number[] = []
  let kept: StoredItems | undefined
  let unanswered = 0
  for (let round = 0; round < ROUNDS; round++) {
    const [name, strike] = kinds[round % kinds.length] ?? []
    stage.startLoad()
    await stage.untilStored(CALLS_BETWEEN)
    if (IMPORTED_ROWS > 0) imports.push(await startImport(round))
    await delay(randomInt(RANDOM_MS))
    await strike?.()
    await stage.untilStored(CALLS_BETWEEN)
    await stage.load.stop()
    unanswered += stage.load.count('lost')
    kept = await stage.expectKept().catch((error: unknown) => {
      throw new Error(`after the kill of ${name} in round ${round}`, { cause: error })
    })
  }
  // The worker has outlived its servers and databases, or was started again: the counters are its work.
  expect(stage.worker?.child.exitCode).toBeNull()
  // Kills that cut nothing off would prove nothing.
  expect(unanswered).toBeGreaterThan(0)
  await expectImported(imports)
  await expectTrueCounters(stage.query)
  await expectLossIsSeen()
  expect(await stage.worker?.stop()).toEqual({ code: 0, signal: null })
  expect(await stage.server.stop()).toEqual({ code: 0, signal: null })
  if (kept) noteRounds(kept, unanswered)
})

/** @returns the id of an import that was accepted */
async function startImport(round: number): Promise<number> {
  const rows = Array.from(
    { length: IMPORTED_ROWS },
    (_, index) => `person-${index % 40},row-${round}-${index}`,
  )
  const query = 'type=events&set=name=Imported&map=userId=who&map=messageId=row'
  const { id } = await write<{ id: number }>(
    stage.server.address,
    `/api/v1/imports?${query}`,
    ['who,row', ...rows].join('\n'),
  )
  return id
}

/** Every import that was accepted ends, whoever was killed over it, and has stored each row once. */
async function expectImported(imports: readonly number[]): Promise<void> {
  for (const id of imports) {
    const ended = await waitFor(
      `import ${id}`,
      async () => {
        const found = await read<{ state: string; processed: number }>(
          stage.server.address,
          `/api/v1/imports/${id}`,
        )
        return found.state === 'done' ? found : undefined
      },
      120_000,
    )
    expect(ended).toMatchObject({ processed: IMPORTED_ROWS, refused: 0 })
  }
  const [row] = await stage.query<{ count: number }>(
    `select count(*)::int as count from event where name = 'Imported'`,
  )
  expect(row?.count).toBe(imports.length * IMPORTED_ROWS)
  note({
    proof: 'crash',
    what: 'rows of imports that a kill interrupted, each stored once',
    value: row?.count ?? 0,
  })
}

/** Takes one event out by hand: the comparison that found nothing until now must find that. */
async function expectLossIsSeen(): Promise<void> {
  await stage.query(`delete from event where properties->>'proof' = 'we-0-0'`)
  expect((await compareStored(stage.query, stage.load)).lost).toEqual(['we-0-0'])
}

function noteRounds({ acknowledged, lost, doubled, halves }: StoredItems, unanswered: number): void {
  const proof = 'crash'
  note({ proof, what: `rounds of kill -9 (${Object.keys(KILLS).join('; ')})`, value: ROUNDS })
  note({ proof, what: 'calls through six dialects', value: stage.load.outcomes.size })
  note({ proof, what: 'items acknowledged and looked for', value: acknowledged })
  note({ proof, what: 'calls that got no answer', value: unanswered })
  note({
    proof,
    what: 'items lost, doubled, or stored by half',
    value: [...lost, ...doubled, ...halves].length,
    bound: '0',
  })
}
