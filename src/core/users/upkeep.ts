import { now } from '../../lib/time.ts'
import type { Database } from '../../storage/db.ts'
import { deleteDevicesBefore } from '../../storage/second-factors.ts'
import { deleteSessions } from '../../storage/sessions.ts'

/** Deletes logins and devices whose time is over. Safe to run by several processes at once. */
export async function forgetLogins(db: Database): Promise<void> {
  await deleteSessions(db.background, now())
  await deleteDevicesBefore(db.background, now())
}
