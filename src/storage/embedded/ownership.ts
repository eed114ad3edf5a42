import { CdpError } from '../../model/errors.ts'
import { acquireSocketLock, waitForSocketLock } from '../../lib/socket-lock.js'
import { readInstance } from './instance.ts'
import type { Layout } from './layout.ts'

/** The lock on a data directory; the kernel releases it when its process dies. */
export interface Ownership {
  release(): Promise<void>
}

/** What the holder wants: `closing` is a guest that only switches off what a dead owner left. */
export type OwnershipPurpose = 'owner' | 'guest' | 'closing'

/** Longer than a clean stop of PostgreSQL, for which a closing guest may hold the lock. */
const CLOSING_TIMEOUT_MS = 60_000

/** Takes the lock if it is free. @returns undefined when it is not */
export async function tryOwnership(
  layout: Layout,
  purpose: OwnershipPurpose,
): Promise<Ownership | undefined> {
  const lock = await acquireSocketLock(layout.lockFile, { info: { purpose } })
  return lock.acquired ? lock : undefined
}

/**
 * Takes the lock.
 * @throws CDP_DATA_DIR_IN_USE `detail` names the process that has it
 */
export async function requireOwnership(layout: Layout): Promise<Ownership> {
  const info = { purpose: 'owner' }
  let lock = await acquireSocketLock(layout.lockFile, { info })
  if (!lock.acquired && lock.holder?.purpose === 'closing')
    lock = await waitForSocketLock(layout.lockFile, { timeoutMs: CLOSING_TIMEOUT_MS, info })
  if (lock.acquired) return lock
  const pid = lock.holder?.pid ?? (await readInstance(layout))?.ownerPid
  throw new CdpError('CDP_DATA_DIR_IN_USE', {
    detail:
      `Another Tributary (pid ${pid ?? 'unknown'}) uses ${layout.dataDir}. ` +
      'Stop it first, or set TRIBUTARY_DATA_DIR to another directory.',
  })
}
