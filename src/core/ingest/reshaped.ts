import type { IdentifierChanges } from '../../storage/identifiers.ts'
import type { ProfileChanges } from '../../storage/profiles.ts'
import type { Flush } from './flush.ts'

/** What a flush does to profiles that neither an event nor the change log tells. */
export interface Reshaping {
  profiles: ProfileChanges
  identifiers: IdentifierChanges
}

/**
 * Profiles of which more may be different after a flush than its events and its change log tell, by workspace: followers look
 * at everything of these. The id may be one that was merged away.
 */
export function reshapedProfiles(
  flush: Flush,
  { profiles, identifiers }: Reshaping,
): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>()
  const add = ({ workspaceId, profileId }: { workspaceId: number; profileId: number }): void => {
    const own = found.get(workspaceId) ?? new Set<number>()
    found.set(workspaceId, own.add(profileId))
  }
  const { out, devices } = flush
  const sets = [profiles.inserted, profiles.deleted, identifiers.inserted, identifiers.moved]
  for (const rows of sets) for (const row of rows) add(row)
  for (const { workspaceId, heldBy: profileId } of [...identifiers.moved, ...identifiers.deleted])
    add({ workspaceId, profileId })
  for (const { workspaceId, toId: profileId } of out.merges) add({ workspaceId, profileId })
  for (const rows of [out.companies, out.relations, out.deleted]) for (const row of rows) add(row)
  // It may have had another name.
  for (const row of out.replaced.values()) add(row)
  // Also whoever had the device before: what is known of it goes along.
  if (out.devices.size > 0) for (const row of [...out.devices.values(), ...devices.stored]) add(row)
  return found
}
