import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { spawnAs, type EngineUser } from './engine-user.ts'
import { engineFailure } from './failure.ts'
import type { Layout } from './layout.ts'
import { pollUntil } from './polling.ts'
import { findLivePostmaster, isAlive, isPostmasterOf, readPostmasterFile } from './postmaster-file.ts'
import { openLog, readTail } from './server-log.ts'
import { inspectMachine, settingsFor } from './settings.ts'

/** The backends of a killed postmaster live until their query ends, and hold the shared memory until then. */
const RETRY_TIMEOUT_MS = 60_000
const RETRY_INTERVAL_MS = 250
const RETRYABLE =
  /pre-existing shared memory block .* still in use|lock file "postmaster\.pid" already exists|could not bind IPv4 address|could not create any TCP\/IP sockets/
/** Recovery replays up to max_wal_size; ending it early would only make the next start begin anew. */
const RECOVERY_TIMEOUT_MS = 600_000
const FAST_STOP_TIMEOUT_MS = 60_000
const IMMEDIATE_STOP_TIMEOUT_MS = 30_000

/** What the start of a postmaster needs. */
export interface StartOptions {
  layout: Layout
  binDir: string
  user: EngineUser
  log: (message: string, fields?: object) => void
}

/** A postmaster that takes connections. */
export interface Postmaster {
  pid: number
  port: number
}

type Attempt = { postmaster: Postmaster } | { output: string }

/**
 * Starts the cluster and waits until it takes connections. What goes away by itself is retried for 60 s:
 * backends of a killed postmaster, a port that someone took in between.
 * @throws CDP_ENGINE_FAILED with the tail of postgres.log as `cause`
 */
export async function startPostmaster(options: StartOptions): Promise<Postmaster> {
  let output = ''
  const postmaster = await pollUntil(
    { timeoutMs: RETRY_TIMEOUT_MS, intervalMs: RETRY_INTERVAL_MS },
    async () => {
      const attempt = await attemptStart(options)
      if ('postmaster' in attempt) return attempt.postmaster
      if (!RETRYABLE.test(attempt.output)) throw startFailure(options.layout, attempt.output)
      const reason = lastLine(attempt.output)
      if (reason !== lastLine(output)) options.log('PostgreSQL cannot start yet; retrying', { reason })
      output = attempt.output
      return undefined
    },
  )
  if (postmaster === undefined) throw startFailure(options.layout, output)
  return postmaster
}

function startFailure(layout: Layout, output: string) {
  return engineFailure(`PostgreSQL did not start: ${lastLine(output)} (more in ${layout.logFile})`, output)
}

/** The reason without its time stamp. */
function lastLine(output: string): string {
  const lines = output.trim().split('\n')
  const reason = lines.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? lines.at(-1) ?? ''
  return reason.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '') || 'it said nothing'
}

async function attemptStart(options: StartOptions): Promise<Attempt> {
  const { layout } = options
  const settings = settingsFor(await inspectMachine(layout.dataDir), await findFreePort())
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = await openLog(layout.logFile)
  try {
    const child = spawnAs(options.user, join(options.binDir, 'postgres'), ['-D', layout.pgDir, ...args], {
      stdio: ['ignore', log.fd, log.fd],
      env: await forgiveReusedPid(layout.pgDir),
    })
    let spawnError: Error | undefined
    child.on('error', (error) => (spawnError = error))
    child.unref()
    const ready = await awaitChild(options, child.pid)
    if (ready !== undefined) return { postmaster: ready }
    return { output: `${await readTail(layout.logFile, log.startBytes)}\n${spawnError?.message ?? ''}` }
  } finally {
    await log.close()
  }
}

/** Until it changes into its directory, a new process can only be told by its pid; it is our child, so no other has it. */
async function awaitChild(options: StartOptions, pid: number | undefined): Promise<Postmaster | undefined> {
  if (pid === undefined) return undefined
  const { pgDir } = options.layout
  return awaitReady({ pgDir, pid, log: options.log }, async () => isAlive(pid))
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen({ port: 0, host: '127.0.0.1', exclusive: true })
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw engineFailure('No free port', String(address))
  return address.port
}

