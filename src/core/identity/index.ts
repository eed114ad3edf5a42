/** Identity: normal forms, who holds which identifier, merging and taking a merge back. */
export { isJunkIdentifier, normalizeIdentifier, readAlias } from './normalize.ts'
export { IdentityIndex, sameIdentifier } from './identity-index.ts'
export { fillAgain, mergeProfile, unmergeProfile } from './merge.ts'
export { holdsKind, knownProfile, newProfile } from './profile-state.ts'
export type { ProfileState } from './profile-state.ts'
