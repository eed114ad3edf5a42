import { DAY_MS, now } from '../../lib/time.ts'
import type { Database } from '../../storage/db.ts'
import { expireMessages } from '../../storage/messages.ts'

/** Long enough to look into a complaint; the rows hold addresses of people. */
const KEPT_MS = 30 * DAY_MS

/** Forgets messages older than 30 days. Safe to run by several processes at once. */
export async function forgetMessages(db: Database): Promise<void> {
  await expireMessages(db.background, now() - KEPT_MS)
}
