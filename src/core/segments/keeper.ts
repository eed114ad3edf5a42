import { toStorableText } from '../../lib/text.ts'
import { DAY_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import { holdFollower } from '../../storage/batches.ts'
import { inTransaction, isStatementTimeout } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { holdComputed } from '../../storage/computed.ts'
import { lockSegment } from '../../storage/segments/definitions.ts'
import { beginGeneration } from '../../storage/segments/generations.ts'
import type { GenerationKey } from '../../storage/segments/generations.ts'
import { forgetDropped } from '../../storage/segments/kept-members.ts'
import { countChanges } from '../../storage/segments/member-writes.ts'
import {
  advancePass,
  completePass,
  failGeneration,
  findDuePass,
  findOutdated,
  findPassProfiles,
  restartOldPasses,
} from '../../storage/segments/passes.ts'
import { EvaluationError, GroupError, answerQuestions } from './evaluate.ts'
import { SEGMENT_FOLLOWER, followWrites } from './follow.ts'
import { resolveDefinition } from './resolve-definition.ts'

/** What keeps members of segments up to date. */
export interface KeeperOptions {
  db: Database
  /** How much ingest has waiting: it goes first. */
  queuedCommands: () => number
  /** Told of each definition that could not be evaluated. */
  onError: (error: unknown, segment: GenerationKey) => void
  /** Every segment is looked at anew for all profiles so often, whatever the followers did. */
  passEveryMs?: number
}

/** Passes over all profiles wait while more than this many commands do. */
const QUEUE_SHORT_MAX = 200

/** Under load a pass goes on now and then all the same, so that it comes to its end. */
const PASS_PAUSE_MS = 2_000

/** How long a step of a pass should take, so that what is written meanwhile does not wait for long. */
const PASS_STEP_MS = 150

/** Profiles that a step of a pass looks at: it learns how many are right. */
const PASS_SIZE = { min: 20, start: 500, max: 5_000 } as const

/** What one statement about a segment may take; a pass tries with fewer profiles then. */
const STATEMENT_TIMEOUT_MS = 10_000

/** With the pauses between them a quarter of an hour. */
const ATTEMPTS_MAX = 6

const PAUSE_MS = 5_000
const PAUSE_MAX_MS = 300_000

/** How often leftovers and zones are looked at. */
const TIDY_EVERY_MS = 5_000

/** Rows of dropped generations that are deleted at a time. */
const FORGET_MAX = 5_000

/**
 * Keeps who belongs to which segment: after every write, as time goes by, and by passes over all profiles for definitions
 * that are new. Every process may run it; one at a time does the work.
 * @returns one run of it, which tells whether there may be more to do at once
 */
export function openKeeper({
  db,
  queuedCommands,
  onError,
  passEveryMs = DAY_MS,
}: KeeperOptions): () => Promise<boolean> {
  let passSize: number = PASS_SIZE.start
  let passedAtMs = -Infinity
  let tidiedAtMs = -Infinity
  const attempt = async (work: Work, isSingly = false): Promise<boolean> => {
    const at = now()
    return holding(db, (tx) => work(tx, at, isSingly)).catch(async (error: unknown) => {
      if (error instanceof GroupError) return attempt(work, true)
      if (!(error instanceof EvaluationError)) throw error
      onError(error.cause, error.key)
      // Too many at once are no fault of the definition's as long as a pass can take fewer.
      const isTooMuch = work === step && isStatementTimeout(error.cause) && passSize > PASS_SIZE.min
      if (isTooMuch) passSize = Math.max(PASS_SIZE.min, Math.floor(passSize / 4))
      else await giveUpFor(db, error, at)
      return true
    })
  }
  const step = (tx: Transaction, at: Instant): Promise<boolean> => stepOfPass(tx, at, passSize)
  const pass = async (): Promise<boolean> => {
    const nowMs = performance.now()
    if (queuedCommands() > QUEUE_SHORT_MAX && nowMs - passedAtMs < PASS_PAUSE_MS) return false
    const isMore = await attempt(step)
    passedAtMs = performance.now()
    if (isMore) passSize = nextSize(passSize, passedAtMs - nowMs)
    return isMore
  }
  const tidy = async (): Promise<boolean> => {
    if (performance.now() - tidiedAtMs < TIDY_EVERY_MS) return false
    const isMore = await attempt((tx, at) => cleanUp(tx, at, passEveryMs))
    if (!isMore) tidiedAtMs = performance.now()
    return isMore
  }
  return async () => {
    const renewed = await attempt(renew)
    const followed = await attempt(followWrites)
    const passed = await pass()
    const tidied = await tidy()
    return renewed || followed || passed || tidied
  }
}

/** A step, in a transaction that holds the follower. */
type Work = (tx: Transaction, at: Instant, isSingly: boolean) => Promise<boolean>

/** Does nothing while another process is at it. */
async function holding(db: Database, work: (tx: Transaction) => Promise<boolean>): Promise<boolean> {
  return inTransaction(db.background, async (tx) => {
    if (!(await holdFollower(tx, SEGMENT_FOLLOWER))) return false
    await tx.query("select set_config('statement_timeout', $1, true)", [String(STATEMENT_TIMEOUT_MS)])
    return work(tx)
  })
}

async function giveUpFor(db: Database, { key, cause }: EvaluationError, at: Instant): Promise<void> {
  const error = toCdpError(cause)
  await failGeneration(db.background, key, {
    attemptsMax: ATTEMPTS_MAX,
    error: toStorableText(`${error.code}: ${error.message}`),
    at,
    pauseMs: PAUSE_MS,
    pauseMaxMs: PAUSE_MAX_MS,
  })
}

async function stepOfPass(tx: Transaction, at: Instant, size: number): Promise<boolean> {
  const pass = await findDuePass(tx, at)
  if (!pass) return false
  const profileIds = await findPassProfiles(tx, pass, size)
  const doneUntil = profileIds.at(-1)
  if (doneUntil === undefined) {
    await completePass(tx, pass, at)
    await countChanges(tx, [{ ...pass, change: 0 }], at)
    return true
  }
  await answerQuestions(tx, [{ generation: pass, profileIds }], { at, isSingly: true })
  await advancePass(tx, pass, { doneUntil, profiles: profileIds.length, at })
  return true
}

function nextSize(size: number, tookMs: number): number {
  const wanted = tookMs > 2 * PASS_STEP_MS ? size / 2 : tookMs < PASS_STEP_MS / 2 ? size * 2 : size
  return Math.min(PASS_SIZE.max, Math.max(PASS_SIZE.min, Math.floor(wanted)))
}

/**
 * Begins generations anew that are read in another zone, or refer to what says something else by now. What they say is read
 * under the locks that changes of it take: an edit meanwhile comes before, and is what is built, or after.
 */
async function renew(tx: Transaction, at: Instant): Promise<boolean> {
  const [outdated] = await findOutdated(tx)
  if (!outdated) return false
  const { workspaceId, segmentId, generation } = outdated
  const key = { workspaceId, segmentId, generation }
  const segment = await lockSegment(tx, key)
  await holdComputed(tx, workspaceId)
  const still = (await findOutdated(tx)).find(
    (one) => one.segmentId === segmentId && one.generation === generation,
  )
  if (!segment || !still) return true
  try {
    const definition = await resolveDefinition(tx, workspaceId, segment.definition)
    await beginGeneration(tx, key, { definition, timezone: still.timezone, at })
  } catch (error) {
    throw error instanceof CdpError ? new EvaluationError(key, error) : error
  }
  return true
}

async function cleanUp(tx: Transaction, at: Instant, passEveryMs: number): Promise<boolean> {
  await restartOldPasses(tx, at, at - passEveryMs)
  return forgetDropped(tx, FORGET_MAX)
}
