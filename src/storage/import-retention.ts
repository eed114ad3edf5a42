import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

// Index import_payload.
const deletePayloads = prepared(
  'import-payload-expire',
  `with old as (
     update import set has_payload = false where has_payload and ended_at < $1::timestamptz
     returning workspace_id, import_id)
   delete from import_chunk c using old where c.workspace_id = old.workspace_id and c.import_id = old.import_id`,
)

/** Forgets the rows of imports of every workspace that ended before. */
export async function expirePayloads(db: Queryable, before: Instant): Promise<void> {
  await deletePayloads(db, [toRfc3339(before)])
}

// Index import_due.
const deleteStalled = prepared(
  'import-stalled-expire',
  `with stalled as (
     delete from import where state = 'receiving' and next_attempt_at < $1::timestamptz
     returning workspace_id, import_id)
   delete from import_chunk c using stalled
    where c.workspace_id = stalled.workspace_id and c.import_id = stalled.import_id`,
)

/** Forgets uploads of every workspace of which nothing came since. */
export async function expireStalled(db: Queryable, before: Instant): Promise<void> {
  await deleteStalled(db, [toRfc3339(before)])
}

// Index import_ended.
const deleteEnded = prepared(
  'import-expire',
  `with old as (
     delete from import where workspace_id = $1 and ended_at < $2::timestamptz returning import_id),
   parts as (
     delete from import_chunk c using old where c.workspace_id = $1 and c.import_id = old.import_id)
   delete from import_refusal r using old where r.workspace_id = $1 and r.import_id = old.import_id`,
)

/** Forgets imports of one workspace that ended before, with the rows that they refused. */
export async function expireImports(db: Queryable, workspaceId: number, before: Instant): Promise<void> {
  await deleteEnded(db, [workspaceId, toRfc3339(before)])
}
