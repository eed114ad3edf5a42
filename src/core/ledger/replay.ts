import { isUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { WHOLE_ITEM_REASONS } from '../../model/command.ts'
import { guarded } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { findRejectionsById, saveReplayed } from '../../storage/rejections.ts'
import type { RejectionRow } from '../../storage/rejections.ts'

/**
 * Has an entry's item sent again, and notes that it was.
 * @param send stores the item or throws; called again for the same entry it must not store it twice
 * @throws CDP_REJECTION_NOT_FOUND; CDP_REJECTION_NOT_REPLAYABLE it was sent again already, or its item is stored
 */
export async function replayRejection<T>(
  db: Database,
  workspaceId: number,
  rejectionId: string,
  send: (row: RejectionRow) => Promise<T>,
): Promise<T> {
  if (!isUuid(rejectionId)) throw new CdpError('CDP_REJECTION_NOT_FOUND')
  const [row] = await guarded(() => findRejectionsById(db.general, workspaceId, [rejectionId]))
  if (!row) throw new CdpError('CDP_REJECTION_NOT_FOUND')
  assertReplayable(row)
  const result = await send(row)
  await guarded(() => saveReplayed(db.general, workspaceId, rejectionId, now()))
  return result
}

function assertReplayable({ reason, replayedAt, occurrences, item }: RejectionRow): void {
  const detail =
    replayedAt !== undefined
      ? 'It was sent again already.'
      : occurrences > 1
        ? 'It stands for many items that were only counted.'
        : item === undefined
          ? 'Nothing is kept of its item: whom it was about was erased.'
          : WHOLE_ITEM_REASONS.has(reason)
            ? undefined
            : 'The rest of its item is stored; send what was dropped as a new write.'
  if (detail !== undefined) throw new CdpError('CDP_REJECTION_NOT_REPLAYABLE', { detail })
}
