import { DAY_MS, now } from '../../lib/time.ts'
import type { Database } from '../../storage/db.ts'
import {
  deleteExports,
  expireExports,
  expireExportsBefore,
  expireExportsExcept,
} from '../../storage/exports/retention.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'
import { findClaims, sweepFiles } from './files.ts'

/**
 * Ends exports whose time is over, deletes files that belong to nothing, and forgets exports when the ledger would forget them.
 * Safe to run by several processes at once.
 * @param folder where the files are
 */
export async function forgetExports(db: Database, folder: string): Promise<void> {
  const workspaces = await findWorkspaces(db.background)
  await expireExports(db.background, now())
  // A time that was made shorter holds for what is written already.
  for (const { id, settings } of workspaces)
    await expireExportsBefore(db.background, id, now() - settings.exportDays * DAY_MS)
  await sweepFiles(db.background, folder)
  for (const { id, settings } of workspaces)
    await deleteExports(db.background, id, now() - settings.ledgerDays * DAY_MS)
}

/**
 * Ends the exports whose files are not here: a backup of the database has none of them.
 * @returns how many
 */
export async function expireLostExports(db: Database, folder: string): Promise<number> {
  return expireExportsExcept(db.background, await findClaims(folder))
}
