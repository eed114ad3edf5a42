/** Upkeep: the followers, and what keeps an installation in shape. */
import { forgetAccessTokens, forgetAttempts, forgetSigningKeys } from './core/access/index.ts'
import { forgetCodes } from './core/codes/index.ts'
import { forgetExports } from './core/exports/index.ts'
import { mendClockSteps } from './core/health/index.ts'
import { forgetImports } from './core/imports/index.ts'
import { forgetMessages } from './core/messages/index.ts'
import { forgetPopulations } from './core/segments/index.ts'
import { followBatches, forgetBatches, forgetHistory } from './core/statistics/index.ts'
import { forgetLogins } from './core/users/index.ts'
import { maintain } from './core/workspaces/index.ts'
import { startLoop } from './jobs/loop.ts'
import type { Loop } from './jobs/loop.ts'
import { now } from './lib/time.ts'
import type { Database } from './storage/db.ts'

/** Lists and totals are at most a second old: the pause between two looks is well below it. */
const FOLLOW_EVERY_MS = 250

/** How long work may stand still after the clock was set back. */
const MEND_CLOCK_EVERY_MS = 10_000

const MAINTAIN_EVERY_MS = 3_600_000

/** Flushes are kept for the readers of the live stream, who may ask for the last ten minutes. */
const BATCHES_KEPT_MS = 3_600_000

/** What upkeep needs. */
interface UpkeepOptions {
  db: Database
  /** Where the files of exports are. */
  exportFolder: string
  onError: (error: unknown) => void
}

/** Starts the loops of upkeep; several processes may run them at once. */
export function startUpkeep({ db, exportFolder, onError }: UpkeepOptions): Loop {
  const follow = startLoop({
    run: async () => (await followBatches(db)) > 0,
    pauseMs: FOLLOW_EVERY_MS,
    onError,
  })
  const clock = startLoop({
    run: async () => {
      await mendClockSteps(db)
      return false
    },
    pauseMs: MEND_CLOCK_EVERY_MS,
    onError,
  })
  const upkeep = startLoop({ run: () => keepUp(db, exportFolder), pauseMs: MAINTAIN_EVERY_MS, onError })
  return {
    stop: async () => {
      await Promise.all([follow, clock, upkeep].map((loop) => loop.stop()))
    },
  }
}

async function keepUp(db: Database, exportFolder: string): Promise<boolean> {
  const more = await maintain(db)
  await forgetAttempts(db)
  await forgetAccessTokens(db)
  await forgetSigningKeys(db)
  await forgetLogins(db)
  await forgetBatches(db, now() - BATCHES_KEPT_MS)
  await forgetMessages(db)
  await forgetCodes(db)
  await forgetImports(db)
  await forgetExports(db, exportFolder)
  await forgetPopulations(db)
  return (await forgetHistory(db)) || more
}
