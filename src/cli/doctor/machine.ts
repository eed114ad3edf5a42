import { readFile, statfs } from 'node:fs/promises'
import { fault, ok, warning } from './finding.ts'
import type { Finding } from './finding.ts'

/** The package lies three folders above, in src as well as in dist. */
const PACKAGE = new URL('../../../package.json', import.meta.url)

/** Below it PostgreSQL soon cannot write any more. */
const DISK_WARNING_BYTES = 1024 ** 3
const DISK_FAULT_BYTES = 100 * 1024 ** 2

/** The process itself opens some hundred files at its start; the rest is for callers, each of whom needs one. */
const FILES_WARNING = 4_096
const FILES_FAULT = 1_024

/** Looks at Node, at its limits, and at the disk that the data lies on. */
export async function checkMachine(dataDir: string): Promise<Finding[]> {
  const { engines } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { engines: { node: string } }
  const disk = await statfs(dataDir).catch(() => undefined)
  return [
    judgeNode(process.versions.node, engines.node),
    judgeFileLimit(await readFileLimit()),
    ...(disk ? [judgeDisk(disk.bavail * disk.bsize, dataDir)] : []),
  ]
}

/** @param range `>=x.y.z`, the form of `engines` in package.json */
export function judgeNode(version: string, range: string): Finding {
  const wanted = range.replace(/^>=/, '')
  if (compareVersions(version, wanted) >= 0) return ok('node', `Node ${version} is ${range}.`)
  return fault('node', `Node ${version} is older than ${wanted}.`, `Install Node ${wanted} or newer.`)
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map((part) => Number.parseInt(part, 10)))
  const differences = [0, 1, 2].map((place) => (a?.[place] ?? 0) - (b?.[place] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}

/** @param limit open files that this process may have; undefined where the system does not tell */
export function judgeFileLimit(limit: number | undefined): Finding {
  if (limit === undefined) return ok('open files', 'This system does not tell how many files may be open.')
  const message = `${limit} files and connections may be open.`
  const fix = 'Raise the limit: "ulimit -n 65536", or LimitNOFILE=65536 in the unit of systemd.'
  if (limit < FILES_FAULT) return fault('open files', message, fix)
  return limit < FILES_WARNING ? warning('open files', message, fix) : ok('open files', message)
}

/** Node raises its own limit as far as it may, so this is what a server started from here has. */
async function readFileLimit(): Promise<number | undefined> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const limit = /^Max open files +(\d+|unlimited)/m.exec(text)?.[1]
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : limit === undefined ? undefined : Number(limit)
}

/** @param freeBytes what users other than root may still write where the data directory lies */
export function judgeDisk(freeBytes: number, dataDir: string): Finding {
  const message = `${Math.floor(freeBytes / 1024 ** 2).toLocaleString('en-US')} MiB are free for ${dataDir}.`
  const fix = 'Make room on that disk, or stop the server and move the data directory to a larger one.'
  if (freeBytes < DISK_FAULT_BYTES) return fault('disk space', message, fix)
  return freeBytes < DISK_WARNING_BYTES ? warning('disk space', message, fix) : ok('disk space', message)
}
