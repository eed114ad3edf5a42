import { copyFile, open, rename, stat, truncate } from 'node:fs/promises'

/** Together with the one old file at most twice this. */
const LOG_BYTES_MAX = 16 * 1024 ** 2
/** Enough for the reason of a failed start. */
const TAIL_BYTES_MAX = 8 * 1024

/** A log file that is open for appending: `fd` goes to the postmaster, what it says begins at `startBytes`. */
export interface OpenLog {
  fd: number
  startBytes: number
  close(): Promise<void>
}

/** Opens the engine's log (0600); a full one becomes `<file>.1` first. No postmaster has it open. */
export async function openLog(file: string): Promise<OpenLog> {
  if ((await sizeOf(file)) > LOG_BYTES_MAX) await rename(file, `${file}.1`)
  const handle = await open(file, 'a', 0o600)
  return { fd: handle.fd, startBytes: await sizeOf(file), close: () => handle.close() }
}

/**
 * Keeps the log of a running postmaster within its bound. The postmaster keeps its file open, so the content
 * is copied away and cut off; as it appends, it goes on at the new end. A line in between may be lost.
 */
export async function boundLog(file: string): Promise<void> {
  if ((await sizeOf(file)) <= LOG_BYTES_MAX) return
  await copyFile(file, `${file}.1`)
  await truncate(file, 0)
}

/** What was logged from `startBytes` on, at most the last 8 KiB of it. */
export async function readTail(file: string, startBytes = 0): Promise<string> {
  const size = await sizeOf(file)
  const from = Math.max(startBytes, size - TAIL_BYTES_MAX)
  if (size <= from) return ''
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.size,
    () => 0,
  )
}
