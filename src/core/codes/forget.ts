import { DAY_MS, now } from '../../lib/time.ts'
import type { Database } from '../../storage/db.ts'
import { expireCodes } from '../../storage/one-time-codes.ts'

/** A day longer than it lives, so that who comes late is told that a link has expired. */
const KEPT_MS = DAY_MS

/** Forgets the codes whose time is over. Safe to run by several processes at once. */
export async function forgetCodes(db: Database): Promise<void> {
  await expireCodes(db.background, now() - KEPT_MS)
}
