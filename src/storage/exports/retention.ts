import { toRfc3339 } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { prepared } from '../db.ts'
import type { Queryable } from '../db.ts'
import type { ExportKey } from './tasks.ts'

// Index export_expiry.
const expireReady = prepared(
  'export-expire',
  `with old as (
     update export set state = 'expired' where state = 'ready' and expires_at <= $1::timestamptz
     returning workspace_id, export_id)
   delete from export_part p using old where p.workspace_id = old.workspace_id and p.export_id = old.export_id`,
)

/** Ends the exports of every workspace whose time is over; their files may go. */
export async function expireExports(db: Queryable, at: Instant): Promise<void> {
  await expireReady(db, [toRfc3339(at)])
}

// Index export_ended.
const expireOlder = prepared(
  'export-expire-older',
  `with old as (
     update export set state = 'expired'
      where workspace_id = $1 and state = 'ready' and ended_at < $2::timestamptz
     returning workspace_id, export_id)
   delete from export_part p using old where p.workspace_id = old.workspace_id and p.export_id = old.export_id`,
)

/** Ends the exports of a workspace whose files were written before; their files may go. */
export async function expireExportsBefore(
  db: Queryable,
  workspaceId: number,
  before: Instant,
): Promise<void> {
  await expireOlder(db, [workspaceId, toRfc3339(before)])
}

const expireOthers = prepared<{ export_id: number }>(
  'export-expire-others',
  `with lost as (
     update export set state = 'expired' where state = 'ready' and claim <> all($1::uuid[])
     returning workspace_id, export_id), gone as (
     delete from export_part p using lost where p.workspace_id = lost.workspace_id and p.export_id = lost.export_id)
   select export_id from lost`,
)

/** Ends every export whose file none of these runs wrote. @returns how many */
export async function expireExportsExcept(db: Queryable, claims: readonly string[]): Promise<number> {
  return (await expireOthers(db, [claims])).length
}

// Index export_ended.
const deleteEnded = prepared(
  'export-forget',
  `with old as (
     delete from export
      where workspace_id = $1 and ended_at is not null and state <> 'ready'
        and coalesce(expires_at, ended_at) < $2::timestamptz
     returning export_id)
   delete from export_part p using old where p.workspace_id = $1 and p.export_id = old.export_id`,
)

/** Forgets exports of one workspace whose file went before, or that ended without one. */
export async function deleteExports(db: Queryable, workspaceId: number, before: Instant): Promise<void> {
  await deleteEnded(db, [workspaceId, toRfc3339(before)])
}

/** An export that has, or is to have, a file. */
export interface KeptExport extends ExportKey {
  /** Of the run that writes it, or that wrote it. */
  claim: string
}

// Primary key: what there is of these ids.
const findKept = prepared<{ workspace_id: number; export_id: number; claim: string }>(
  'export-kept',
  `select e.workspace_id, e.export_id, e.claim
     from json_to_recordset($1::json) as r(w integer, e bigint)
     join export e on e.workspace_id = r.w and e.export_id = r.e
    where e.state in ('running', 'ready') and e.claim is not null`,
)

/** Those of some exports, of any workspace, whose files must stay. */
export async function findKeptExports(db: Queryable, keys: readonly ExportKey[]): Promise<KeptExport[]> {
  const rows = keys.map(({ workspaceId: w, exportId: e }) => ({ w, e }))
  const found = await findKept(db, [JSON.stringify(rows)])
  return found.map((row) => ({ workspaceId: row.workspace_id, exportId: row.export_id, claim: row.claim }))
}
