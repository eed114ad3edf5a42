import { newUuid } from '../../../lib/ids.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Work } from '../flush.ts'
import { profileOf, reject } from '../flush.ts'

/** Ends the command: its drops for the ledger, a row of the change log when it changed something, its result. */
export function recordChange(work: Work): void {
  const profile = profileOf(work)
  for (const { reason, pointer } of work.prepared.notices) reject(work, reason, pointer)
  if (Object.keys(work.diff).length > 0) recordDiff(work, profile, work.diff)
  const event = work.eventId === undefined ? {} : { eventId: work.eventId }
  const version = profile.loaded ? { version: profile.readVersion + (profile.changed ? 1 : 0) } : {}
  const assigned = work.assignedAt === undefined ? {} : { assignedAt: work.assignedAt }
  work.result = { ok: true, profileId: profile.id, ...event, ...version, ...assigned, duplicate: false }
}

/** Writes down what the command changed on a profile: its own, or one that it took something from. */
export function recordDiff(
  { flush, prepared: { unit } }: Work,
  profile: ProfileState,
  diff: Work['diff'],
): void {
  profile.changed = true
  flush.out.changes.push({
    workspaceId: profile.workspaceId,
    profileId: profile.id,
    changeId: newUuid(),
    at: unit.receivedAt,
    dialect: unit.dialect,
    credential: unit.credential,
    traceId: unit.traceId,
    diff,
  })
}
