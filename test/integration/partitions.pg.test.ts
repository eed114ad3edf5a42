import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS } from '../../src/lib/time.ts'
import { findTimelineEvents } from '../../src/storage/events.ts'
import { dropLedgerBefore, ensureStandingPartitions, openPartitions } from '../../src/storage/partitions.ts'
import { countOf, MAJORS, openTestDatabase, rowsOf } from '../setup/database.ts'
import type { TestDatabase } from '../setup/database.ts'
import { makeCommand, makeUnit, makeWorkspace, openWritePath, userId } from '../setup/ingest.ts'
import type { Shown, WritePath } from '../setup/ingest.ts'

interface PlanNode {
  'Node Type': string
  'Presorted Key'?: string[]
  'Index Name'?: string
  Plans?: PlanNode[]
}

describe.each(MAJORS)('partitions on PostgreSQL %s', (major) => {
  let database: TestDatabase
  let path: WritePath
  const workspace = makeWorkspace()
  const thisYear = new Date().getUTCFullYear()

  beforeAll(async () => {
    database = await openTestDatabase({ major })
    path = await openWritePath(database.db)
  })
  afterAll(async () => {
    await path.close()
    await database.close()
  })

  test('a backfill of forty years arrives while live events flow, and each is in its place', async () => {
    const months = (thisYear - 1985) * 12
    const old = Array.from({ length: months }, (_, n) => [
      Date.UTC(1985, n, 1),
      Date.UTC(1985, n + 1, 1) - 1,
    ]).flat()
    const backfill = old.map((occurredAt) =>
      makeCommand(userId('old'), { event: { name: 'Old', occurredAt } }),
    )
    const live = (async () => {
      for (let n = 0; n < 100; n++)
        await path.write(workspace, makeCommand(userId(`live${n % 5}`), { event: { name: 'Live' } }))
    })()
    const units: Promise<Shown[]>[] = []
    for (let start = 0; start < backfill.length; start += 25)
      units.push(path.submit(makeUnit(workspace, backfill.slice(start, start + 25))))
    const shown = (await Promise.all(units)).flat()
    await live
    expect(shown.every(({ ok }) => ok)).toBe(true)
    const counts = await rowsOf(
      database,
      'select name, count(*)::int as count from event group by name order by name',
    )
    expect(counts).toEqual([
      { name: 'Live', count: 100 },
      { name: 'Old', count: months * 2 },
    ])
    expect(await partitionsOf('event')).toEqual(expectedPartitions())
    const misplaced = await rowsOf(
      database,
      `select tableoid::regclass::text as table, occurred_at from event
        where tableoid::regclass::text <> case
                when occurred_at < '1990-01-01Z' then 'event_before'
                when extract(year from occurred_at at time zone 'UTC') < $1 then to_char(occurred_at at time zone 'UTC', '"event_"YYYY')
                else to_char(occurred_at at time zone 'UTC', '"event_"YYYY_MM') end`,
      [thisYear - 1],
    )
    expect(misplaced).toEqual([])
    expect(path.failures).toEqual([])
  })

  test('the timeline is read from an ordered Append: nothing is sorted but events of one instant', async () => {
    const [who] = await rowsOf<{ id: string }>(
      database,
      `select profile_id as id from event where name = 'Old' limit 1`,
    )
    await database.admin.query('analyze event')
    const query = {
      workspaceId: workspace.id,
      profileIds: [Number(who?.id)],
      after: undefined,
      name: undefined,
      limit: 51,
    }
    const plan = await planOf({ ...query, from: Date.UTC(1900, 0, 1), to: Date.now() })
    const [parent, append] = findAppend(plan)
    expect(parent).toMatchObject({ 'Node Type': 'Incremental Sort', 'Presorted Key': ['event.occurred_at'] })
    const children = append?.Plans ?? []
    expect(children.length).toBeGreaterThan(40)
    for (const child of children)
      expect(child).toMatchObject({
        'Node Type': 'Index Scan',
        'Index Name': expect.stringMatching(/occurred_at_idx/) as unknown,
      })
    const window = await planOf({ ...query, from: Date.now() - 61 * DAY_MS, to: Date.now() })
    expect((findAppend(window)[1]?.Plans ?? []).length).toBeLessThanOrEqual(4)
  })

  test('two processes that make the same partitions at once both succeed', async () => {
    const instants = Array.from({ length: 6 }, (_, n) => Date.UTC(thisYear + 5, n, 15))
    const makers = await Promise.all([1, 2, 3].map(() => openPartitions(database.db.background)))
    await Promise.all(makers.map((maker) => maker.ensureEvents(instants)))
    await Promise.all(makers.map((maker) => maker.ensureLogs(Date.UTC(thisYear + 5, 3, 3))))
    const made = (await partitionsOf('event')).filter((name) => name.startsWith(`event_${thisYear + 5}`))
    expect(made).toHaveLength(6)
    expect(await partitionsOf('rejection')).toContain(`rejection_${thisYear + 5}_04_03`)
    expect(await partitionsOf('profile_change')).toContain(`profile_change_${thisYear + 5}_04`)
  })

  test('a partition has the indexes of its table and no check that would be tested again', async () => {
    const differing = await rowsOf(
      database,
      `select c.relname, count(x.*) from pg_inherits i join pg_class c on c.oid = i.inhrelid
         left join pg_index x on x.indrelid = c.oid where i.inhparent = 'event'::regclass
        group by c.relname having count(x.*) <> 3`,
    )
    expect(differing).toEqual([])
    expect(await countOf(database, `select count(*) from pg_constraint where conname like '%\\_range'`)).toBe(
      0,
    )
  })

  test('days of the ledger are dropped whole, and only those that lie before', async () => {
    const day = Date.UTC(thisYear - 2, 5, 10)
    const maker = await openPartitions(database.db.background)
    for (let n = 0; n < 5; n++) await maker.ensureLogs(day + n * DAY_MS)
    const name = (n: number) => `rejection_${thisYear - 2}_06_${10 + n}`
    expect(await dropLedgerBefore(database.db.background, day + 2 * DAY_MS)).toEqual([name(0), name(1)])
    expect(await dropLedgerBefore(database.db.background, day + 3.5 * DAY_MS)).toEqual([name(2)])
    const left = (await partitionsOf('rejection')).filter((one) =>
      one.startsWith(`rejection_${thisYear - 2}`),
    )
    expect(left).toEqual([name(3), name(4)])
    await ensureStandingPartitions(database.db.background)
  })

  async function planOf(query: Parameters<typeof findTimelineEvents>[1]): Promise<PlanNode> {
    let sent: { text: string; values: unknown[] } | undefined
    const recorder = { query: async (config: typeof sent) => ((sent = config), { rows: [] }) }
    await findTimelineEvents(recorder as unknown as Parameters<typeof findTimelineEvents>[0], query)
    const [row] = await rowsOf<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      database,
      `explain (format json) ${sent?.text}`,
      sent?.values,
    )
    if (!row) throw new Error('no plan')
    return row['QUERY PLAN'][0].Plan
  }

  async function partitionsOf(table: string): Promise<string[]> {
    const rows = await rowsOf<{ name: string }>(
      database,
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by 1`,
      [table],
    )
    return rows.map(({ name }) => name)
  }

  /** One for all before 1990, years, months from January of last year until three months ahead. */
  function expectedPartitions(): string[] {
    const years = Array.from({ length: thisYear - 1 - 1990 }, (_, n) => `event_${1990 + n}`)
    const first = Date.UTC(thisYear - 1, 0, 1)
    const months: string[] = []
    const last = new Date(Date.UTC(thisYear, new Date().getUTCMonth() + 3, 1)).toISOString().slice(0, 7)
    for (let n = 0; ; n++) {
      const month = new Date(Date.UTC(new Date(first).getUTCFullYear(), n, 1)).toISOString().slice(0, 7)
      if (month > last) break
      months.push(`event_${month.replace('-', '_')}`)
    }
    const hasEvents = months.filter(
      (name) =>
        name < `event_${thisYear}` ||
        name >= `event_${new Date().toISOString().slice(0, 7).replace('-', '_')}`,
    )
    return ['event_before', ...years, ...hasEvents].toSorted()
  }
})

/** The Append that reads the partitions, and the node above it. */
function findAppend(node: PlanNode, parent?: PlanNode): [PlanNode | undefined, PlanNode | undefined] {
  if (node['Node Type'].endsWith('Append')) return [parent, node]
  for (const child of node.Plans ?? []) {
    const found = findAppend(child, node)
    if (found[1]) return found
  }
  return [undefined, undefined]
}
