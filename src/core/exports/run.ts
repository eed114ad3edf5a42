import { newUuid } from '../../lib/ids.ts'
import { toStorableText } from '../../lib/text.ts'
import { DAY_MS, now } from '../../lib/time.ts'
import type { Instant } from '../../lib/time.ts'
import { CdpError, toCdpError } from '../../model/errors.ts'
import type { Database } from '../../storage/db.ts'
import { insertPart } from '../../storage/exports/parts.ts'
import {
  advanceExport,
  claimExport,
  finishExport,
  releaseExport,
  saveFailedExport,
} from '../../storage/exports/runs.ts'
import type { ClaimedExport } from '../../storage/exports/runs.ts'
import { getWorkspace } from '../workspaces/index.ts'
import { openDraft, removeFile, removeFiles } from './files.ts'
import { writeExport } from './write.ts'

/** What the work on exports needs. */
export interface RunOptions {
  db: Database
  /** Where the files are. */
  folder: string
  /** Told of each try that failed. */
  onError: (error: unknown, task: ClaimedExport) => void
}

/** Whoever is silent for so long is taken for dead, and somebody else begins anew. */
const CLAIM_MS = 20_000

/** How often progress is noted; that is also how soon a cancelled export ends. */
const BEAT_MS = 1_000

/** What fails does so for a reason that lasts, most likely: some tries within a few minutes, then somebody hears of it. */
const ATTEMPTS_MAX = 5

const PAUSE_MS = 5_000

/**
 * One run of the work on exports: writes the export that waited longest, from its beginning. Several processes may run it at
 * once: a claim keeps them apart, and what a dead one leaves is begun anew when it expires.
 * @param stopping ends it; the export then waits for another run
 * @returns whether there may be more to do
 */
export async function runNext(options: RunOptions, stopping: AbortSignal): Promise<boolean> {
  if (stopping.aborted) return false
  const at = now()
  const task = await claimExport(options.db.background, { claim: newUuid(), at, until: at + CLAIM_MS })
  if (!task) return false
  const lost = new AbortController()
  try {
    await runClaimed(options, task, lost, AbortSignal.any([stopping, lost.signal]))
  } catch (error) {
    if (lost.signal.aborted) return true
    if (stopping.aborted) await releaseExport(options.db.background, task)
    else await settleFailure(options, task, error)
  }
  return true
}

/** Nobody else's word counts any more: cancelled, deleted, or taken over. */
const LOST = new Error('the export is written by nobody here any more')

async function runClaimed(
  { db, folder }: RunOptions,
  task: ClaimedExport,
  lost: AbortController,
  signal: AbortSignal,
): Promise<void> {
  if (task.attempts > ATTEMPTS_MAX)
    throw new CdpError('CDP_INTERNAL', {
      detail: 'The server ended, again and again, while it worked on it.',
    })
  const progress = { rows: 0, bytes: 0, snapshotAt: undefined as Instant | undefined }
  const beat = async (): Promise<void> => {
    // When the database cannot be asked, the next part will tell.
    const isMine = await advanceExport(db.background, task, progress, now() + CLAIM_MS).catch(() => true)
    if (!isMine) lost.abort(LOST)
  }
  const timer = setInterval(() => void beat(), BEAT_MS)
  try {
    await writeClaimed({ db, folder }, task, progress, signal)
  } finally {
    clearInterval(timer)
  }
}

async function writeClaimed(
  { db, folder }: Pick<RunOptions, 'db' | 'folder'>,
  task: ClaimedExport,
  progress: { rows: number; bytes: number; snapshotAt: Instant | undefined },
  signal: AbortSignal,
): Promise<void> {
  const workspace = await getWorkspace(db, task.workspaceId)
  // What earlier runs have left.
  await removeFiles(folder, [task])
  const draft = await openDraft(folder, task)
  try {
    const sink = {
      write: draft.write,
      onSnapshot: (at: Instant) => void (progress.snapshotAt = at),
      onPart: async (part: Parameters<typeof insertPart>[2]): Promise<void> => {
        if (!(await insertPart(db.background, task, part))) throw LOST
        progress.rows += part.rows
        progress.bytes = part.byteOffset + part.bytes
      },
    }
    const written = await writeExport(db, { ...task, workspace }, sink, signal)
    await draft.finish()
    const at = now()
    const expiresAt = at + (task.lifetimeMs ?? workspace.settings.exportDays * DAY_MS)
    const end = { ...written, snapshotAt: progress.snapshotAt }
    if (!(await finishExport(db.background, task, end, { at, expiresAt }))) await removeFile(folder, task)
  } catch (error) {
    await draft.discard()
    throw error
  }
}

async function settleFailure(
  { db, onError }: RunOptions,
  task: ClaimedExport,
  thrown: unknown,
): Promise<void> {
  // What is no try of ours counts for nobody: whoever has it now says what becomes of it.
  if (thrown === LOST) return
  onError(thrown, task)
  const error = toCdpError(thrown)
  const at = now()
  // A workspace that was archived does not come back.
  const isFinal = task.attempts >= ATTEMPTS_MAX || error.code === 'CDP_WORKSPACE_NOT_FOUND'
  const lastError = toStorableText(`${error.code}: ${error.message}`)
  const nextAttemptAt = at + PAUSE_MS * 2 ** (task.attempts - 1)
  await saveFailedExport(db.background, task, { isFinal, at, lastError, nextAttemptAt })
}
