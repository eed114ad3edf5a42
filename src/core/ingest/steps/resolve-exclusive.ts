import { holdsKind, mergeProfile, sameIdentifier } from '../../identity/index.ts'
import type { ProfileState } from '../../identity/index.ts'
import type { Identifier } from '../../../model/identity.ts'
import type { Work } from '../flush.ts'
import { ignore, reject } from '../flush.ts'
import { addressedProfile, createProfile } from './target-profile.ts'

/** Kinds that identify a person for good; two profiles that each hold one of these are two people. */
const PERSONAL: readonly Identifier['kind'][] = ['userId', 'email']

/**
 * The rule of a sender that names all identifiers of one person in a write: the profile that it leads to takes them
 * over. An anonymous profile that turns out to be a known person joins that one; any other clash between two
 * profiles changes nothing, and the ledger says so.
 */
export function resolveExclusive(work: Work): void {
  const claims = claimsOf(work)
  const addressed = addressedProfile(work) ?? holderOf(work, claims, 'uuid')
  const found = addressed ?? known(work, claims)
  const target = found ?? createProfile(work)
  if (!target) return
  work.profile = target
  const others = new Set(
    claims.filter(({ kind }) => PERSONAL.includes(kind)).map((claim) => holder(work, claim)),
  )
  others.delete(undefined)
  others.delete(target)
  const [other] = others
  if (!found || other === undefined) return takeOver(work, target, claims)
  if (others.size > 1 || !addressed || !isAnonymous(target)) return ignore(work, 'identity_conflict')
  joinProfile(work, target, other)
  takeOver(work, other, claims)
}

function claimsOf({ prepared }: Work): Identifier[] {
  const { resolvers, email } = prepared
  const isNamed = resolvers.some((identifier) => email && sameIdentifier(identifier, email))
  return email && !isNamed ? [...resolvers, email] : [...resolvers]
}

function holder(work: Work, claim: Identifier): ProfileState | undefined {
  return work.flush.index.holder(work.prepared.unit.workspace.id, claim)
}

function holderOf(
  work: Work,
  claims: readonly Identifier[],
  kind: Identifier['kind'],
): ProfileState | undefined {
  return claims
    .filter((claim) => claim.kind === kind)
    .map((claim) => holder(work, claim))
    .find((found) => found !== undefined)
}

/**
 * The profile of the first known claim. An e-mail does not lead to somebody with another userId: who holds it keeps
 * it, and two userIds never become one by a contact.
 */
function known(work: Work, claims: readonly Identifier[]): ProfileState | undefined {
  const namesUser = claims.some(({ kind }) => kind === 'userId')
  const byUser = holderOf(work, claims, 'userId')
  const others = claims.map((claim) => holder(work, claim)).find((found) => found !== undefined)
  return byUser ?? (namesUser && others && holdsKind(others, 'userId') ? undefined : others)
}

function isAnonymous(profile: ProfileState): boolean {
  return !holdsKind(profile, 'email') && typeof profile.attributes['email'] !== 'string'
}

/** The anonymous profile becomes part of the person that it turned out to be. */
function joinProfile(work: Work, anonymous: ProfileState, person: ProfileState): void {
  const { flush, prepared } = work
  const { credential, receivedAt } = prepared.unit
  const merge = mergeProfile(flush.index, anonymous, person, { by: credential, at: receivedAt })
  flush.out.merges.push(merge)
  for (const [name, value] of Object.entries(merge.undo.filled)) work.diff[name] = [null, value]
  work.profile = person
}

function takeOver(work: Work, profile: ProfileState, claims: readonly Identifier[]): void {
  const { unit, command } = work.prepared
  const { index } = work.flush
  for (const claim of claims) {
    const held = holder(work, claim)
    if (held === undefined) index.bind(profile, claim, unit.dialect, unit.receivedAt)
    else if (held === profile) index.promote(profile, claim)
    else reject(work, claim.kind === 'email' ? 'contact_held' : 'identifier_held', command.pointer)
  }
}
