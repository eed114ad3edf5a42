import type { Work } from '../flush.ts'
import { consentKey, loadedProfileOf } from '../flush.ts'

/** Records the person's answers per channel; the same answer again is no write. */
export function applyConsents(work: Work): void {
  const { command, unit } = work.prepared
  if (!command.consents) return
  const profile = loadedProfileOf(work)
  for (const { channel, state } of command.consents) {
    const key = consentKey(profile.workspaceId, profile.id, channel)
    const before = work.flush.consents.get(key)
    if (before?.state === state) continue
    const consent = { channel, state, at: unit.receivedAt, source: unit.dialect }
    work.flush.consents.set(key, consent)
    work.flush.out.consents.set(key, { ...consent, workspaceId: profile.workspaceId, profileId: profile.id })
    work.diff[`consent.${channel}`] = [before?.state ?? null, state]
  }
}
