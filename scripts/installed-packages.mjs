// @ts-check
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The part of an npm lock entry that tells whether the right package is there.
 * @typedef {{ version?: string, integrity?: string, resolved?: string, link?: boolean, optional?: boolean }} LockEntry
 * @typedef {Record<string, LockEntry>} LockEntries
 */

/**
 * Compares what package-lock.json wants with npm's own record of what it installed
 * (node_modules/.package-lock.json: no root entry, no optional packages of other platforms).
 * @param {LockEntries} wanted
 * @param {LockEntries} installed
 * @returns {string[]} one sentence for each difference; empty when the installation is current
 */
export function findInstallDifferences(wanted, installed) {
  const names = Object.keys({ ...wanted, ...installed }).filter((name) => name !== '')
  return names.flatMap((name) => describeDifference(name, wanted[name], installed[name]) ?? [])
}

/**
 * @param {string} name
 * @param {LockEntry | undefined} wanted
 * @param {LockEntry | undefined} installed
 */
function describeDifference(name, wanted, installed) {
  // A lock file made with an incomplete mirror lacks the other platforms' optional packages; npm adds ours by itself.
  if (!wanted) return installed?.optional ? undefined : `${name} is installed but not in package-lock.json`
  if (!installed) return wanted.optional ? undefined : `${name} is not installed`
  if (wanted.version !== installed.version) {
    return `${name} is ${installed.version}, package-lock.json says ${wanted.version}`
  }
  if (wanted.integrity !== installed.integrity || wanted.link !== installed.link) {
    return `${name} ${wanted.version ?? ''} has other contents than package-lock.json says`
  }
  return undefined
}

/**
 * The differences between the lock file and the installation of one project folder.
 * @param {string} root
 * @returns {string[]} see findInstallDifferences; one sentence when nothing is installed yet
 * @throws when package-lock.json itself cannot be read
 */
export function readInstallDifferences(root) {
  const wanted = readLockEntries(join(root, 'package-lock.json'))
  let installed
  try {
    installed = readLockEntries(join(root, 'node_modules', '.package-lock.json'))
  } catch {
    // Absent, or half written by an installation that was killed: both mean "install".
    return ['nothing is installed']
  }
  return findInstallDifferences(wanted, installed)
}

/**
 * Reads the `packages` table of an npm lock file (version 2 or 3).
 * @param {string} path
 * @returns {LockEntries}
 */
export function readLockEntries(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {}
}
