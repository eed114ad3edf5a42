import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { toRfc3339 } from '../../src/lib/time.ts'
import { row } from '../rows.ts'
import type { Row } from '../rows.ts'
import { MAIN, NODE_OPTIONS, peakMib } from '../server-process.ts'
import type { LargeDatabase } from './seed.ts'
import { WORKSPACE } from './people.ts'

/** How often the memory of the process is looked at, milliseconds. */
const SAMPLE_EVERY_MS = 20

/**
 * Every profile with everything that there is, written by `tributary export` with nothing else in its process: the memory is
 * the whole of it, as the operating system counts it. The time is from its start to its end.
 */
export async function benchExport(large: LargeDatabase): Promise<Row[]> {
  await declareWorkspace(large)
  const folder = mkdtempSync(join(tmpdir(), 'tributary-export-'))
  try {
    const file = join(folder, 'profiles.ndjson')
    const startedMs = performance.now()
    const mib = await runExport(large.connectionString, folder, file)
    const seconds = (performance.now() - startedMs) / 1_000
    const name = `tributary export of ${large.scale.profiles.toLocaleString('en-US')} profiles as ndjson`
    return [
      row(name, large.scale.profiles / seconds, 'rows/s', { least: 50_000 }),
      row(`${name}, written`, statSync(file).size / 2 ** 20 / seconds, 'MiB/s'),
      row(`${name}, memory of the process`, mib, 'MiB', { most: 200 }),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The command names a workspace; what is measured by SQL needs none. */
async function declareWorkspace({ db }: LargeDatabase): Promise<void> {
  const { id, guid, name, settings } = WORKSPACE
  await db.background.query(
    `insert into workspace (workspace_id, guid, name, settings, managed_by, created_at)
     values ($1, $2, $3, $4, 'start', $5) on conflict do nothing`,
    [id, guid, name, settings, toRfc3339(Date.now())],
  )
}

/** @returns the most memory that the process had, MiB */
async function runExport(databaseUrl: string, dataDir: string, file: string): Promise<number> {
  const command = [MAIN.pathname, 'export', file, '--workspace', WORKSPACE.name]
  const env = { ...process.env, DATABASE_URL: databaseUrl, TRIBUTARY_DATA_DIR: dataDir }
  const child = spawn(process.execPath, [...NODE_OPTIONS, ...command], { env, stdio: 'inherit' })
  const ended = once(child, 'exit')
  let mib = 0
  while (child.exitCode === null && child.signalCode === null) {
    mib = Math.max(mib, peakMib(child.pid ?? 0) ?? 0)
    await Promise.race([ended, delay(SAMPLE_EVERY_MS)])
  }
  if (child.exitCode !== 0)
    throw new Error(`tributary export ended with ${child.exitCode ?? child.signalCode}`)
  return mib
}
