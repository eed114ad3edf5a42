import { CdpError } from '../../model/errors.ts'
import type { OnceRequest } from './run-once.ts'

/** How a change of what is stored is asked for. */
export interface ChangeRequest {
  once?: OnceRequest | undefined
  /** The version that the change was made for; undefined takes any. */
  ifVersion?: number | undefined
}

/**
 * Keeps a change from undoing another one that its maker has not seen. Right only while the row is held: between this and the
 * write nobody else may change it.
 * @throws CDP_PRECONDITION_FAILED what is stored is another version
 */
export function requireVersion(
  { version }: { version: number },
  { ifVersion = version }: ChangeRequest,
): void {
  if (version !== ifVersion) throw new CdpError('CDP_PRECONDITION_FAILED')
}
