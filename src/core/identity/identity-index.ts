import { IDENTIFIER_KINDS, identifierKey } from '../../model/identity.ts'
import type { HeldIdentifier, Identifier } from '../../model/identity.ts'
import type { IdentifierChanges, IdentifierRow } from '../../storage/identifiers.ts'
import type { ProfileState } from './profile-state.ts'

/**
 * Who holds which identifier, inside one transaction: what was read, and every change decided since.
 * Writes only the difference between the two.
 */
export class IdentityIndex {
  readonly #stored = new Map<string, IdentifierRow>()
  readonly #holders = new Map<string, ProfileState>()
  readonly #touched = new Map<string, { workspaceId: number } & Identifier>()

  /** Takes in what storage holds. `holder` must also list it among its identifiers when it is loaded. */
  read(row: IdentifierRow, holder: ProfileState): void {
    const key = keyOf(row.workspaceId, row)
    this.#stored.set(key, row)
    this.#holders.set(key, holder)
  }

  /** The living profile that holds the identifier. */
  holder(workspaceId: number, identifier: Identifier): ProfileState | undefined {
    return this.#holders.get(keyOf(workspaceId, identifier))
  }

  /**
   * Gives an identifier that nobody holds to a profile; of a kind that a profile holds once, its primary one
   * is freed first.
   */
  bind(profile: ProfileState, identifier: Identifier, source: string, at: number): void {
    if (!IDENTIFIER_KINDS[identifier.kind].many) this.freePrimary(profile, identifier)
    const held: HeldIdentifier = { ...identifier, source, firstSeenAt: at, isPrimary: true }
    if (
      IDENTIFIER_KINDS[identifier.kind].many &&
      profile.identifiers.some((other) => other.kind === identifier.kind)
    ) {
      held.isPrimary = false
    }
    profile.identifiers.push(held)
    this.#set(profile, held)
  }

  /** Makes an identifier that the profile holds its primary one, and frees the one that was. */
  promote(profile: ProfileState, identifier: Identifier): void {
    this.freePrimary(profile, identifier)
    const held = profile.identifiers.find((other) => sameIdentifier(other, identifier))
    if (!held || held.isPrimary) return
    held.isPrimary = true
    this.#set(profile, held)
  }

  /** Frees the primary identifier of this kind, unless it is `except`: nobody holds it from now on. */
  freePrimary(profile: ProfileState, except: Identifier | { kind: Identifier['kind'] }): void {
    const primary = profile.identifiers.find((other) => other.kind === except.kind && other.isPrimary)
    if (!primary || ('value' in except && sameIdentifier(primary, except))) return
    this.free(profile, primary)
  }

  /** Takes an identifier from a profile. */
  free(profile: ProfileState, identifier: Identifier): void {
    profile.changed = true
    profile.identifiers = profile.identifiers.filter((other) => !sameIdentifier(other, identifier))
    const key = keyOf(profile.workspaceId, identifier)
    this.#holders.delete(key)
    this.#touched.set(key, {
      workspaceId: profile.workspaceId,
      kind: identifier.kind,
      value: identifier.value,
    })
  }

  /** Gives a held identifier over; `isPrimary` says what it is to its new holder. */
  move(from: ProfileState, to: ProfileState, held: HeldIdentifier, isPrimary: boolean): void {
    from.identifiers = from.identifiers.filter((other) => other !== held)
    const moved = { ...held, isPrimary }
    to.identifiers.push(moved)
    this.#set(to, moved)
  }

  /**
   * A profile whose identifiers change is written under its version, so that two writers cannot give it two primary
   * ones, nor one give it an identifier while another merges it away.
   */
  #set(profile: ProfileState, held: HeldIdentifier): void {
    profile.changed = true
    const key = keyOf(profile.workspaceId, held)
    this.#holders.set(key, profile)
    this.#touched.set(key, { workspaceId: profile.workspaceId, kind: held.kind, value: held.value })
  }

  /** Puts a holder back as it was before a command that was refused. */
  restore(workspaceId: number, { kind, value }: Identifier, holder: ProfileState | undefined): void {
    const key = keyOf(workspaceId, { kind, value })
    if (holder) this.#holders.set(key, holder)
    else this.#holders.delete(key)
    this.#touched.set(key, { workspaceId, kind, value })
  }

  /** The difference to what was read. */
  changes(): IdentifierChanges {
    const inserted: IdentifierRow[] = []
    const moved: (IdentifierRow & { heldBy: number })[] = []
    const deleted: ({ workspaceId: number; heldBy: number } & Identifier)[] = []
    for (const [key, identifier] of this.#touched) {
      const stored = this.#stored.get(key)
      const row = this.#row(key, identifier)
      if (!row && stored) deleted.push({ ...identifier, heldBy: stored.profileId })
      else if (row && !stored) inserted.push(row)
      else if (row && stored && !isSameHolding(row, stored)) moved.push({ ...row, heldBy: stored.profileId })
    }
    return { inserted, moved, deleted }
  }

  #row(key: string, identifier: { workspaceId: number } & Identifier): IdentifierRow | undefined {
    const holder = this.#holders.get(key)
    const held = holder?.identifiers.find((other) => sameIdentifier(other, identifier))
    return holder && held && { ...held, workspaceId: identifier.workspaceId, profileId: holder.id }
  }
}

function isSameHolding(left: IdentifierRow, right: IdentifierRow): boolean {
  return (
    left.profileId === right.profileId &&
    left.isPrimary === right.isPrimary &&
    left.firstSeenAt === right.firstSeenAt
  )
}

/** Whether two identifiers in normal form are the same. */
export function sameIdentifier(left: Identifier, right: Identifier): boolean {
  return left.kind === right.kind && left.value === right.value
}

function keyOf(workspaceId: number, identifier: Identifier): string {
  return `${workspaceId}|${identifierKey(identifier)}`
}
