import type { Instant } from '../../lib/time.ts'
import { pageOf, readPlace } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findChanges } from '../../storage/profile-logs.ts'
import type { ChangeRow } from '../../storage/profile-logs.ts'
import { profileIdsOf } from './read.ts'

/** Which part of a change log; `to` is exclusive. */
export interface ChangeQuery {
  from: Instant
  to: Instant
  cursor: string | undefined
  limit: number
}

/**
 * The changes of a profile and of those merged into it, newest first.
 * @throws CDP_PROFILE_NOT_FOUND; CDP_QUERY_INVALID the cursor is not one of this list
 */
export async function listChanges(
  db: Database,
  workspace: Workspace,
  profileId: number,
  { from, to, cursor, limit }: ChangeQuery,
): Promise<Page<ChangeRow>> {
  const after = readPlace(cursor)
  const profileIds = await profileIdsOf(db, workspace, profileId)
  const query = { workspaceId: workspace.id, profileIds, from, to, after, limit: limit + 1 }
  const rows = await guarded(() => findChanges(db.general, query))
  const place = ({ at, changeId: id }: ChangeRow) => ({ at, id })
  return pageOf(rows, limit, place, (row) => row)
}
