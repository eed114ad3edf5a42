import { newUuid } from '../../../lib/ids.ts'
import type { Work } from '../flush.ts'
import { profileOf, reject } from '../flush.ts'

/** Ends the command: its drops for the ledger, a row of the change log when it changed something, its result. */
export function recordChange(work: Work): void {
  const { unit } = work.prepared
  const profile = profileOf(work)
  for (const { reason, pointer } of work.prepared.notices) reject(work, reason, pointer)
  if (Object.keys(work.diff).length > 0) {
    profile.changed = true
    work.flush.out.changes.push({
      workspaceId: profile.workspaceId,
      profileId: profile.id,
      changeId: newUuid(),
      at: unit.receivedAt,
      dialect: unit.dialect,
      credential: unit.credential,
      traceId: unit.traceId,
      diff: work.diff,
    })
  }
  const event = work.eventId === undefined ? {} : { eventId: work.eventId }
  const version = profile.loaded ? { version: profile.readVersion + (profile.changed ? 1 : 0) } : {}
  const assigned = work.assignedAt === undefined ? {} : { assignedAt: work.assignedAt }
  work.result = { ok: true, profileId: profile.id, ...event, ...version, ...assigned, duplicate: false }
}