/**
 * PostgreSQL refuses to start while the pid in postmaster.pid is alive, whoever that process is. Where it is
 * surely not a postmaster of this cluster, PostgreSQL is told so in its own way: it disregards the number in
 * PG_GRANDPARENT_PID (pg_ctl sets it), still checks the shared memory, and replaces the file itself.
 */
async function forgiveReusedPid(pgDir: string): Promise<Record<string, string>> {
  const file = await readPostmasterFile(pgDir)
  if (file === undefined || !isAlive(file.pid)) return {}
  return (await isPostmasterOf(file.pid, pgDir)) ? {} : { PG_GRANDPARENT_PID: String(file.pid) }
}

/**
 * Waits until a postmaster takes connections; replaying its log after a crash may take minutes. One that
 * takes longer than ten is left alone: the next start finds it, further on.
 * @param lives whether it is still there
 * @returns undefined when it ended instead
 */
async function awaitReady(
  options: { pgDir: string; pid: number; log: StartOptions['log'] },
  lives: () => Promise<boolean>,
): Promise<Postmaster | undefined> {
  const { pgDir, pid, log } = options
  const slowness = setInterval(() => log('PostgreSQL is still starting (recovery)', { pid }), 10_000).unref()
  const outcome = await pollUntil({ timeoutMs: RECOVERY_TIMEOUT_MS, intervalMs: 10 }, async () => {
    const file = await readPostmasterFile(pgDir)
    if (file?.pid === pid && file.port !== undefined && file.status === 'ready')
      return { pid, port: file.port }
    return (await lives()) ? undefined : 'ended'
  }).finally(() => clearInterval(slowness))
  if (outcome === undefined) throw engineFailure(`PostgreSQL (pid ${pid}) is not ready after 10 minutes`, '')
  return outcome === 'ended' ? undefined : outcome
}

/**
 * Looks for a postmaster that outlived its owner, and waits until it takes connections.
 * @returns undefined when there is none, or it ended meanwhile: then a new one may be started
 * @throws CDP_ENGINE_FAILED it lives, but was not ready within ten minutes
 */
export async function findOrphan(pgDir: string, log: StartOptions['log']): Promise<Postmaster | undefined> {
  const orphan = await findLivePostmaster(pgDir)
  if (orphan === undefined) return undefined
  const { pid } = orphan
  return awaitReady({ pgDir, pid, log }, () => isPostmasterOf(pid, pgDir))
}

/**
 * Stops the postmaster cleanly (fast shutdown: sessions end, everything is written), also one that is not our
 * child; after 60 s at once, which leaves the next start a recovery.
 * @throws CDP_ENGINE_FAILED it still runs
 */
export async function stopPostmaster(pgDir: string, pid: number): Promise<void> {
  if (await endsBy('SIGINT', { pgDir, pid, timeoutMs: FAST_STOP_TIMEOUT_MS })) return
  if (await endsBy('SIGQUIT', { pgDir, pid, timeoutMs: IMMEDIATE_STOP_TIMEOUT_MS })) return
  throw engineFailure(`PostgreSQL (pid ${pid}) does not stop`, '')
}

async function endsBy(
  signal: NodeJS.Signals,
  target: { pgDir: string; pid: number; timeoutMs: number },
): Promise<boolean> {
  const { pgDir, pid, timeoutMs } = target
  if (!(await isPostmasterOf(pid, pgDir))) return true
  sendSignal(pid, signal)
  const ended = await pollUntil({ timeoutMs, intervalMs: 10 }, async () =>
    (await isPostmasterOf(pid, pgDir)) ? undefined : true,
  )
  return ended === true
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended between the look and the signal; the caller looks again.
  }
}
