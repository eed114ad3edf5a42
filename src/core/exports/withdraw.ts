import type { Transaction } from '../../storage/db.ts'
import { restartExports, withdrawExports } from '../../storage/exports/parts.ts'
import { removeFiles } from './files.ts'

/**
 * Deletes the exports that hold any of these profiles, with their files, and begins anew what is being written. The data of the
 * profiles must be gone. A transaction that fails may leave an export without its file: it must be tried until it does not.
 * @returns the ids of exports that were deleted
 */
export async function withdrawExportsOf(
  tx: Transaction,
  folder: string,
  { workspaceId, profileIds }: { workspaceId: number; profileIds: readonly number[] },
): Promise<number[]> {
  await restartExports(tx, workspaceId)
  const ids = await withdrawExports(tx, workspaceId, profileIds)
  await removeFiles(
    folder,
    ids.map((exportId) => ({ workspaceId, exportId })),
  )
  return ids
}
