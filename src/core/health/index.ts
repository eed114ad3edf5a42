/** Whether the installation can serve, and what keeps its background work going. */
import { now } from '../../lib/time.ts'
import type { Database } from '../../storage/db.ts'
import { isMigrated } from '../../storage/migrate.ts'
import { freeStrayWaits } from '../../storage/stray-waits.ts'

/** What readiness depends on, each with its verdict. */
export interface Readiness {
  ready: boolean
  checks: { database: boolean; migrations: boolean; queue: boolean }
}

/** Asks the database; `queueOpen` tells whether the ingest queue still takes commands. */
export async function checkReadiness(db: Database, queueOpen: boolean): Promise<Readiness> {
  const migrations = await isMigrated(db).catch(() => undefined)
  const checks = { database: migrations !== undefined, migrations: migrations === true, queue: queueOpen }
  return { ready: checks.database && checks.migrations && checks.queue, checks }
}

/** After the clock was set back, frees the background work that waits for the time it showed before. */
export async function mendClockSteps(db: Database): Promise<void> {
  await freeStrayWaits(db.background, now())
}
