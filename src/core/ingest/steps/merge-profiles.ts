import { holdsKind, mergeProfile, sameIdentifier } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Identifier } from '../../../model/identity.ts'
import type { Work } from '../flush.ts'
import { loadedProfileOf, reject } from '../flush.ts'

/**
 * Settles the e-mail and the phone number that a write names beside its identifiers. Nobody holds one: the profile does from now
 * on. A profile without a userId holds it and the write names a userId: that profile is adopted. Anyone else keeps it, and
 * the writer stores the attribute only: two userIds are never merged by a contact.
 */
export function mergeProfiles(work: Work): void {
  const { email, phone, command } = work.prepared
  if (email === null) work.flush.index.freePrimary(loadedProfileOf(work), { kind: 'email' })
  if (command.identityRule === 'exclusive') return
  const { pointer, contactPointers: places } = command
  if (email) settleContact(work, email, places?.email ?? `${pointer}/email`)
  if (phone) settleContact(work, phone, places?.phone ?? `${pointer}/phone`)
}

function settleContact(work: Work, contact: Identifier, pointer: string): void {
  const { unit } = work.prepared
  const profile = loadedProfileOf(work)
  const { index } = work.flush
  const holder = index.holder(profile.workspaceId, contact)
  if (holder === undefined) index.bind(profile, contact, unit.dialect, unit.receivedAt)
  else if (holder === profile) index.promote(profile, contact)
  else if (mayAdopt(work, holder)) adopt(work, profile, holder, contact)
  else reject(work, 'contact_held', pointer)
}

function mayAdopt(work: Work, holder: ProfileState): boolean {
  return work.prepared.resolvers.some(({ kind }) => kind === 'userId') && !holdsKind(holder, 'userId')
}

function adopt(work: Work, profile: ProfileState, holder: ProfileState, contact: Identifier): void {
  const { flush, prepared } = work
  const merge = mergeProfile(flush.index, holder, profile, {
    by: prepared.unit.credential,
    at: prepared.unit.receivedAt,
  })
  flush.out.merges.push(merge)
  for (const [name, value] of Object.entries(merge.undo.filled)) work.diff[name] = [null, value]
  if (profile.identifiers.some((held) => sameIdentifier(held, contact))) flush.index.promote(profile, contact)
}
