import { DAY_MS, now } from '../../lib/time.ts'
import type { Database } from '../../storage/db.ts'
import { expireImports, expirePayloads, expireStalled } from '../../storage/import-retention.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'

/** Long enough to look into what went wrong, and to resume what failed. */
const PAYLOAD_KEPT_MS = 7 * DAY_MS

/** An upload of which nothing came for an hour has lost its process. */
const STALLED_MS = 3_600_000

/**
 * Forgets the rows of imports a week after their end, and imports with their refusals when the ledger would forget them.
 * Safe to run by several processes at once.
 */
export async function forgetImports(db: Database): Promise<void> {
  await expireStalled(db.background, now() - STALLED_MS)
  await expirePayloads(db.background, now() - PAYLOAD_KEPT_MS)
  for (const { id, settings } of await findWorkspaces(db.background))
    await expireImports(db.background, id, now() - settings.ledgerDays * DAY_MS)
}
