import type { Identifier } from '../../../model/identity.ts'
import { normalizeIdentifier, sameIdentifier } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Work } from '../flush.ts'
import { loadedProfileOf, refuse } from '../flush.ts'

/**
 * Ends a command that names another e-mail than its profile has, once this write has given the profile what it gives it. An
 * e-mail in another spelling is the same one; a profile without an e-mail has none that could be named.
 */
export function checkEmail(work: Work): void {
  const { profileEmail } = work.prepared.command
  if (profileEmail === undefined) return
  const profile = loadedProfileOf(work)
  const named = emailOf(work, profileEmail.value)
  if (
    named &&
    [...profile.identifiers, ...attributeOf(work, profile)].some((own) => sameIdentifier(own, named))
  )
    return
  refuse(work, 'CDP_BODY_INVALID', profileEmail.pointer, 'must be the e-mail of the profile')
}

function attributeOf(work: Work, { attributes }: ProfileState): Identifier[] {
  const email = typeof attributes['email'] === 'string' ? emailOf(work, attributes['email']) : undefined
  return email ? [email] : []
}

function emailOf({ prepared }: Work, value: string): Identifier | undefined {
  const normalized = normalizeIdentifier({ kind: 'email', value }, prepared.unit.workspace.settings)
  return normalized.outcome === 'usable' ? normalized.identifier : undefined
}
