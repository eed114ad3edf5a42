import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What PostgreSQL says about its running server in postmaster.pid. We read that file, and never touch it. */
export interface PostmasterFile {
  pid: number
  /** Undefined for a moment at the start. */
  port: number | undefined
  /** `starting`, `stopping`, `ready` or `standby`; empty for a moment at the start. */
  status: string
}

/** Lines of postmaster.pid, as in PostgreSQL's pidfile.h (the same in 15 to 18). */
const PID_LINE = 0
const PORT_LINE = 3
const STATUS_LINE = 7

/** @returns undefined when there is no such file, or only a beginning of it */
export async function readPostmasterFile(pgDir: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(pgDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Math.abs(Number.parseInt(lines[PID_LINE] ?? '', 10))
  if (!(pid > 0)) return undefined
  const port = Number.parseInt(lines[PORT_LINE] ?? '', 10)
  return { pid, port: port > 0 ? port : undefined, status: lines[STATUS_LINE]?.trim() ?? '' }
}

/** The pid in the file, if that process lives and really is this cluster's postmaster. */
export async function findLivePostmaster(pgDir: string): Promise<PostmasterFile | undefined> {
  const file = await readPostmasterFile(pgDir)
  if (file === undefined) return undefined
  return (await isPostmasterOf(file.pid, pgDir)) ? file : undefined
}

/**
 * Whether `pid` is a living postmaster of `pgDir`. The number alone proves nothing: after a restart of the
 * machine or of a container it belongs to someone else. A postmaster works in its data directory; a zombie
 * works nowhere.
 * @param pgDir absolute and without links
 */
export async function isPostmasterOf(pid: number, pgDir: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  try {
    const directory = await readlink(`/proc/${pid}/cwd`)
    return directory.replace(/ \(deleted\)$/, '') === pgDir
  } catch (error) {
    if (process.platform === 'linux' && isCode(error, 'ENOENT')) return false
    return hasArgument(pid, pgDir)
  }
}

/** Where /proc is missing or forbidden: the postmaster was started with `-D <pgDir>`. */
async function hasArgument(pid: number, pgDir: string): Promise<boolean> {
  const listing = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => undefined)
  return listing === undefined ? isAlive(pid) : listing.stdout.includes(pgDir)
}

/** Whether there is a process of this number, whoever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
