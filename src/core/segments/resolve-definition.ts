import { SEGMENT_COMPUTED_MAX } from '../../model/segment.ts'
import type { Condition } from '../../model/segment.ts'
import { holdComputed } from '../../storage/computed.ts'
import type { Queryable, Transaction } from '../../storage/db.ts'
import { computedFor, findUnknown, inlineComputed, referencesIn } from '../computed/index.ts'
import { segmentInvalid } from './read-definition.ts'

/**
 * A checked definition with what its ids stand for, ready to be compiled; the same when it has none.
 * @param pointer where in the request it stands, as a JSON pointer
 * @throws CDP_SEGMENT_INVALID an id leads to no definition of the workspace, or there are too many
 */
export async function resolveDefinition(
  db: Queryable,
  workspaceId: number,
  definition: Condition,
  pointer = '',
): Promise<Condition> {
  const byId = await computedFor(db, workspaceId, definition)
  const tooMany = referencesIn(definition)[SEGMENT_COMPUTED_MAX]
  const message = `must have at most ${SEGMENT_COMPUTED_MAX} conditions on aggregates and expressions`
  const problem = findUnknown(definition, byId) ?? (tooMany && { path: tooMany.path, message })
  if (problem) throw segmentInvalid(problem, pointer)
  return inlineComputed(definition, byId)
}

/**
 * Refuses a definition whose ids lead nowhere, before it is stored; what they lead to stays until the transaction is over.
 * @throws CDP_SEGMENT_INVALID
 */
export async function requireResolvable(
  tx: Transaction,
  { workspaceId, definition }: { workspaceId: number; definition: Condition },
): Promise<void> {
  if (referencesIn(definition).length === 0) return
  await holdComputed(tx, workspaceId)
  await resolveDefinition(tx, workspaceId, definition, '/definition')
}
