import { addressSubject } from '../access/index.ts'
import type { AttemptKey } from '../access/index.ts'
import type { Origin } from './context.ts'

/**
 * Failures of one address that cost nothing. High, because a shop may log all its people in from one address; a
 * single account is held by its own, much lower figure.
 */
const FREE_OF_ADDRESS = 1_000

/** Resets of one name that cost nothing: more mails than that help nobody. */
export const FREE_RESETS = 3

/** What is counted against the address that a request comes from; nothing where a server calls for all its people. */
export function addressKeys(
  { workspace, address, isServer }: Pick<Origin, 'workspace' | 'address' | 'isServer'>,
  purpose: string,
): AttemptKey[] {
  if (isServer) return []
  return [{ purpose, workspaceId: workspace.id, subject: addressSubject(address), free: FREE_OF_ADDRESS }]
}
