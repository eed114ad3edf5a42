import { DAY_MS, now } from '../../lib/time.ts'
import type { Database } from '../../storage/db.ts'
import { expireDedupe } from '../../storage/dedupe.ts'
import { expireIdempotency } from '../../storage/idempotency.ts'
import { dropLedgerBefore, ensureStandingPartitions } from '../../storage/partitions.ts'
import { expireChanges, expireRejections } from '../../storage/retention.ts'
import { findWorkspaces } from '../../storage/workspaces.ts'
import { forgetEvents } from './event-retention.ts'

/**
 * Keeps an installation in shape for years: makes the partitions that will be needed, and forgets what the
 * workspaces' settings say to forget. Safe to run by several processes at once.
 * @returns whether there may be more to forget
 */
export async function maintain(db: Database): Promise<boolean> {
  await ensureStandingPartitions(db.background)
  await expireIdempotency(db.background, now())
  const workspaces = await findWorkspaces(db.background)
  let more = false
  for (const { id, settings } of workspaces) {
    await expireRejections(db.background, id, now() - settings.ledgerDays * DAY_MS)
    if (settings.changeLogDays > 0)
      await expireChanges(db.background, id, now() - settings.changeLogDays * DAY_MS)
    if (settings.dedupeDays > 0) await expireDedupe(db.background, id, now() - settings.dedupeDays * DAY_MS)
    if (await forgetEvents(db, id, settings)) more = true
  }
  const longest = Math.max(1, ...workspaces.map(({ settings }) => settings.ledgerDays))
  await dropLedgerBefore(db.background, now() - longest * DAY_MS)
  return more
}
