import type { Json } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import type { HeldIdentifier } from '../../model/identity.ts'

/**
 * One profile while a transaction decides about it: as it was read, and as it will be written.
 * A state that is not `loaded` is only known by id: events may be appended to it, nothing else.
 */
export interface ProfileState {
  readonly workspaceId: number
  readonly id: number
  /** 0 while the profile is not stored. */
  readonly readVersion: number
  readonly loaded: boolean
  readonly createdAt: Instant
  attributes: Record<string, Json>
  identifiers: HeldIdentifier[]
  /** Whether its row must be written. */
  changed: boolean
  /** Set when this transaction merged it away. */
  mergedInto: ProfileState | undefined
}

/** A profile that is not stored yet. */
export function newProfile(workspaceId: number, id: number, createdAt: Instant): ProfileState {
  return {
    workspaceId,
    id,
    readVersion: 0,
    loaded: true,
    createdAt,
    attributes: {},
    identifiers: [],
    changed: true,
    mergedInto: undefined,
  }
}

/** A stored profile of which only the id is needed. */
export function knownProfile(workspaceId: number, id: number): ProfileState {
  return { ...newProfile(workspaceId, id, 0), loaded: false, changed: false, readVersion: -1 }
}

/** Whether the profile holds an identifier of this kind. */
export function holdsKind(profile: ProfileState, kind: HeldIdentifier['kind']): boolean {
  return profile.identifiers.some((identifier) => identifier.kind === kind)
}
