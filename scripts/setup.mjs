// @ts-check
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acquireSocketLock, waitForSocketLock } from '../src/lib/socket-lock.js'
import { buildSources, isBuilt } from './compiled-sources.mjs'
import { readInstallDifferences } from './installed-packages.mjs'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** The folder of package.json. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url))

/** A slow line needs minutes for 600 MB; whoever waits longer than this waits for something that hangs. */
const lockTimeoutMs = 20 * 60_000

/**
 * Refuses a Node that package.json does not accept, with a sentence instead of a syntax error somewhere later.
 * @param {string} [root]
 * @param {string} [version] the running Node's, without the leading v
 * @throws {SetupError}
 */
export function checkNodeVersion(root = projectRoot, version = process.versions.node) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const oldest = String(manifest.engines.node).replace('>=', '').trim()
  if (oldest.localeCompare(version, 'en', { numeric: true }) <= 0) return
  throw new SetupError(
    `Node ${oldest} or newer is needed, this is Node ${version}. Install a newer Node and run the same command again.`,
  )
}

/**
 * Installs what package-lock.json names and node_modules lacks; does nothing when they agree. Several processes may
 * call this at once: one installs, the others wait and find it done.
 * @param {string} [root]
 * @throws {SetupError} npm failed; `exitCode` is npm's
 */
export async function ensureInstalled(root = projectRoot) {
  checkNodeVersion(root)
  await ensure(
    root,
    () => isInstalled(root),
    () => install(root),
  )
}

/**
 * Compiles src into dist when dist was made from other sources. Needs ensureInstalled first.
 * @param {string} [root]
 * @throws {SetupError} the sources do not compile
 */
export async function ensureBuilt(root = projectRoot) {
  await ensure(
    root,
    () => isBuilt(root),
    async () => {
      console.error('Building dist …')
      await buildSources(root)
    },
  )
}

/**
 * @param {string} root
 * @param {() => boolean} isDone
 * @param {() => Promise<void>} work
 */
async function ensure(root, isDone, work) {
  if (isDone()) return
  const lock = await takeSetupLock(root)
  try {
    // Another process may have done the work while this one waited.
    if (!isDone()) await work()
  } finally {
    await lock.release()
  }
}

/** @param {string} root */
async function takeSetupLock(root) {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const path = join(root, '.cache', 'setup.sock')
  const first = await acquireSocketLock(path)
  if (first.acquired) return first
  const who = first.holder ? `process ${first.holder.pid}` : 'another process'
  console.error(`Waiting for ${who}, which installs or builds here …`)
  const lock = await waitForSocketLock(path, { timeoutMs: lockTimeoutMs })
  if (lock.acquired) return lock
  throw new SetupError(
    `Gave up after ${lockTimeoutMs / 60_000} minutes: ${who} still installs or builds here.`,
  )
}

/** @param {string} root */
function unfinishedMark(root) {
  return join(root, '.cache', 'install-unfinished')
}

/** @param {string} root */
function isInstalled(root) {
  return !existsSync(unfinishedMark(root)) && readInstallDifferences(root).length === 0
}

/** @param {string} root */
async function install(root) {
  // npm takes a package folder that is there for a whole one; after an installation that was killed it may be half
  // unpacked. So only then everything goes and comes anew.
  if (existsSync(unfinishedMark(root))) rmSync(join(root, 'node_modules'), { recursive: true, force: true })
  console.error('Installing the packages of package-lock.json …')
  writeFileSync(unfinishedMark(root), '')
  const { exitCode, signal } = await runNpmInstall(root)
  // An npm that fails by itself has put back what it had changed.
  if (signal === null) rmSync(unfinishedMark(root), { force: true })
  if (exitCode !== 0) throw new SetupError(describeNpmFailure(exitCode), exitCode)
  const [difference] = readInstallDifferences(root)
  if (difference) throw new SetupError(describeDisagreement(difference))
}

/**
 * `npm install --no-save` follows the lock file, changes only the packages that differ and leaves package.json and
 * package-lock.json alone. `npm ci` would remove all of node_modules first, and it refuses a lock file that was
 * made with a registry mirror which lacks other platforms' optional packages.
 * @param {string} root
 */
async function runNpmInstall(root) {
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  // These win over NODE_ENV=production and over `omit` in npmrc: the compiler is a development package.
  args.push('--include=dev', '--include=optional', '--include=peer')
  const cli = process.env['npm_execpath']
  const [command, first] = cli?.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []]
  return runCommand(command, [...first, ...args], { cwd: root, output: 'show-as-error' })
}

/** @param {number} exitCode */
function describeNpmFailure(exitCode) {
  return (
    `npm could not install the packages (exit code ${exitCode}, its own message is above). ` +
    'Check that the npm registry can be reached and the disk is not full, then run the same command again.'
  )
}

/** @param {string} difference */
function describeDisagreement(difference) {
  return (
    `npm installed something else than package-lock.json says: ${difference}. ` +
    'If package.json was edited, run `npm install` once to bring package-lock.json up to date.'
  )
}
