import { CdpError } from '../../model/errors.ts'
import { isRetryable } from '../../storage/db.ts'
import type { Transaction } from '../../storage/db.ts'
import type { RunOnce } from './run-once.ts'

const TRIES_MAX = 20

/**
 * Runs a transaction again while another writer is in its way: one that changed what it had read, which `work` tells by
 * `false`, or one that PostgreSQL found it in a circle with.
 * @throws CDP_OVERLOADED there was one each time; whatever `work` throws
 */
export async function whileStale<Outcome>(
  run: RunOnce,
  work: (tx: Transaction) => Promise<Outcome | false>,
): Promise<Outcome> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const done = await tryOnce(run, work)
    if (done) return done.outcome
  }
  throw new CdpError('CDP_OVERLOADED', { retryAfterSeconds: 1 })
}

async function tryOnce<Outcome>(
  run: RunOnce,
  work: (tx: Transaction) => Promise<Outcome | false>,
): Promise<{ outcome: Outcome } | undefined> {
  try {
    const outcome = await run(async (tx) => {
      const result = await work(tx)
      if (result === false) throw new Stale()
      return result
    })
    return { outcome }
  } catch (error) {
    if (error instanceof Stale || isRetryable(error)) return undefined
    throw error
  }
}

class Stale extends Error {}
