import { toRfc3339 } from '../lib/time.ts'
import type { Instant } from '../lib/time.ts'
import { prepared } from './db.ts'
import type { Queryable } from './db.ts'

/** How an attempt is counted. */
export interface AttemptCount {
  keyHash: Buffer
  at: Instant
  /** Failures that cost nothing. */
  free: number
  /** What was counted at this instant or before is forgotten. */
  forgetBefore: Instant
  delaySecondsMax: number
}

// Primary key. The row that is blocked is not written, so nothing comes back for it. Two to the power of 20 seconds is
// above every maximum: no failure of a year can overflow. Of two at once the later one may be counted first, and clocks of
// processes differ: who need not wait has blocked_until at failed_at, and is never blocked by that.
const count = prepared<{ failures: number }>(
  'attempt-count',
  `insert into attempt as a (key_hash, failures, blocked_until, failed_at)
   values ($1, 1, $2::timestamptz, $2::timestamptz)
   on conflict (key_hash) do update
     set failures = case when a.failed_at <= $3 then 1 else a.failures + 1 end,
         failed_at = greatest(a.failed_at, excluded.failed_at),
         blocked_until = greatest(a.failed_at, excluded.failed_at) + interval '1 second'
           * case when a.failed_at <= $3 or a.failures < $4 then 0 else least($5, 2 ^ least(20, a.failures + 1 - $4)) end
     where a.blocked_until <= greatest(a.failed_at, excluded.failed_at)
   returning failures`,
)

const findBlock = prepared<{ blocked_until: Date }>(
  'attempt-find-block',
  'select blocked_until from attempt where key_hash = $1',
)

const takeBack = prepared(
  'attempt-take-back',
  'update attempt set failures = greatest(0, failures - 1), blocked_until = failed_at where key_hash = $1',
)

const deleteOne = prepared('attempt-delete', 'delete from attempt where key_hash = $1')

// Index attempt_age.
const deleteOld = prepared('attempt-delete-old', 'delete from attempt where failed_at < $1')

/** Counts an attempt as failed. @returns until when there may be none, in which case this one was not counted */
export async function countAttempt(
  db: Queryable,
  { keyHash, at, free, forgetBefore, delaySecondsMax }: AttemptCount,
): Promise<Instant | undefined> {
  const values = [keyHash, toRfc3339(at), toRfc3339(forgetBefore), free, delaySecondsMax]
  if ((await count(db, values)).length > 0) return undefined
  const [row] = await findBlock(db, [keyHash])
  return row?.blocked_until.getTime() ?? at
}

/** Takes the last attempt back. */
export async function giveBackAttempt(db: Queryable, keyHash: Buffer): Promise<void> {
  await takeBack(db, [keyHash])
}

/** Forgets the failures of a key. */
export async function deleteAttempts(db: Queryable, keyHash: Buffer): Promise<void> {
  await deleteOne(db, [keyHash])
}

/** Forgets whatever failed last before an instant. */
export async function deleteOldAttempts(db: Queryable, before: Instant): Promise<void> {
  await deleteOld(db, [toRfc3339(before)])
}
