import type { BatchItem, BatchItemKind } from '../../storage/batch-items.ts'
import type { Queryable } from '../../storage/db.ts'
import { findEventsById } from '../../storage/events.ts'
import type { EventRow } from '../../storage/events.ts'
import { findChangesById } from '../../storage/profile-logs.ts'
import type { ChangeRow } from '../../storage/profile-logs.ts'
import { findRejectionsById } from '../../storage/rejections.ts'
import type { RejectionRow } from '../../storage/rejections.ts'

/** One thing that came in, or was refused, with all that is stored of it. */
export type LiveItem =
  | { kind: 'event'; event: EventRow }
  | { kind: 'change'; change: ChangeRow }
  | { kind: 'rejection'; rejection: RejectionRow }

/** The longest item that is shown, bytes of its JSON: somebody who watches does not read more, and every watcher gets a copy. */
const ITEM_BYTES_MAX = 256 * 1024

/**
 * Reads what items stand for, one statement a kind.
 * @returns by the items' ids; one whose row is gone (deleted since), or too long to be shown, is missing
 */
export async function readItems(
  db: Queryable,
  workspaceId: number,
  items: readonly BatchItem[],
): Promise<Map<string, LiveItem>> {
  const of = (kind: BatchItemKind): BatchItem[] => items.filter((item) => item.kind === kind)
  const [events, changes, rejections] = await Promise.all([
    findEventsById(db, workspaceId, of('event'), ITEM_BYTES_MAX),
    findChangesById(db, workspaceId, of('change'), ITEM_BYTES_MAX),
    findRejectionsById(
      db,
      workspaceId,
      of('rejection').map(({ id }) => id),
    ),
  ])
  return new Map<string, LiveItem>([
    ...events.map((event) => [event.eventId, { kind: 'event', event }] as const),
    ...changes.map((change) => [change.changeId, { kind: 'change', change }] as const),
    ...rejections.map((rejection) => [rejection.rejectionId, { kind: 'rejection', rejection }] as const),
  ])
}
