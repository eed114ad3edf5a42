import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { get } from '../system/server-harness.ts'
import { note } from './figures.ts'
import { openFiles, residentMib } from './load/process-use.ts'
import { read, write } from './load/shop.ts'
import { Stage } from './load/stage.ts'
import { expectTrueCounters } from './load/stored.ts'
import { amount } from './scale.ts'

const SECONDS = amount({ short: 5, full: 130, long: 1_800 })

const SAMPLE_EVERY_MS = 500

/** What the second half may have more than the first, after the caches are warm: a leak of a byte a call is more. */
const GROWTH_MAX_MIB = 60

/** The pools of one process, the engine's own and this test's. */
const CONNECTIONS_MAX = 24

/** Of all rows; autovacuum begins at a twentieth of a table, and looks once a minute. */
const DEAD_SHARE_MAX = 0.25

/** Calls of eight callers who rest as long: some hundred a second, which leaves the machine room to clean up. */
const PACE = { callers: 8, pauseMs: 20 }

let stage: Stage

beforeEach(async () => {
  stage = await Stage.open()
})

afterEach(() => stage.close())

interface Sample {
  memoryMib: number
  files: number
  connections: number
}

async function takeSample(): Promise<Sample> {
  const pid = Number(stage.server.child.pid)
  const [row] = await stage.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where backend_type = 'client backend'`,
  )
  return { memoryMib: residentMib(pid), files: openFiles(pid), connections: row?.count ?? 0 }
}

async function keepSampling(isOver: () => boolean): Promise<Sample[]> {
  const samples: Sample[] = []
  while (!isOver()) {
    samples.push(await takeSample())
    await delay(SAMPLE_EVERY_MS)
  }
  return samples
}

const READS = [
  '/api/v1/profiles?limit=50',
  '/api/v1/profiles/1/events?limit=50',
  '/api/v1/stats',
  '/api/v1/profiles/lookup?kind=userId&value=person-1',
  '/api/v1/segments',
]

/** Reads while the load writes; gives the number of reads. @throws Error for one that is not answered with 200 */
async function keepReading(isOver: () => boolean): Promise<number> {
  let reads = 0
  for (; !isOver(); reads++) {
    await read(stage.server.address, READS[reads % READS.length] ?? '')
    await delay(PACE.pauseMs)
  }
  return reads
}

/** Events of years long past: each year needs a partition that nobody has made yet. */
async function sendOldEvents(): Promise<number> {
  const years = Array.from({ length: 15 }, (_, index) => `${2_010 + index}-06-15T10:00:00Z`)
  const items = years.map((occurredAt) => ({
    identifiers: [{ kind: 'userId', value: 'old-timer' }],
    name: 'Old',
    occurredAt,
  }))
  await write(stage.server.address, '/api/v1/events', { items })
  return years.length
}

test('a long mixed load: memory, connections, files and dead rows stay within bounds, and nothing is lost', async () => {
  const segmentId = await makeSegment()
  stage.startLoad(PACE)
  const untilMs = performance.now() + SECONDS * 1_000
  const isOver = (): boolean => performance.now() > untilMs
  const old = await sendOldEvents()
  const [reads, samples] = await Promise.all([keepReading(isOver), keepSampling(isOver)])
  const { acknowledged } = await stage.expectKept()
  await expectTrueCounters(stage.query)
  expectBounded(samples)
  await expectMembers(segmentId)
  await expectTidy(old)
  const proof = 'soak'
  note({ proof, what: 'mixed load, every dialect', value: SECONDS, unit: 's' })
  note({ proof, what: 'calls', value: stage.load.outcomes.size })
  note({ proof, what: 'reads between them', value: reads })
  note({ proof, what: 'items acknowledged and found', value: acknowledged })
})

/** Who sent three events of one name. */
async function makeSegment(): Promise<string> {
  const measure = { function: 'count', operator: 'atLeast', value: 3 }
  const definition = { type: 'event', name: 'Proof', measure }
  const { id } = await write<{ id: string }>(stage.server.address, '/api/v1/segments', {
    name: 'soak',
    definition,
  })
  return id
}

/** The segment that was kept up to date through all of it has the members that the events say. */
async function expectMembers(segmentId: string): Promise<void> {
  const [row] = await stage.query<{ count: number }>(
    `select count(*)::int as count from (
       select from event where name = 'Proof' group by workspace_id, profile_id having count(*) >= 3) members`,
  )
  expect(row?.count).toBeGreaterThan(0)
  await expect
    .poll(() => read(stage.server.address, `/api/v1/segments/${segmentId}`), { timeout: 30_000 })
    .toMatchObject({ state: 'ready', size: row?.count })
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** The second quarter against the last one: in the first one caches fill. */
function expectBounded(samples: readonly Sample[]): void {
  const quarter = Math.floor(samples.length / 4)
  const early = samples.slice(quarter, quarter * 2)
  const late = samples.slice(-quarter)
  const growthMib =
    median(late.map(({ memoryMib }) => memoryMib)) - median(early.map(({ memoryMib }) => memoryMib))
  const files =
    Math.max(...late.map((sample) => sample.files)) - Math.max(...early.map((sample) => sample.files))
  const connections = Math.max(...samples.map((sample) => sample.connections))
  expect(growthMib).toBeLessThan(GROWTH_MAX_MIB)
  expect(files).toBeLessThan(20)
  expect(connections).toBeLessThanOrEqual(CONNECTIONS_MAX)
  const proof = 'soak'
  const memoryMib = Math.max(...samples.map((sample) => sample.memoryMib))
  note({ proof, what: 'most memory of the server', value: memoryMib, unit: 'MiB' })
  const bound = `< ${GROWTH_MAX_MIB} MiB`
  note({
    proof,
    what: 'median memory, last quarter against second',
    value: growthMib,
    unit: 'MiB more',
    bound,
  })
  note({ proof, what: 'open files, last quarter against second', value: files, unit: 'more', bound: '< 20' })
  note({ proof, what: 'most connections to PostgreSQL', value: connections, bound: `<= ${CONNECTIONS_MAX}` })
}

/** Partitions are there for what came and for what comes, and dead rows are cleaned up. */
async function expectTidy(old: number): Promise<void> {
  expect(await stage.query(`select count(*)::int as count from event where name = 'Old'`)).toEqual([
    { count: old },
  ])
  expect((await get(stage.server.address, '/readyz', '')).status).toBe(200)
  const [partitions] = await stage.query<{ ahead: number; made: number }>(
    `select count(*) filter (where c.relname > 'event_' || to_char(now() at time zone 'UTC', 'YYYY_MM'))::int as ahead,
            count(*)::int as made
       from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'event'::regclass`,
  )
  expect(partitions?.ahead).toBeGreaterThanOrEqual(3)
  expect(partitions?.made).toBeGreaterThan(old)
  const [rows] = await stage.query<{ dead: number; live: number; vacuums: number }>(
    `select sum(n_dead_tup)::int as dead, sum(n_live_tup)::int as live, sum(autovacuum_count)::int as vacuums
       from pg_stat_user_tables`,
  )
  const share = (rows?.dead ?? 0) / Math.max(1, (rows?.dead ?? 0) + (rows?.live ?? 0))
  // Autovacuum looks once a minute: a shorter run would hold it against nothing.
  if (SECONDS > 120) {
    expect(rows?.vacuums).toBeGreaterThan(0)
    expect(share).toBeLessThan(DEAD_SHARE_MAX)
  }
  const proof = 'soak'
  note({ proof, what: 'partitions of events', value: partitions?.made ?? 0 })
  note({ proof, what: 'runs of autovacuum', value: rows?.vacuums ?? 0 })
  const bound = `< ${DEAD_SHARE_MAX * 100} %`
  note({ proof, what: 'dead rows', value: Math.round(share * 1_000) / 10, unit: '% of all', bound })
}
