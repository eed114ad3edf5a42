/** Whether the installation can serve. */
import type { Database } from '../../storage/db.ts'
import { isMigrated } from '../../storage/migrate.ts'

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
