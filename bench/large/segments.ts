import { setTimeout as delay } from 'node:timers/promises'
import { COMMAND_LINE } from '../../src/core/audit/index.ts'
import { openProfiles } from '../../src/core/profiles/index.ts'
import { openKeeper, openSegments } from '../../src/core/segments/index.ts'
import type { Segments } from '../../src/core/segments/index.ts'
import { startLoop } from '../../src/jobs/loop.ts'
import { now, toRfc3339, useClock } from '../../src/lib/time.ts'
import type { Condition } from '../../src/model/segment.ts'
import { insertBatch } from '../../src/storage/batches.ts'
import type { Database } from '../../src/storage/db.ts'
import { compileSegment } from '../../src/storage/segments/compile.ts'
import { row } from '../rows.ts'
import type { Row } from '../rows.ts'
import { CITIES, WORKSPACE, seededRandom } from './people.ts'
import type { LargeDatabase } from './seed.ts'

/** How many segments members are kept of, and how many profiles change at once. */
const SEGMENTS = 20
const TOUCHED = 1_000

/** Distinct profiles that change in a second, and for how many seconds. */
const CHANGED_PER_SECOND = 500
const SECONDS = 20

const ROUNDS = 5

const last30Days = { from: { offset: -30, unit: 'day' } } as const
const in90Days = { from: { offset: -90, unit: 'day' } } as const

const inCity = (city: string): Condition => ({
  type: 'attribute',
  name: 'city',
  operator: 'equals',
  value: city,
})

const twice = (name: string): Condition => ({
  type: 'event',
  name,
  window: last30Days,
  measure: { function: 'count', operator: 'atLeast', value: 2 },
})

const spent = (amount: number): Condition => ({
  type: 'event',
  name: 'Order Completed',
  window: in90Days,
  measure: { function: 'sum', name: 'price', operator: 'atLeast', value: amount },
})

/** Segments over everything that was seeded. The clock stands where the seed was made, so that windows hold the same events. */
export async function benchSegments({ db, scale }: LargeDatabase): Promise<Row[]> {
  const startedMs = performance.now()
  const restore = useClock(() => scale.at + Math.floor(performance.now() - startedMs))
  try {
    const segments = openSegments({
      db,
      secretKey: Buffer.alloc(32),
      profiles: openProfiles(db, Buffer.alloc(32)),
      countTimeoutMs: 60_000,
    })
    return [
      ...(await benchPreviews(segments)),
      await benchPass(db, segments, scale.profiles),
      ...(await benchKeeping(db, scale.profiles)),
    ]
  } finally {
    restore()
  }
}

async function benchPreviews(segments: Segments): Promise<Row[]> {
  const city = inCity(CITIES[2])
  const both = (one: Condition): Condition => ({ type: 'and', conditions: [one, city] })
  const preview = (definition: Condition) => () => segments.preview(WORKSPACE, definition)
  const median = async (name: string, definition: Condition, most?: number): Promise<Row> =>
    row(`preview: ${name}`, await medianMs(preview(definition)), 'ms', most === undefined ? {} : { most })
  return [
    await median('did X at least 2 times in 30 days and city = Y', both(twice('cart.add')), 600),
    await median('the most frequent event twice in 30 days and city = Y', both(twice('page.visit')), 2_000),
    await median('sum of a property over 90 days', spent(300), 4_500),
  ]
}

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now()
    await work()
    times.push(performance.now() - startedMs)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
}

async function emptyKept(db: Database): Promise<void> {
  await db.background.query(
    'truncate segment, segment_generation, segment_member, segment_expiry, segment_size',
  )
}

/** A new definition, until its members are whole. */
async function benchPass(db: Database, segments: Segments, profiles: number): Promise<Row> {
  await emptyKept(db)
  await segments.create(WORKSPACE, { name: 'Pass', definition: twice('cart.add') }, COMMAND_LINE)
  const keep = openKeeper({ db, queuedCommands: () => 0, onError: fail })
  const startedMs = performance.now()
  while (await keep());
  const seconds = (performance.now() - startedMs) / 1_000
  return row('members of a new definition', profiles / seconds, 'profiles/s', { least: 5_000 })
}

function fail(error: unknown): never {
  throw error
}

