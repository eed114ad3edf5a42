import { prepared } from '../db.ts'
import type { Queryable, Transaction } from '../db.ts'
import type { ClaimedExport } from './runs.ts'
import type { ExportKey } from './tasks.ts'

/** A piece of a file that can be read by itself, and whose rows it holds. */
export interface ExportPart {
  number: number
  byteOffset: number
  bytes: number
  /** How many rows stand before it. */
  firstRow: number
  rows: number
  /** Separated by commas. */
  profileIds: string
}

// The lock waits for whoever claims the export meanwhile, and sees that claim.
const insertOne = prepared<{ number: number }>(
  'export-part-insert',
  `with mine as (
     select 1 from export where workspace_id = $1 and export_id = $2 and claim = $3 and state = 'running' for share),
   held as (select distinct id from unnest(string_to_array($9, ',')::bigint[]) as ids(id))
   insert into export_part (workspace_id, export_id, number, byte_offset, bytes, first_row, rows, first_id, last_id,
                            profile_ids)
   select $1, $2, $4, $5, $6, $7, $8, (select min(id) from held), (select max(id) from held), array(select id from held)
     from mine
   returning number`,
)

/** Notes a piece that was written. @returns false when the export is nobody's to write any more */
export async function insertPart(
  db: Queryable,
  { workspaceId, exportId, claim }: ClaimedExport,
  { number, byteOffset, bytes, firstRow, rows, profileIds }: ExportPart,
): Promise<boolean> {
  const place = [number, byteOffset, bytes, firstRow, rows]
  return (await insertOne(db, [workspaceId, exportId, claim, ...place, profileIds])).length > 0
}

// Primary key, by its first columns: an export has a part for some thousands of rows.
const findOfRows = prepared<{ byte_offset: number; bytes: number; first_row: number }>(
  'export-part-find',
  `select byte_offset, bytes, first_row from export_part
    where workspace_id = $1 and export_id = $2 and first_row < $4 and first_row + rows > $3
    order by number`,
)

/** Where rows are in a file; `from` inclusive, `to` exclusive, counted from 0. */
export async function findParts(
  db: Queryable,
  { workspaceId, exportId }: ExportKey,
  { from, to }: { from: number; to: number },
): Promise<Pick<ExportPart, 'byteOffset' | 'bytes' | 'firstRow'>[]> {
  const rows = await findOfRows(db, [workspaceId, exportId, from, to])
  return rows.map((row) => ({ byteOffset: row.byte_offset, bytes: row.bytes, firstRow: row.first_row }))
}

// Primary key, by its first column: a workspace has the exports of some days, and most parts are passed by their bounds.
const withdrawHolding = prepared<{ export_id: number }>(
  'export-withdraw',
  `with holding as (
     select distinct p.export_id from export_part p
      where p.workspace_id = $1
        and p.first_id <= (select max(id) from unnest($2::bigint[]) as ids(id))
        and p.last_id >= (select min(id) from unnest($2::bigint[]) as ids(id))
        and p.profile_ids && $2::bigint[]),
   gone as (
     delete from export e using holding h
      where e.workspace_id = $1 and e.export_id = h.export_id and e.state <> 'running' returning e.export_id),
   parts as (delete from export_part p using gone where p.workspace_id = $1 and p.export_id = gone.export_id)
   select export_id from gone`,
)

/** Deletes exports of which a file holds one of these profiles. @returns their ids */
export async function withdrawExports(
  tx: Transaction,
  workspaceId: number,
  profileIds: readonly number[],
): Promise<number[]> {
  const rows = await withdrawHolding(tx, [workspaceId, profileIds])
  return rows.map((row) => row.export_id)
}

const beginAnew = prepared(
  'export-begin-anew',
  `update export set state = 'queued', attempts = attempts - 1, claim = null, claimed_until = null
    where workspace_id = $1 and state = 'running'`,
)

/** Lets whatever is being written begin anew, from what there is after the transaction. */
export async function restartExports(tx: Transaction, workspaceId: number): Promise<void> {
  await beginAnew(tx, [workspaceId])
}
