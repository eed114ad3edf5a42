import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { from as copyFrom } from 'pg-copy-streams'
import { DAY_MS } from '../../src/lib/time.ts'
import { connect, openDatabase } from '../../src/storage/db.ts'
import type { Database } from '../../src/storage/db.ts'
import { openEmbedded } from '../../src/storage/embedded/index.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openPartitions } from '../../src/storage/partitions.ts'
import { WORKSPACE, eventLines, identifierLines, profileLines } from './people.ts'
import type { Scale } from './people.ts'

/** A database that holds what a scale says. */
export interface LargeDatabase {
  db: Database
  scale: Scale
  connectionString: string
  close(): Promise<void>
}

/** Raised when what is generated changes: a folder of another edition is made anew. */
const EDITION = 1

/** Lines that are sent at a time. */
const LINES_OF_PART = 2_000

/** Opens the large database; it is made the first time and kept in `.bench/`, which takes some minutes. */
export async function openLarge(profiles: number, events: number): Promise<LargeDatabase> {
  const folder = fileURLToPath(new URL(`../../../../.bench/large-${profiles}-${events}/`, import.meta.url))
  const noteFile = join(folder, 'seed.json')
  if (!isComplete(noteFile)) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const engine = await openEmbedded({ dataDir: join(folder, 'data'), role: 'owner' })
  const { connectionString } = engine
  const db = openDatabase({ connectionString, onIdleError: () => undefined, statementTimeoutMs: 3_600_000 })
  await migrate(db)
  const close = async (): Promise<void> => {
    await db.close()
    await engine.stop()
  }
  if (!existsSync(noteFile)) {
    const scale = { profiles, events, at: Date.now() }
    await fill(db, scale)
    writeFileSync(noteFile, JSON.stringify({ edition: EDITION, scale }))
  }
  const { scale } = JSON.parse(readFileSync(noteFile, 'utf8')) as { scale: Scale }
  return { db, scale, connectionString, close }
}

function isComplete(noteFile: string): boolean {
  return (
    existsSync(noteFile) &&
    (JSON.parse(readFileSync(noteFile, 'utf8')) as { edition: number }).edition === EDITION
  )
}

async function fill(db: Database, scale: Scale): Promise<void> {
  const partitions = await openPartitions(db.background)
  await partitions.ensureEvents(Array.from({ length: 95 }, (_, day) => scale.at - day * DAY_MS))
  await copy(
    db,
    'profile (workspace_id, profile_id, version, attributes, created_at, updated_at)',
    profileLines(scale),
  )
  await copy(
    db,
    'identifier (workspace_id, kind, value, profile_id, source, first_seen_at, is_primary)',
    identifierLines(scale),
  )
  const columns =
    'workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source, properties'
  await copy(db, `event (${columns})`, eventLines(scale))
  await db.background.query(
    `insert into counter (workspace_id, dialect, name, value) values ($1, '', 'profiles', $2)`,
    [WORKSPACE.id, scale.profiles],
  )
  for (const table of ['profile', 'identifier', 'event']) await db.background.query(`vacuum analyze ${table}`)
}

async function copy(db: Database, target: string, lines: Iterable<string>): Promise<void> {
  const startedMs = performance.now()
  const client = await connect(db.background)
  try {
    await pipeline(Readable.from(parts(lines)), client.query(copyFrom(`copy ${target} from stdin`)))
  } finally {
    client.release()
  }
  const seconds = Math.round((performance.now() - startedMs) / 1_000)
  process.stdout.write(`${target.split(' ')[0]} was filled in ${seconds} s\n`)
}

function* parts(lines: Iterable<string>): Generator<string> {
  let part: string[] = []
  for (const line of lines) {
    part.push(line)
    if (part.length < LINES_OF_PART) continue
    yield part.join('')
    part = []
  }
  yield part.join('')
}
