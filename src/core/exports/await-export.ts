import { setTimeout as delay } from 'node:timers/promises'
import type { ExportTask } from '../../model/export.ts'

/** What is waited for: that the instant is fixed which the rows will show, or that the file is written or never will be. */
export type ExportMoment = 'snapshot' | 'end'

/** How often an export is looked at: whoever writes it may be another process. */
const LOOK_EVERY_MS = 100

/** Waits until an export is so far, but not for longer than `timeoutMs`. @returns how far it is then */
export async function awaitExport(
  look: () => Promise<ExportTask>,
  until: ExportMoment,
  timeoutMs: number,
): Promise<ExportTask> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const task = await look()
    if (isSoFar(task, until) || performance.now() >= deadlineMs) return task
    await delay(LOOK_EVERY_MS)
  }
}

function isSoFar({ state, snapshotAt }: ExportTask, until: ExportMoment): boolean {
  const isAtEnd = state !== 'queued' && state !== 'running'
  return isAtEnd || (until === 'snapshot' && snapshotAt !== undefined)
}
