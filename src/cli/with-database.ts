import type { Logger } from 'pino'
import type { ServerConfig } from '../config.ts'
import { openInstallation } from '../installation.ts'
import type { Database } from '../storage/db.ts'

/** Runs `work` on the installation's database, beside a running server or without one, and closes what it opened. */
export async function withDatabase(
  config: ServerConfig,
  logger: Logger,
  work: (db: Database) => Promise<void>,
): Promise<void> {
  const installation = await openInstallation(config, 'guest', logger)
  try {
    await work(installation.db)
  } finally {
    await installation.close()
  }
}
