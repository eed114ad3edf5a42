import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { syncDirectory } from '../../lib/sync-directory.ts'
import { readClusterMajor } from './cluster.ts'
import type { Layout } from './layout.ts'
import { findLivePostmaster } from './postmaster-file.ts'
import { stopPostmaster } from './postmaster.ts'

type Log = (message: string, fields?: object) => void

/** Where the next cluster is filled. */
export function nextLayout(layout: Layout): Layout {
  return {
    ...layout,
    pgDir: join(layout.dataDir, 'pg-next'),
    logFile: join(layout.dataDir, 'postgres-next.log'),
  }
}

/** The next cluster once it is whole: from here on only names change. */
function readyDir(layout: Layout): string {
  return join(layout.dataDir, 'pg-ready')
}

/**
 * Puts the filled cluster in the place of the old one, which stays beside it. Each step is one renaming that is on the disk before the
 * next. While `pg` is missing, `pg-ready` is whole: {@link finishSwap} goes on, and nothing ever makes an empty cluster. Neither runs.
 * @returns where the old one is now
 */
export async function swapClusters(layout: Layout, oldMajor: string, log: Log): Promise<string> {
  await move(nextLayout(layout).pgDir, readyDir(layout), layout)
  log('The new cluster is whole')
  const kept = await findFreeName(join(layout.dataDir, `pg-${oldMajor}`))
  await move(layout.pgDir, kept, layout)
  log('The old cluster is put aside', { path: kept })
  await move(readyDir(layout), layout.pgDir, layout)
  return kept
}

/** Ends a swap that was broken off between its last two steps. */
export async function finishSwap(layout: Layout, log: Log): Promise<void> {
  if ((await isThere(layout.pgDir)) || !(await isThere(readyDir(layout)))) return
  await move(readyDir(layout), layout.pgDir, layout)
  log('A carry-over that was broken off at its end is finished', { major: await readClusterMajor(layout) })
}

/**
 * Removes what a carry-over that was broken off has left, with its PostgreSQL. A cluster that is whole goes as well: the old one may have
 * been written to since.
 */
export async function discardNext(layout: Layout): Promise<void> {
  const next = nextLayout(layout)
  await endPostmaster(next.pgDir)
  for (const path of [next.pgDir, readyDir(layout), next.logFile])
    await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

/** Ends a PostgreSQL that outlived its owner. */
export async function endPostmaster(pgDir: string): Promise<void> {
  const living = await findLivePostmaster(pgDir)
  if (living) await stopPostmaster(pgDir, living.pid)
}

async function move(from: string, to: string, { dataDir }: Layout): Promise<void> {
  await rename(from, to)
  await syncDirectory(dataDir)
}

async function findFreeName(path: string): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : `${path}-${number}`
    if (!(await isThere(name))) return name
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
