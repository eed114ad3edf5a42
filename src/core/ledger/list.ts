import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Instant } from '../../lib/time.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findRejections } from '../../storage/rejections.ts'
import type { RejectionRow } from '../../storage/rejections.ts'

/** What to list of the ledger. `from` inclusive, `to` exclusive. */
export interface RejectionList {
  workspaceId: number
  from: Instant
  to: Instant
  dialect: string | undefined
  reason: string | undefined
  cursor: string | undefined
  limit: number
}

/** Entries of the rejections ledger, newest first. @throws CDP_QUERY_INVALID the cursor is none of this list's */
export async function listRejections(db: Database, list: RejectionList): Promise<Page<RejectionRow>> {
  const place = readPlace(list.cursor)
  const after = place && { at: place.at, rejectionId: place.id }
  const rows = await guarded(() => findRejections(db.general, { ...list, after, limit: list.limit + 1 }))
  return pageOf(
    rows,
    list.limit,
    (row) => ({ at: row.at, id: row.rejectionId }),
    (row) => row,
  )
}
