import { identifierKey } from '../../../model/identity.ts'
import type { Work } from '../flush.ts'
import { ignore } from '../flush.ts'
import { namedBy } from '../prepared.ts'

/**
 * Ends a command that names an identifier with a tombstone: the person was erased, and whoever asked for that wanted no late
 * retry to bring it back. The ledger gets no copy of what was sent, nor whom it named.
 */
export function ignoreErased(work: Work): void {
  const { flush, prepared } = work
  if (flush.erased.size === 0) return
  const workspaceId = prepared.unit.workspace.id
  const isErased = namedBy(prepared).some((identifier) =>
    flush.erased.has(`${workspaceId}|${identifierKey(identifier)}`),
  )
  if (isErased) ignore(work, 'erased')
}
