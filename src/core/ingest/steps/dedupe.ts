import type { Work } from '../flush.ts'
import { hashKey } from '../flush.ts'

/** Ends a command whose event is stored already: the first one stored wins, whatever time the retry carries. */
export function dedupe(work: Work): void {
  const { dedupeKey, unit } = work.prepared
  const stored = dedupeKey && work.flush.dedupe.get(hashKey(unit.workspace.id, dedupeKey))
  if (stored)
    work.result = { ok: true, profileId: stored.profileId, eventId: stored.eventId, duplicate: true }
}