async function benchKeeping(db: Database, profiles: number): Promise<Row[]> {
  await seedKept(db)
  const keep = openKeeper({ db, queuedCommands: () => 0, onError: fail, passEveryMs: 1e12 })
  while (await keep());
  const random = seededRandom(3)
  const pick = (): number => 1 + Math.floor(random() * profiles)
  const evaluateMs = await medianMs(async () => {
    await touch(db, Array.from({ length: TOUCHED }, pick))
    while (await keep());
  })
  const lags = await benchFreshness(db, pick)
  const p99 = lags.toSorted((a, b) => a - b)[Math.ceil(lags.length * 0.99) - 1] ?? 0
  const name = `${CHANGED_PER_SECOND} profiles a second and ${SEGMENTS} segments`
  return [
    row(`${TOUCHED} touched profiles against ${SEGMENTS} segments`, evaluateMs, 'ms', { most: 500 }),
    row(`members behind writes, ${name}, p99`, p99, 'ms', { most: 1_000 }),
  ]
}

/** Segments whose members are there already: to build them is another row. */
async function seedKept(db: Database): Promise<void> {
  await emptyKept(db)
  const { id: workspaceId, settings } = WORKSPACE
  const { timezone } = settings
  for (let number = 0; number < SEGMENTS; number++) {
    const definition = definitionOf(number)
    const { rows } = await db.background.query<{ id: string }>(
      `insert into segment (workspace_id, segment_id, name, definition, version, created_at, created_by, updated_at, updated_by)
       values ($1, gen_random_uuid(), $2, $3, 1, $4, 'bench', $4, 'bench') returning segment_id as id`,
      [workspaceId, `Segment ${number}`, JSON.stringify(definition), toRfc3339(now())],
    )
    const { text, values } = compileSegment(definition, { workspaceId, timezone, now: now() })
    const place = values.length
    await db.background.query(
      `insert into segment_member (workspace_id, segment_id, generation, profile_id, since)
       select $1, $${place + 1}, 1, s.profile_id, $${place + 2} from (${text}) s`,
      [...values, rows[0]?.id, toRfc3339(now())],
    )
    await db.background.query(
      `insert into segment_generation (workspace_id, segment_id, generation, definition, timezone, state, members,
         profiles_done, profiles_total, attempts, next_attempt_at, created_at, completed_at)
       select $1, $2, 1, $3, $4, 'ready', (select count(*) from segment_member where segment_id = $2), 0, 0, 0, $5, $5, $5`,
      [workspaceId, rows[0]?.id, JSON.stringify(definition), timezone, toRfc3339(now())],
    )
  }
  await db.background.query('vacuum analyze segment_member')
}

function definitionOf(number: number): Condition {
  const city = inCity(CITIES[number % CITIES.length] ?? '')
  const events = [twice('cart.add'), spent(100 + number), twice('page.visit'), twice('Order Completed')]
  const event = events[number % events.length] ?? city
  return { type: number % 3 === 0 ? 'or' : 'and', conditions: [city, event] }
}

/** A flush after which anything may be different of these profiles: the most that a write can ask for. */
async function touch(db: Database, profileIds: readonly number[]): Promise<void> {
  const profiles = profileIds.map((profileId) => ({ profileId, lastOccurredAt: undefined }))
  const counts = { profiles: 0, byDialect: {}, namesByDialect: {}, reshaped: profileIds }
  await insertBatch(db.background, [{ workspaceId: WORKSPACE.id, at: now(), profiles, counts, items: [] }])
}

/** How far members are behind, looked at twenty times a second while profiles change. */
async function benchFreshness(db: Database, pick: () => number): Promise<number[]> {
  const segments = openSegments({
    db,
    secretKey: Buffer.alloc(32),
    profiles: openProfiles(db, Buffer.alloc(32)),
  })
  const run = openKeeper({ db, queuedCommands: () => 0, onError: fail, passEveryMs: 1e12 })
  const loop = startLoop({ run, pauseMs: 250, onError: fail })
  const lags: number[] = []
  const startedMs = performance.now()
  const writing = startLoop({
    run: async () => {
      await touch(db, Array.from({ length: CHANGED_PER_SECOND / 10 }, pick))
      return false
    },
    pauseMs: 100,
    onError: fail,
  })
  while (performance.now() - startedMs < SECONDS * 1_000) {
    lags.push(await segments.lagMs())
    await delay(50)
  }
  await writing.stop()
  await loop.stop()
  return lags
}
