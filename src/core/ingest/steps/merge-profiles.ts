import { holdsKind, mergeProfile, sameIdentifier } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Identifier } from '../../../model/identity.ts'
import type { Work } from '../flush.ts'
import { loadedProfileOf, reject } from '../flush.ts'

/**
 * Settles the e-mail that a write names beside its identifiers. Nobody holds it: the profile does from now on.
 * A profile without a userId holds it and the write names a userId: that profile is adopted. Anyone else keeps
 * it, and the writer stores the attribute only: two userIds are never merged by a contact.
 */
export function mergeProfiles(work: Work): void {
  const { email, command } = work.prepared
  if (email === undefined) return
  const profile = loadedProfileOf(work)
  const { index } = work.flush
  if (email === null) return index.freePrimary(profile, { kind: 'email' })
  if (command.identityRule === 'exclusive') return
  const holder = index.holder(profile.workspaceId, email)
  if (holder === undefined)
    index.bind(profile, email, work.prepared.unit.dialect, work.prepared.unit.receivedAt)
  else if (holder === profile) index.promote(profile, email)
  else if (mayAdopt(work, holder)) adopt(work, profile, holder, email)
  else reject(work, 'contact_held', `${command.pointer}/email`)
}

function mayAdopt(work: Work, holder: ProfileState): boolean {
  return work.prepared.resolvers.some(({ kind }) => kind === 'userId') && !holdsKind(holder, 'userId')
}

function adopt(work: Work, profile: ProfileState, holder: ProfileState, email: Identifier): void {
  const { flush, prepared } = work
  const merge = mergeProfile(flush.index, holder, profile, {
    by: prepared.unit.credential,
    at: prepared.unit.receivedAt,
  })
  flush.out.merges.push(merge)
  for (const [name, value] of Object.entries(merge.undo.filled)) work.diff[name] = [null, value]
  if (profile.identifiers.some((held) => sameIdentifier(held, email))) flush.index.promote(profile, email)
}
