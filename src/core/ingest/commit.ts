import { setTimeout as delay } from 'node:timers/promises'
import { CdpError } from '../../model/errors.ts'
import { findFlushOutcome } from '../../storage/batches.ts'
import type { FlushMark } from '../../storage/batches.ts'
import { connect, isStorageUnavailable, rollback } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import type { Outage } from './outage.ts'
import { runPipeline } from './pipeline.ts'
import type { PipelineContext, PipelineRun, UnitOutcome } from './pipeline.ts'
import type { PreparedUnit } from './prepared.ts'

/** How often the outcome of a lost COMMIT is asked for, milliseconds. */
const ASK_EVERY_MS = 100

/** What a commit needs to know. */
export interface CommitContext extends PipelineContext {
  db: Database
  outage: Outage
  /** How long the outcome of a lost COMMIT is asked for before callers get 503. */
  requestTimeoutMs: number
}

/**
 * Runs units in one transaction and commits it.
 * @returns what becomes of each unit; the write is durable
 * @throws CDP_COMMIT_UNKNOWN the COMMIT's answer was lost and the database would not tell its outcome in time
 */
export async function commitUnits(
  units: readonly PreparedUnit[],
  context: CommitContext,
): Promise<readonly UnitOutcome[]> {
  const client = await connect(context.db.ingest)
  let broken: Error | undefined
  try {
    await client.query('begin')
    const run = await runPipeline(client, units, context)
    await commit(client, run, context)
    context.definitions.publish(run.flush.definitions)
    context.dictionary.publish(run.news)
    return run.outcomes
  } catch (error) {
    broken = await rollback(client, error)
    throw error
  } finally {
    client.release(broken)
  }
}

async function commit(client: Transaction, run: PipelineRun, context: CommitContext): Promise<void> {
  const startedMs = performance.now()
  try {
    await client.query('commit')
  } catch (error) {
    if (run.mark === undefined || !isStorageUnavailable(error)) throw error
    const outcome = await askOutcome(run.mark, context)
    if (outcome === 'aborted') throw error
    if (outcome === 'unknown')
      throw new CdpError('CDP_COMMIT_UNKNOWN', { cause: error, retryAfterSeconds: 1 })
  }
  context.pace.commitMs = performance.now() - startedMs
  context.observe?.('commit', context.pace.commitMs)
}

/**
 * Asks on another connection what became of a transaction whose COMMIT got no answer: the server may have
 * committed it before the connection broke, and running it again would then store everything twice.
 */
async function askOutcome(
  mark: FlushMark,
  context: CommitContext,
): Promise<'committed' | 'aborted' | 'unknown'> {
  const deadlineMs = performance.now() + context.requestTimeoutMs
  while (performance.now() < deadlineMs) {
    const outcome = await ask(mark, context)
    if (outcome === 'committed' || outcome === 'aborted') return outcome
    await delay(ASK_EVERY_MS)
  }
  return 'unknown'
}

async function ask(mark: FlushMark, { db, outage }: CommitContext): Promise<string | undefined> {
  try {
    const outcome = await findFlushOutcome(db.background, mark)
    outage.end()
    return outcome
  } catch (error) {
    if (!isStorageUnavailable(error)) throw error
    outage.note(error)
    return undefined
  }
}
