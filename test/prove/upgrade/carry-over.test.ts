import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackupTable } from '../../../src/model/backup.ts'
import { openDatabase } from '../../../src/storage/db.ts'
import { migrate } from '../../../src/storage/migrate.ts'
import { openBackupFolder } from '../../setup/backups.ts'
import type { BackupFolder } from '../../setup/backups.ts'
import { Sandbox, query, stop } from '../../system/embedded-harness.ts'
import { note } from '../figures.ts'
import { SCALE, amount } from '../scale.ts'

const EVENTS = amount({ short: 500, full: 50_000, long: 1_000_000 })

/** Lines of the log, each behind a step: a kill there is a kill between two steps. */
const STEPS = [
  'The data is of an older PostgreSQL',
  'The new cluster is made',
  'The old PostgreSQL runs',
  'The new PostgreSQL runs beside it',
  'A table is copied',
  'Everything is copied and compared',
  'The new cluster is whole',
  'The old cluster is put aside',
  'The data is carried over',
  'PostgreSQL is ready',
] as const

const isFull = SCALE !== 'short'

/** In `npm test` only the one in the middle of the swap, when neither cluster is in its place. */
const steps = isFull ? STEPS : (['The old cluster is put aside'] as const)

let folder: BackupFolder
let older: Sandbox
let kills = 0
let wanted: readonly BackupTable[]

/** Makes a data directory of PostgreSQL 17 with a migrated database, events and a ledger. */
beforeAll(async () => {
  folder = await openBackupFolder()
  older = await Sandbox.create()
  const { driver, opened } = await older.open({ enginePackage: 'pg17' })
  const db = openDatabase({ connectionString: opened.connectionString, onIdleError: () => undefined })
  await migrate(db)
  await db.close()
  await query(
    opened.connectionString,
    `insert into event (workspace_id, profile_id, event_id, occurred_at, received_at, origin_profile_id, name, source, properties)
     select 1, n % 97, gen_random_uuid(), date_trunc('month', now()) + n * interval '1 second', now(), n % 97, 'E', 's',
            jsonb_build_object('n', n)
       from generate_series(1, ${EVENTS}) n`,
  )
  await query(
    opened.connectionString,
    `insert into counter select n, 'd', 'c', n from generate_series(1, 100) n`,
  )
  wanted = await contentOf(opened.connectionString)
  await stop(driver)
})

afterAll(async () => {
  const what = 'kills while PostgreSQL 17 was carried over to 18, nothing lost'
  note({ proof: 'upgrade', what, value: kills, unit: 'kills' })
  await Promise.all([folder.remove(), older.destroy()])
})

async function contentOf(connectionString: string): Promise<readonly BackupTable[]> {
  const { manifest } = await folder.backUp({ connectionString })
  return manifest.tables
}

async function clustersIn(dataDir: string): Promise<Record<string, string>> {
  const names = (await readdir(dataDir)).filter((name) => /^pg(-17|-ready)?$/.test(name))
  const majors = names.map(async (name) => [
    name,
    (await readFile(join(dataDir, name, 'PG_VERSION'), 'utf8')).trim(),
  ])
  return Object.fromEntries(await Promise.all(majors)) as Record<string, string>
}

/** Runs `use` on a copy of that directory. */
async function onCopy(use: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const sandbox = await Sandbox.create()
  try {
    await mkdir(sandbox.dataDir, { mode: 0o700 })
    await cp(older.dataDir, sandbox.dataDir, {
      recursive: true,
      filter: (path) => !path.endsWith('.sock'),
      verbatimSymlinks: true,
    })
    await use(sandbox)
  } finally {
    await sandbox.destroy()
  }
}

async function dieAt(sandbox: Sandbox, step: string): Promise<void> {
  const { child } = sandbox.launch({ dieAt: step })
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  expect([step, signal]).toEqual([step, 'SIGKILL'])
  kills++
}

describe('carrying a data directory of PostgreSQL 17 over to 18', () => {
  test.each(steps)('goes on or begins anew after a kill behind "%s", and loses nothing', async (step) => {
    await onCopy(async (sandbox) => {
      await dieAt(sandbox, step)
      const left = await clustersIn(sandbox.dataDir)
      // The old one or the new one is in its place, or the new one is whole beside it.
      expect(left['pg'] ?? left['pg-ready']).toMatch(/^1[78]$/)
      if (left['pg'] === undefined) expect(left).toEqual({ 'pg-17': '17', 'pg-ready': '18' })
      // A guest does it as well as an owner.
      const { driver, opened } = await sandbox.open({
        role: step === 'A table is copied' ? 'guest' : 'owner',
      })
      expect(await contentOf(opened.connectionString)).toEqual(wanted)
      await stop(driver)
      expect(await clustersIn(sandbox.dataDir)).toEqual({ pg: '18', 'pg-17': '17' })
    })
  })

  test.runIf(isFull)(
    'begins anew when the release before has written since a carry-over was killed',
    async () => {
      await onCopy(async (sandbox) => {
        await dieAt(sandbox, 'The new cluster is whole')
        const back = await sandbox.open({ enginePackage: 'pg17' })
        await query(back.opened.connectionString, `insert into counter values (0, 'd', 'c', 42)`)
        await stop(back.driver)
        const startedAt = performance.now()
        const { driver, opened } = await sandbox.open()
        const seconds = (performance.now() - startedAt) / 1_000
        expect(
          await query(opened.connectionString, 'select value::int from counter where workspace_id = 0'),
        ).toEqual([{ value: 42 }])
        await stop(driver)
        note({
          proof: 'upgrade',
          what: `carrying ${EVENTS.toLocaleString('en-US')} events over, start to start`,
          value: Math.round(seconds * 10) / 10,
          unit: 's',
        })
      })
    },
  )

  test.runIf(isFull)(
    'is refused, and makes no empty database, for the release before once the new cluster is whole',
    async () => {
      await onCopy(async (sandbox) => {
        await dieAt(sandbox, 'The old cluster is put aside')
        await rm(join(sandbox.dataDir, 'engine'), { recursive: true })
        const { child, events } = sandbox.launch({ enginePackage: 'pg17' })
        await once(child, 'exit')
        expect(events.find(({ event }) => event === 'error')).toMatchObject({ code: 'CDP_DATA_DIR_VERSION' })
        expect(await clustersIn(sandbox.dataDir)).toEqual({ pg: '18', 'pg-17': '17' })
      })
    },
  )
})
