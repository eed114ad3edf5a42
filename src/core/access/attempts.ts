import { isIPv6 } from 'node:net'
import { sha256Of } from '../../lib/ids.ts'
import { DAY_MS, now } from '../../lib/time.ts'
import { CdpError } from '../../model/errors.ts'
import { countAttempt, deleteAttempts, deleteOldAttempts, giveBackAttempt } from '../../storage/attempts.ts'
import { guarded, inTransaction } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'

/** What somebody tries to guess, and where from: each key counts on its own. */
export interface AttemptKey {
  /** What is tried, such as `user-login`: the same subject elsewhere is another key. */
  purpose: string
  /** Undefined for what belongs to the installation. */
  workspaceId?: number
  /** Whose secret it is, or the address that asks ({@link addressSubject}). */
  subject: string
  /** Failures that cost nothing; five when left out. */
  free?: number
}

/**
 * Slows down whoever guesses: after the first failures each further one costs twice the time of the one before, up to
 * fifteen minutes. Shared by all processes. An attempt counts as failed **before** it is made, so that a thousand at
 * once are no way around it; who succeeded takes it back.
 */
export interface Attempts {
  /** Counts an attempt on each key, or on none. @throws CDP_ATTEMPTS_BLOCKED one of them must wait */
  take(...keys: readonly AttemptKey[]): Promise<void>
  /** Takes the last attempt back and keeps what failed before: the address of who succeeded, or of who was not served. */
  giveBack(...keys: readonly AttemptKey[]): Promise<void>
  /** Forgets all failures: the account of who succeeded. */
  clear(...keys: readonly AttemptKey[]): Promise<void>
}

/** Typing errors of a person, not more. */
const FREE_FAILURES = 5

/** An address may be that of a whole office, and its people mistype at the same time. */
export const FREE_FAILURES_OF_ADDRESS = 20

/** Four guesses an hour get nowhere, and the owner who comes back after a break is let in. */
const DELAY_SECONDS_MAX = 900

/** Failures of yesterday say nothing about today. */
const REMEMBERED_MS = DAY_MS

/** Opens the counters. */
export function openAttempts(db: Database): Attempts {
  // Two transactions that count the same keys take them in the same order.
  const take = async (...keys: readonly AttemptKey[]): Promise<void> => {
    const counted = keys.map((key) => ({ keyHash: hashOf(key), free: key.free ?? FREE_FAILURES }))
    if (counted.length === 0) return
    counted.sort((left, right) => left.keyHash.compare(right.keyHash))
    await guarded(() =>
      inTransaction(db.general, async (tx) => {
        for (const { keyHash, free } of counted) refuseBlocked(await countAttempt(tx, countOf(keyHash, free)))
      }),
    )
  }
  return {
    take,
    giveBack: async (...keys) => {
      for (const key of keys) await guarded(() => giveBackAttempt(db.general, hashOf(key)))
    },
    clear: async (...keys) => {
      for (const key of keys) await guarded(() => deleteAttempts(db.general, hashOf(key)))
    },
  }
}

function countOf(keyHash: Buffer, free: number): Parameters<typeof countAttempt>[1] {
  const at = now()
  return { keyHash, free, at, forgetBefore: at - REMEMBERED_MS, delaySecondsMax: DELAY_SECONDS_MAX }
}

function refuseBlocked(until: number | undefined): void {
  if (until === undefined) return
  const retryAfterSeconds = Math.max(1, Math.ceil((until - now()) / 1000))
  throw new CdpError('CDP_ATTEMPTS_BLOCKED', { retryAfterSeconds })
}

function hashOf({ purpose, workspaceId, subject }: AttemptKey): Buffer {
  return sha256Of('attempt', purpose, String(workspaceId ?? ''), subject)
}

const GROUPS_OF_NETWORK = 4

/** What counts as one address: IPv4 as it is, of IPv6 the network of 64 bits that a customer gets as a whole. */
export function addressSubject(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address
  const [head = '', tail = ''] = address.split('%')[0]?.split('::') ?? []
  const groups = head === '' ? [] : head.split(':')
  const missing = 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const whole = address.includes('::') ? [...groups, ...Array.from({ length: missing }, () => '0')] : groups
  return `${whole.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`
}

/** Deletes counters that nobody reads any more; for the upkeep. */
export async function forgetAttempts(db: Database): Promise<void> {
  await deleteOldAttempts(db.background, now() - REMEMBERED_MS)
}
