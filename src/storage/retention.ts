import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

// Index rejection_at.
const deleteRejections = prepared(
  'rejection-expire',
  'delete from rejection where workspace_id = $1 and at < $2::timestamptz',
)

const deleteChanges = prepared(
  'profile-change-expire',
  'delete from profile_change where workspace_id = $1 and at < $2::timestamptz',
)

/** Forgets entries of one workspace's ledger; partitions older than every workspace's are dropped whole. */
export async function expireRejections(db: Queryable, workspaceId: number, before: Instant): Promise<void> {
  await deleteRejections(db, [workspaceId, toRfc3339(before)])
}

/** Forgets rows of one workspace's change log. */
export async function expireChanges(db: Queryable, workspaceId: number, before: Instant): Promise<void> {
  await deleteChanges(db, [workspaceId, toRfc3339(before)])
}
