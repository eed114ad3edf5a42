import type { Work } from '../flush.ts'
import { hashKey } from '../flush.ts'

/** Ends a command whose event is stored already and stays: the first one wins, whatever time the retry carries. */
export function dedupe(work: Work): void {
  const { dedupeKey, unit, command } = work.prepared
  const { onDuplicate = 'keep' } = command.event ?? {}
  if (!dedupeKey || onDuplicate !== 'keep') return
  const stored = work.flush.dedupe.get(hashKey(unit.workspace.id, dedupeKey))
  if (stored)
    work.result = { ok: true, profileId: stored.profileId, eventId: stored.eventId, duplicate: true }
}
