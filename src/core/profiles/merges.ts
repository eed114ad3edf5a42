import { decodeCursor } from '../../lib/cursor.ts'
import { cutPage, foreignCursor, isStoredInstant } from '../../model/page.ts'
import type { Page } from '../../model/page.ts'
import type { Workspace } from '../../model/workspace.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findMerges } from '../../storage/merges.ts'
import type { ListedMerge, MergeQuery } from '../../storage/merges.ts'
import { getProfile } from './read.ts'

/**
 * Who was merged into a profile, the last merge first; of a profile that was merged away itself, of the one that it lives on in.
 * @throws CDP_PROFILE_NOT_FOUND; CDP_QUERY_INVALID the cursor is not one of this list
 */
export async function listMerges(
  db: Database,
  workspace: Workspace,
  profileId: number,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<Page<ListedMerge>> {
  const after = readAfter(cursor)
  const { id } = await getProfile(db, workspace, profileId)
  const query = { workspaceId: workspace.id, profileId: id, after, limit: limit + 1 }
  const rows = await guarded(() => findMerges(db.general, query))
  return cutPage(rows, limit, ({ at, fromId }) => [at, fromId])
}

function readAfter(cursor: string | undefined): MergeQuery['after'] {
  if (cursor === undefined) return undefined
  const [at, fromId] = decodeCursor(cursor) ?? []
  if (isStoredInstant(at) && typeof fromId === 'number' && Number.isSafeInteger(fromId)) return { at, fromId }
  throw foreignCursor()
}
