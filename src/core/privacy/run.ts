import { newUuid } from '../../lib/ids.ts'
import { now } from '../../lib/time.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import { inTransaction } from '../../storage/db.ts'
import type { Database, Transaction } from '../../storage/db.ts'
import { advanceErasure, claimErasure, saveFailedErasure } from '../../storage/erasures.ts'
import type { ClaimedErasure } from '../../storage/erasures.ts'
import { erasureContext, unseal } from '../access/index.ts'
import { addCounts } from './counts.ts'
import { PersonSearch } from './person.ts'
import type { Person } from './person.ts'
import { PLACES } from './places.ts'
import type { Place, PlacePage } from './places.ts'

/** What the work on erasures needs. */
export interface ErasureRunOptions {
  db: Database
  secretKey: Buffer
  /** Where the files of exports are. */
  exportFolder: string
  /** Told of each try that failed. */
  onError: (error: unknown, erasure: ClaimedErasure) => void
}

/** Longer than a page can take; whoever claimed it is then taken for dead. Were he not, his page is rolled back. */
const CLAIM_MS = 90_000

const PAUSE_MS = 1_000

/** An erasure is owed: it is tried until it is done, and its receipt says what is in the way. */
const PAUSE_MAX_MS = 300_000

/**
 * One run of the work on erasures: one page of one place, in a transaction that also notes that it is done. Several processes may
 * run it at once, and what a dead one leaves is taken up when its claim expires.
 * @returns whether there may be more to do
 */
export async function runErasure(options: ErasureRunOptions): Promise<boolean> {
  const at = now()
  const claimed = await claimErasure(options.db.background, { claim: newUuid(), at, until: at + CLAIM_MS })
  if (!claimed) return false
  try {
    await inTransaction(options.db.background, (tx) => runPage(tx, claimed, options))
  } catch (error) {
    options.onError(error, claimed)
    const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** Math.min(claimed.attempts - 1, 10))
    const failure = { lastError: toCdpError(error).code, dueAt: now() + pauseMs }
    await saveFailedErasure(options.db.background, claimed, failure)
  }
  return true
}

async function runPage(
  tx: Transaction,
  claimed: ClaimedErasure,
  { secretKey, exportFolder }: ErasureRunOptions,
): Promise<void> {
  const { workspaceId, erasureId, position } = claimed
  const place = PLACES.find(({ name }) => name === claimed.place)
  if (!place) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no place ${claimed.place}` })
  const context = erasureContext(workspaceId, erasureId)
  const person = JSON.parse(unseal(claimed.personSealed, context, secretKey).toString()) as Person
  const search = { workspaceId, person: new PersonSearch(person), secretKey, exportFolder, position }
  const page = await place.erase(tx, search)
  const progress = { ...nextOf(place, page), counts: addCounts(claimed.counts, page.counts) }
  const dueAt = now() + (page.waitMs ?? 0)
  if (!(await advanceErasure(tx, claimed, { ...progress, dueAt })))
    throw new CdpError('CDP_INVARIANT_BROKEN', { cause: 'the claim on an erasure was lost' })
}

/** Where an erasure goes on behind a page. */
function nextOf(place: Place, { next }: PlacePage): { place: string | undefined; position: string } {
  if (next !== undefined) return { place: place.name, position: next }
  return { place: PLACES[PLACES.indexOf(place) + 1]?.name, position: '' }
}
