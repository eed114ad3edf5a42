// Plain JavaScript because scripts/*.mjs take this lock before anything is compiled or even installed.
import { createHash, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, link, lstat, mkdtemp, open, readdir, rm, symlink, unlink } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** What a holder tells about itself; always its `pid`, and whatever it was given as `info`.
 * @typedef {{ pid: number, [key: string]: unknown }} LockHolder */
/** @typedef {{ acquired: true, release: () => Promise<void> }} HeldLock */
/** `holder` is undefined when the holder is too busy (or stopped) to answer within a second.
 * @typedef {{ acquired: false, holder: LockHolder | undefined }} RefusedLock */
/** @typedef {{ state: 'held', holder: LockHolder | undefined } | { state: 'stale' } | { state: 'absent' }} Probe */

/** A Unix socket address holds 104 bytes on macOS and 108 on Linux, with the final zero. */
const ADDRESS_BYTES_MAX = 100
/** A live holder answers at once; a stopped one never does, and is a holder all the same. */
const ANSWER_TIMEOUT_MS = 1_000
const POLL_INTERVAL_MS = 50
/** Far longer than any live attempt needs between making its file and linking it. */
const LEFTOVER_AGE_MS = 60_000
const LEFTOVER_NAME = /^\.[0-9a-f]{16}\.(claim|guard)$/

/**
 * Takes the exclusive lock at `path`, which is a listening Unix socket: whoever is killed, even by
 * SIGKILL or the OOM killer, loses it at once, so no lock file with a pid ever has to be judged.
 * The socket never keeps the event loop alive, and child processes do not inherit it.
 * @param {string} path where the socket lies; its directory exists, its last part has at most 64 bytes
 * @param {{ info?: Record<string, unknown> }} [options] `info` is told to those who are refused (no secrets)
 * @returns {Promise<HeldLock | RefusedLock>}
 * @throws when the directory is not writable or its file system has no sockets
 */
export async function acquireSocketLock(path, options = {}) {
  const lockPath = resolve(path)
  const claim = await bindClaim(lockPath, { ...options.info, pid: process.pid })
  try {
    const refused = await linkOrRefuse(lockPath, claim)
    if (refused !== undefined) {
      await claim.close()
      return refused
    }
  } catch (error) {
    await claim.close()
    throw error
  }
  await unlink(claim.path)
  // Tidying up must never cost the lock that was just taken.
  await sweepLeftovers(dirname(lockPath)).catch(() => undefined)
  return { acquired: true, release: () => releaseLock(lockPath, claim) }
}

/**
 * Whether a live process holds the lock at `path`; takes nothing.
 * @param {string} path
 * @returns {Promise<boolean>}
 */
export async function isHeld(path) {
  const probe = await probeLock(resolve(path))
  return probe.state === 'held'
}

/**
 * The holder of the lock at `path` as it describes itself, undefined when nobody holds it or it does not answer.
 * @param {string} path
 * @returns {Promise<LockHolder | undefined>}
 */
export async function readHolder(path) {
  const probe = await probeLock(resolve(path))
  return probe.state === 'held' ? probe.holder : undefined
}

/**
 * As {@link acquireSocketLock}, but waits until the lock is free; the last refusal comes back after `timeoutMs`.
 * @param {string} path
 * @param {{ timeoutMs: number, info?: Record<string, unknown> }} options
 * @returns {Promise<HeldLock | RefusedLock>}
 */
export async function waitForSocketLock(path, options) {
  const deadline = Date.now() + options.timeoutMs
  for (;;) {
    const lock = await acquireSocketLock(path, options)
    if (lock.acquired || Date.now() >= deadline) return lock
    await delay(POLL_INTERVAL_MS)
  }
}

/** A socket that already listens, under a name that nobody else uses: linking it to the lock's path is the one atomic step.
 * @typedef {{ path: string, identity: string, close: () => Promise<void> }} Claim */

/**
 * @param {string} lockPath
 * @param {LockHolder} holder
 * @returns {Promise<Claim>}
 */
async function bindClaim(lockPath, holder) {
  const path = join(dirname(lockPath), `.${randomBytes(8).toString('hex')}.claim`)
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.unref()
    socket.end(`${JSON.stringify(holder)}\n`)
  })
  await withShortAddress(path, (address) => listen(server, address))
  server.on('error', () => undefined)
  server.unref()
  const close = async () => {
    await rm(path, { force: true })
    await /** @type {Promise<void>} */ (new Promise((done) => server.close(() => done())))
  }
  return { path, identity: (await identify(path)) ?? '', close }
}

/**
 * @param {import('node:net').Server} server
 * @param {string} address
 * @returns {Promise<void>}
 */
function listen(server, address) {
  return new Promise((done, fail) => {
    server.once('error', fail)
    // `exclusive`: in a cluster worker the primary would listen, and the lock would outlive the worker.
    server.listen({ path: address, exclusive: true }, () => {
      server.off('error', fail)
      done()
    })
  })
}

/**
 * @param {string} lockPath
 * @param {Claim} claim
 * @returns {Promise<RefusedLock | undefined>} undefined: the claim is now the lock
 */
