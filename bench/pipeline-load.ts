import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline as copyRows } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { openIngest } from '../src/core/ingest/index.ts'
import type { Ingest } from '../src/core/ingest/index.ts'
import { openLedger } from '../src/core/ledger/index.ts'
import { DEFAULT_SETTINGS } from '../src/core/workspaces/index.ts'
import { newUuid } from '../src/lib/ids.ts'
import type { Command, Unit } from '../src/model/command.ts'
import type { Workspace } from '../src/model/workspace.ts'
import type { Database } from '../src/storage/db.ts'
import { openPartitions } from '../src/storage/partitions.ts'
import { startUpkeep } from '../src/upkeep.ts'
import { row } from './rows.ts'
import type { Row } from './rows.ts'

/** Commands of one unit: what an import or a batch endpoint hands over. */
const BATCH = 1_000

/** Batches in the air at a time; two flushers work on them. */
const AT_ONCE = 4

const PEOPLE = 50_000

const DAY_MS = 86_400_000

const WORKSPACE: Workspace = { id: 1, guid: '', name: 'Bench', settings: DEFAULT_SETTINGS }

/** The write path without HTTP: batches of 1,000 commands, every index, change log, dedupe where ids are sent. */
export async function benchPipeline(db: Database, connectionString: string): Promise<Row[]> {
  const partitions = await openPartitions(db.background)
  const refusals = openLedger({ db, ensurePartitions: partitions.ensureLogs, onLost: fail })
  const steps = new Map<string, number>()
  const ingest = await openIngest({ db, refusals, requestTimeoutMs: 30_000, onUnitFailed: fail })
  const worker = startUpkeep({ db, exportFolder: join(tmpdir(), 'tributary-bench-none'), onError: fail })
  const rows = await measureBatches(ingest)
  const copied = await measureCopy(connectionString)
  await ingest.close()
  const measured = await openIngest({
    db,
    refusals,
    requestTimeoutMs: 30_000,
    onUnitFailed: fail,
    observe: (part, elapsedMs) => steps.set(part, (steps.get(part) ?? 0) + elapsedMs),
    observeStep: (step, elapsedMs) => steps.set(step, (steps.get(step) ?? 0) + elapsedMs),
  })
  const commands = (await run(measured, 30, mixed)).commands
  await measured.close()
  await worker.stop()
  await refusals.close()
  const perStep = [...steps].map(([step, ms]) => row(`step ${step}`, (ms * 1000) / commands, 'us/command'))
  return [copied, ...rows.map((measuredRow) => withBaseline(measuredRow, copied)), ...perStep]
}

function fail(error: unknown): void {
  process.stderr.write(`${String(error)}\n`)
}

function withBaseline(measured: Row, copied: Row): Row {
  if (measured.unit !== copied.unit) return measured
  return { ...measured, baseline: copied.name, ratio: measured.value / copied.value }
}

async function measureBatches(ingest: Ingest): Promise<Row[]> {
  const created = await run(ingest, PEOPLE / BATCH, newProfile)
  const changed = await run(ingest, 60, existingProfile)
  await run(ingest, 20, knownEvent)
  const known = await run(ingest, 120, knownEvent)
  const withIds = await run(ingest, 80, (number) => withId(knownEvent(number)))
  const unknown = await run(ingest, 80, (number) =>
    withId(number % 2 ? knownEvent(number) : unknownEvent(number)),
  )
  return [
    row('profiles, new', created.perSecond, 'profiles/s', { least: 5_000 }),
    row('profiles, existing', changed.perSecond, 'profiles/s', { least: 7_500 }),
    row('batch of 1,000, known, no ids', known.perSecond, 'events/s', { least: 14_000 }),
    row('batch of 1,000, known, with ids', withIds.perSecond, 'events/s', { least: 11_000 }),
    row('batch of 1,000, half unknown, with ids', unknown.perSecond, 'events/s', { least: 9_000 }),
  ]
}

async function run(
  ingest: Ingest,
  batches: number,
  make: (number: number) => Command,
): Promise<{ perSecond: number; commands: number }> {
  const startedMs = performance.now()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < batches) {
      const first = next++ * BATCH
      await ingest.submit(unitOf(Array.from({ length: BATCH }, (_, index) => make(first + index))))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const commands = batches * BATCH
  return { commands, perSecond: (commands / (performance.now() - startedMs)) * 1000 }
}

function unitOf(commands: readonly Command[]): Unit {
  return {
    workspace: WORKSPACE,
    dialect: 'native',
    operation: 'bench',
    credential: 'bench',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    receivedAt: Date.now(),
    atomic: 'all',
    bytes: 0,
    commands,
    dropped: [],
    answer: () => ({ status: 200, body: null }),
  }
}

function commandOf(userId: string): Command {
  return { identifiers: [{ kind: 'userId', value: userId }], pointer: '', item: null, notices: [] }
}

/** Spreads numbers over the people so that neighbours in a batch are not neighbours in an index. */
function scattered(number: number): number {
  return (number * 48_271) % PEOPLE
}

function newProfile(number: number): Command {
  const values = {
    firstName: 'Ana',
    lastName: 'Silva',
    email: `p${number}@example.com`,
    plan: 'gold',
    points: 1,
  }
  return { ...commandOf(`p${number}`), attributes: { values } }
}

function existingProfile(number: number): Command {
  return { ...commandOf(`p${scattered(number)}`), attributes: { values: { plan: 'silver', points: number } } }
}

function eventOf(number: number): Command['event'] {
  return {
    name: 'Order Completed',
    occurredAt: Date.now() - (number % 30) * DAY_MS,
    properties: { Total: 39.8, Items: 3, Product: 'Givenchy Pour Homme Cologne', Category: 'Fragrance' },
  }
}

function knownEvent(number: number): Command {
  const event = eventOf(number)
  return { ...commandOf(`p${scattered(number)}`), ...(event && { event }) }
}

function unknownEvent(number: number): Command {
  const event = eventOf(number)
  return { ...commandOf(`stranger-${newUuid()}-${number}`), ...(event && { event }) }
}

function withId(command: Command): Command {
  return command.event ? { ...command, event: { ...command.event, messageId: newUuid() } } : command
}

function mixed(number: number): Command {
  return number % 3 === 0 ? existingProfile(number) : withId(knownEvent(number))
}

/** What PostgreSQL takes into the same table, with the same indexes, when nothing is decided: one COPY. */
async function measureCopy(connectionString: string): Promise<Row> {
  const client = new Client({ connectionString })
  await client.connect()
  const lines = Array.from({ length: 200_000 }, (_, number) => copyLine(number))
  const startedMs = performance.now()
  const columns =
    'workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source, properties'
  await copyRows(Readable.from(lines), client.query(copyFrom(`copy event (${columns}) from stdin`)))
  const perSecond = (lines.length / (performance.now() - startedMs)) * 1000
  await client.end()
  return row('COPY into the same table', perSecond, 'events/s')
}

function copyLine(number: number): string {
  const { name, occurredAt, properties } = eventOf(number) ?? { name: '', occurredAt: 0, properties: {} }
  const at = new Date(occurredAt).toISOString()
  const person = scattered(number)
  return `${[2, person, newUuid(), at, at, person, name, 'native', JSON.stringify(properties)].join('\t')}\n`
}
