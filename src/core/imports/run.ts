import { newUuid } from '../../lib/ids.ts'
import { toStorableText } from '../../lib/text.ts'
import { now } from '../../lib/time.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import type { ErrorCode } from '../../model/errors.ts'
import type { ImportMapper, ImportRefusal, ImportedRow } from '../../model/import.ts'
import { inTransaction } from '../../storage/db.ts'
import type { Database } from '../../storage/db.ts'
import { insertRefusals } from '../../storage/import-lists.ts'
import {
  advanceImport,
  claimImport,
  findChunk,
  releaseImport,
  saveFailedChunk,
} from '../../storage/import-runs.ts'
import type { ClaimedImport } from '../../storage/import-runs.ts'
import type { Ingest } from '../ingest/index.ts'
import { getWorkspace } from '../workspaces/index.ts'
import { storeChunk } from './store-chunk.ts'
import type { RowsOutcome } from './map-rows.ts'

/** What the work on imports needs. */
export interface RunOptions {
  db: Database
  ingest: Pick<Ingest, 'submit' | 'queuedCommands'>
  mappers: ReadonlyMap<string, ImportMapper>
  /** Told of each try that failed. */
  onError: (error: unknown, task: ClaimedImport) => void
}

/** Live traffic goes first: nothing is submitted while more than this many commands wait. */
const QUEUE_SHORT_MAX = 200

/** Longer than a chunk can take; whoever claimed it is then taken for dead. Were he not, the chunk is stored once all the same. */
const CLAIM_MS = 30_000

/** With the pauses between them a quarter of an hour: longer than any hiccup, and short enough to hear of it. */
const ATTEMPTS_MAX = 10

const PAUSE_MS = 1_000

const PAUSE_MAX_MS = 300_000

/** Signs of a server at its limit: the chunk is not at fault, and the try does not count. */
const AT_LIMIT: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['CDP_OVERLOADED', 'CDP_SHUTTING_DOWN'])

/**
 * One run of the work on imports: the next chunk of the import that waited longest, in a transaction of the write path.
 * Several processes may run it at once: a claim keeps them apart, and what a dead one leaves is taken up when it expires.
 * @returns whether there may be more to do
 */
export async function runNext(options: RunOptions): Promise<boolean> {
  if (options.ingest.queuedCommands > QUEUE_SHORT_MAX) return false
  const at = now()
  const claim = { claim: newUuid(), at, until: at + CLAIM_MS }
  const task = await claimImport(options.db.background, claim)
  if (!task) return false
  try {
    await runChunk(options, task)
  } catch (error) {
    await settleFailure(options, task, error)
  }
  return true
}

async function runChunk({ db, ingest, mappers }: RunOptions, task: ClaimedImport): Promise<void> {
  if (task.attempts > ATTEMPTS_MAX)
    throw new CdpError('CDP_INTERNAL', {
      detail: 'The server ended, again and again, while it worked on it.',
    })
  const mapper = mappers.get(task.kind)
  if (!mapper) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no mapper for ${task.kind}` })
  const workspace = await getWorkspace(db, task.workspaceId)
  const number = task.chunksDone + 1
  const rows = await readChunk(db, task, number)
  const outcome = await storeChunk(ingest, { task, number, rows, mapper, workspace })
  await inTransaction(db.background, async (tx) => {
    const counts = { ...outcome, processed: rows.length, refused: outcome.refused.length }
    if (await advanceImport(tx, task, counts, now())) await insertRefusals(tx, task, storable(outcome))
  })
}

async function readChunk(db: Database, task: ClaimedImport, number: number): Promise<ImportedRow[]> {
  const text = await findChunk(db.background, task, number)
  if (text === undefined) throw new CdpError('CDP_INVARIANT_BROKEN', { cause: `no chunk ${number}` })
  return JSON.parse(text) as ImportedRow[]
}

/** Sentences and pointers may quote what was sent. */
function storable({ refused }: RowsOutcome): ImportRefusal[] {
  return refused.map((refusal) => ({
    ...refusal,
    detail: toStorableText(refusal.detail),
    pointer: toStorableText(refusal.pointer),
  }))
}

async function settleFailure(
  { db, onError }: RunOptions,
  task: ClaimedImport,
  thrown: unknown,
): Promise<void> {
  const error = toCdpError(thrown)
  const at = now()
  if (AT_LIMIT.has(error.code)) return releaseImport(db.background, task, at + PAUSE_MS)
  onError(thrown, task)
  // A workspace that was archived does not come back.
  const isFinal = task.attempts >= ATTEMPTS_MAX || error.code === 'CDP_WORKSPACE_NOT_FOUND'
  const lastError = toStorableText(`${error.code}: ${error.message}`)
  const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (task.attempts - 1))
  await saveFailedChunk(db.background, task, { isFinal, at, lastError, nextAttemptAt: at + pauseMs })
}
