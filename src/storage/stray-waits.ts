import { MINUTE_MS, toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** Work of these tables never waits longer than this by itself, and no claim on it lasts longer. */
const LONGEST_WAIT_MS = 10 * MINUTE_MS

// Indexes import_due, export_due, erasure_due: only their far ends are read. A claim from the future is as stray.
const freeTasks = (['import', 'export', 'erasure'] as const).map((table) =>
  prepared<{ stray: number }>(
    `stray-${table}`,
    `update ${table} set next_attempt_at = $1::timestamptz, claim = null, claimed_until = null
      where state in (${table === 'erasure' ? "'running'" : "'queued', 'running'"})
        and (next_attempt_at > $2::timestamptz or claimed_until > $2::timestamptz)
      returning 1 as stray`,
  ),
)

// Index segment_generation_due.
const freePasses = prepared<{ stray: number }>(
  'stray-segment-pass',
  `update segment_generation set next_attempt_at = $1::timestamptz
    where done_until is not null and next_attempt_at > $2::timestamptz
    returning 1 as stray`,
)

// Index message_due, after its first minutes. A message waits for minutes that double with each attempt, and a claim is
// one of its waits.
const freeMessages = prepared<{ stray: number }>(
  'stray-message',
  `update message set next_attempt_at = $1::timestamptz, claimed_at = null
    where state = 'queued' and next_attempt_at > $2::timestamptz
      and next_attempt_at > $2::timestamptz + interval '1 minute' * 2 ^ least(attempts, 10)
    returning 1 as stray`,
)

/**
 * Makes due what waits for a moment that no wait of ours leads to: it was set by a clock that was wrong, and would
 * otherwise wait until the right one gets there.
 * @param at the present instant
 * @returns how much was freed
 */
export async function freeStrayWaits(db: Queryable, at: Instant): Promise<number> {
  const values = [toRfc3339(at), toRfc3339(at + LONGEST_WAIT_MS)]
  let freed = 0
  for (const free of [...freeTasks, freePasses, freeMessages]) freed += (await free(db, values)).length
  return freed
}