async function linkOrRefuse(lockPath, claim) {
  for (;;) {
    if (await tryLink(claim.path, lockPath)) return undefined
    const probe = await probeLock(lockPath)
    if (probe.state === 'held') return { acquired: false, holder: probe.holder }
    if (probe.state === 'stale') await removeStale(lockPath)
  }
}

/**
 * @param {string} from
 * @param {string} to
 * @returns {Promise<boolean>} false: `to` exists
 */
async function tryLink(from, to) {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Removes a dead holder's file. Checking and removing are two steps, between which others may have taken
 * the lock; so only the holder of a guard that is named after this very file may remove it. The guard is
 * a lock of the same kind: should its holder die too, the guard is taken over in the same way.
 * @param {string} lockPath
 */
async function removeStale(lockPath) {
  const identity = await identify(lockPath)
  if (identity === undefined) return
  const name = createHash('sha256')
    .update(`${basename(lockPath)} ${identity}`)
    .digest('hex')
    .slice(0, 16)
  const guard = await acquireSocketLock(join(dirname(lockPath), `.${name}.guard`))
  if (!guard.acquired) {
    await delay(1)
    return
  }
  try {
    if ((await identify(lockPath)) !== identity) return
    const probe = await probeLock(lockPath)
    if (probe.state === 'stale') await unlink(lockPath)
  } finally {
    await guard.release()
  }
}

/**
 * The file first, the socket second: the other way round a taker could remove and replace the file in between.
 * @param {string} lockPath
 * @param {Claim} claim
 */
async function releaseLock(lockPath, claim) {
  if ((await identify(lockPath)) === claim.identity) await rm(lockPath, { force: true })
  await claim.close()
}

/**
 * Inode and time of birth name one file for ever; mtime, because linking changes ctime and tmpfs has no birth time.
 * @param {string} path
 * @returns {Promise<string | undefined>} undefined: there is no file
 */
async function identify(path) {
  try {
    const stat = await lstat(path, { bigint: true })
    if (!stat.isSocket()) throw new Error(`${path} is in the way: it is not a socket`)
    return `${stat.ino}-${stat.mtimeNs}`
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * @param {string} lockPath
 * @returns {Promise<Probe>}
 */
async function probeLock(lockPath) {
  try {
    const line = await withShortAddress(lockPath, readAnswer)
    return { state: 'held', holder: parseHolder(line) }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return { state: 'absent' }
    if (code === 'ECONNREFUSED') return { state: 'stale' }
    // The queue of connections is full, or was dropped by a holder who was there a moment ago.
    if (code === 'EAGAIN' || code === 'ECONNRESET' || code === 'EPIPE')
      return { state: 'held', holder: undefined }
    throw error
  }
}

/**
 * @param {string} address
 * @returns {Promise<string>} what the holder said, empty when it said nothing in time
 */
function readAnswer(address) {
  return new Promise((done, fail) => {
    let answer = ''
    let connected = false
    const socket = createConnection(address, () => (connected = true))
    socket.setEncoding('utf8')
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy())
    socket.on('data', (text) => (answer += text))
    socket.on('error', (error) => (connected ? done(answer) : fail(error)))
    socket.on('close', () => done(answer))
  })
}

/**
 * @param {string} line
 * @returns {LockHolder | undefined}
 */
function parseHolder(line) {
  try {
    const holder = JSON.parse(line)
    return typeof holder?.pid === 'number' ? holder : undefined
  } catch {
    return undefined
  }
}

/**
 * Calls `use` with an address of the file at `path` that fits into a socket address, however long `path` is.
 * @template T
 * @param {string} path
 * @param {(address: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withShortAddress(path, use) {
  if (Buffer.byteLength(path) <= ADDRESS_BYTES_MAX) return use(path)
  if (await exists('/proc/self/fd')) return withOpenDirectory(path, use)
  return withLinkedDirectory(path, use)
}

/**
 * Linux: an open directory has the short name /proc/self/fd/N.
 * @template T
 * @param {string} path
 * @param {(address: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withOpenDirectory(path, use) {
  const directory = await open(dirname(path), constants.O_RDONLY)
  try {
    return await use(`/proc/self/fd/${directory.fd}/${basename(path)}`)
  } finally {
    await directory.close()
  }
}

/**
 * Elsewhere: a link to the directory from a short place, for as long as the call takes.
 * @template T
 * @param {string} path
 * @param {(address: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withLinkedDirectory(path, use) {
  const place = await mkdtemp(join(tmpdir(), 'sl-'))
  try {
    await symlink(dirname(path), join(place, 'd'))
    return await use(join(place, 'd', basename(path)))
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

/**
 * Removes what killed attempts left behind: files that no process listens on any more.
 * @param {string} directory
 */
async function sweepLeftovers(directory) {
  const names = (await readdir(directory)).filter((name) => LEFTOVER_NAME.test(name))
  for (const name of names) {
    const path = join(directory, name)
    const stat = await lstat(path).catch(() => undefined)
    if (stat === undefined || Date.now() - stat.mtimeMs < LEFTOVER_AGE_MS) continue
    const probe = await probeLock(path)
    if (probe.state === 'stale')
      await (name.endsWith('.guard') ? removeStale(path) : rm(path, { force: true }))
  }
}

/** @param {string} path */
async function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  )
}

/**
 * @param {unknown} error
 * @returns {string | undefined}
 */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
