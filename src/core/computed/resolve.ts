import type { Computed } from '../../model/computed.ts'
import { guarded } from '../../storage/db.ts'
import type { Queryable } from '../../storage/db.ts'
import { findAllComputed } from '../../storage/computed.ts'
import type { ComputedRow } from '../../storage/computed.ts'
import { findTangle, findUnknown } from './graph.ts'
import { computedInvalid } from './read-computed.ts'
import { referencesIn } from './references.ts'
import type { ComputedById } from './references.ts'

/** The definitions of a workspace by id, where a definition refers to any; it is not asked for where none does. */
export async function computedFor(
  db: Queryable,
  workspaceId: number,
  definition: unknown,
): Promise<ComputedById> {
  if (referencesIn(definition).length === 0) return new Map()
  return byIdOf(await guarded(() => findAllComputed(db, workspaceId)))
}

/** Rows by their ids. */
export function byIdOf(rows: readonly ComputedRow[]): Map<string, ComputedRow> {
  return new Map(rows.map((row) => [row.computedId, row]))
}

/**
 * Refuses an expression that cannot be among the others of its workspace.
 * @param byId all others; the expression itself is put among them
 * @throws CDP_COMPUTED_INVALID
 */
export function requireSoundAmong(computed: Computed, id: string, byId: ComputedById): void {
  const { definition } = computed
  const all = new Map([...byId, [id, computed]])
  const problem = findUnknown(definition, all) ?? findTangle({ id, definition }, all)
  if (problem) throw computedInvalid(problem, '/definition')
}
