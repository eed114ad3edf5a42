import { jsonEquals } from '../../lib/json.ts'
import type { Json } from '../../lib/json.ts'
import type { Instant } from '../../lib/time.ts'
import { IDENTIFIER_KINDS } from '../../model/identity.ts'
import type { HeldIdentifier } from '../../model/identity.ts'
import type { MergeRow } from '../../storage/merges.ts'
import type { IdentityIndex } from './identity-index.ts'
import { holdsKind } from './profile-state.ts'
import type { ProfileState } from './profile-state.ts'

/** How two profiles become one. */
export interface MergeOptions {
  /** Who asked for it. */
  by: string
  at: Instant
  /** Which attributes of the loser fill those that the winner lacks; all when left out. */
  fills?: ((name: string) => boolean) | undefined
}

/**
 * Merges `loser` into `winner`: every identifier of the loser then leads to the winner. The winner's values
 * stay; only what it lacks is filled. Both must be loaded.
 * @returns the record that takes the merge back
 */
export function mergeProfile(
  index: IdentityIndex,
  loser: ProfileState,
  winner: ProfileState,
  { by, at, fills = () => true }: MergeOptions,
): MergeRow {
  const offered = Object.entries(loser.attributes).filter(([name]) => fills(name))
  const filled = missingIn(winner.attributes, Object.fromEntries(offered))
  const undo = {
    attributes: { ...loser.attributes },
    identifiers: loser.identifiers.map((identifier) => ({ ...identifier })),
    createdAt: loser.createdAt,
    version: loser.readVersion,
    filled,
  }
  for (const held of loser.identifiers.slice()) index.move(loser, winner, held, isPrimaryFor(winner, held))
  winner.attributes = { ...winner.attributes, ...filled }
  winner.changed = true
  loser.mergedInto = winner
  return {
    workspaceId: winner.workspaceId,
    fromId: loser.id,
    toId: winner.id,
    intoId: winner.id,
    at,
    by,
    undo,
  }
}

/** The survivor's own identifier stays the one that dialects show; it takes over one only where it has none. */
function isPrimaryFor(winner: ProfileState, held: HeldIdentifier): boolean {
  return held.isPrimary && (IDENTIFIER_KINDS[held.kind].many ? false : !holdsKind(winner, held.kind))
}

function missingIn(present: Record<string, Json>, offered: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(offered).filter(([name]) => !Object.hasOwn(present, name)))
}

/**
 * Takes a merge back: `loser` becomes what it was, with those of its identifiers that the winner still holds or
 * nobody holds; what the winner got from it and nobody changed since is taken out of the winner.
 */
export function unmergeProfile(
  index: IdentityIndex,
  merge: MergeRow,
  winner: ProfileState,
  loser: ProfileState,
): void {
  const { attributes, identifiers, filled } = merge.undo
  loser.attributes = { ...attributes }
  loser.changed = true
  const kept = Object.entries(winner.attributes).filter(
    ([name, value]) => !Object.hasOwn(filled, name) || !jsonEquals(filled[name], value),
  )
  winner.attributes = Object.fromEntries(kept)
  winner.changed = true
  for (const identifier of identifiers) giveBack(index, winner, loser, identifier)
}

/**
 * After a merge was taken back, what the winner lost with it may be offered by profiles that are still merged in:
 * the first one that has it fills it now, as it would have done without the merge that is gone.
 * @param merges those that were merged into the winner itself, in the order they happened
 * @returns the merges whose record changed
 */
export function fillAgain(
  winner: ProfileState,
  lost: readonly string[],
  merges: readonly MergeRow[],
): MergeRow[] {
  const changed = new Map<number, MergeRow>()
  for (const name of lost) {
    const merge = merges.find(({ undo }) => Object.hasOwn(undo.attributes, name))
    const value = merge?.undo.attributes[name]
    if (!merge || value === undefined || Object.hasOwn(winner.attributes, name)) continue
    winner.attributes = Object.fromEntries([...Object.entries(winner.attributes), [name, value]])
    const { undo } = changed.get(merge.fromId) ?? merge
    const filled = Object.fromEntries([...Object.entries(undo.filled), [name, value]])
    changed.set(merge.fromId, { ...merge, undo: { ...undo, filled } })
  }
  return [...changed.values()]
}

function giveBack(
  index: IdentityIndex,
  winner: ProfileState,
  loser: ProfileState,
  identifier: HeldIdentifier,
): void {
  const holder = index.holder(loser.workspaceId, identifier)
  const held = winner.identifiers.find(
    (other) => other.kind === identifier.kind && other.value === identifier.value,
  )
  if (holder === winner && held) index.move(winner, loser, held, identifier.isPrimary)
  else if (!holder) index.bind(loser, identifier, identifier.source, identifier.firstSeenAt)
}
