// @ts-check
// Checks the import rules of .dependency-cruiser.cjs. `node scripts/boundaries.mjs [folder]`, exit code 1 on a finding.
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from './run-command.mjs'

const projectRoot = fileURLToPath(new URL('..', import.meta.url))
const folders = ['src', 'test', 'bench', 'scripts', 'console', 'sdk']
const sourcePattern = /\.(ts|tsx|mts|js|mjs)$/

/**
 * @typedef {object} Violation
 * @property {string} from path of the importing file
 * @property {string} to what it imports
 * @property {{ name: string, severity: string }} rule
 * @property {{ name: string }[]} [cycle]
 */

/**
 * What dependency-cruiser found in one tree.
 * @typedef {object} BoundaryReport
 * @property {string[]} findings one line each; empty when every rule holds
 * @property {number} moduleCount our own files that were read
 */

/**
 * Checks every import under `root` against the rules of this project.
 *
 * A cruiser that cannot parse TypeScript sees no module and reports no violation. So each source file on disk must
 * be among the modules it saw, and a tree without any file in src is a finding too.
 * @param {string} root
 * @returns {Promise<BoundaryReport>}
 * @throws when dependency-cruiser itself fails
 */
export async function checkBoundaries(root) {
  const { modules, summary } = await cruise(root)
  const seen = new Set(modules.map((module) => module.source))
  const findings = [...summary.violations.map(describeViolation), ...findUnread(root, seen)]
  return { findings, moduleCount: modules.filter(isOurs).length }
}

/**
 * @param {string} root
 * @returns {Promise<{ modules: { source: string }[], summary: { violations: Violation[] } }>}
 */
async function cruise(root) {
  const present = folders.filter((folder) => existsSync(join(root, folder)))
  if (present.length === 0) return { modules: [], summary: { violations: [] } }
  const command = join(projectRoot, 'node_modules', '.bin', 'depcruise')
  const config = join(projectRoot, '.dependency-cruiser.cjs')
  const args = ['--config', config, '--output-type', 'json', ...present]
  const { output } = await runCommand(command, args, { cwd: root, output: 'capture' })
  try {
    return JSON.parse(output)
  } catch (error) {
    throw new Error(`dependency-cruiser failed:\n${output}`, { cause: error })
  }
}

/** @param {Violation} violation */
function describeViolation({ from, to, rule, cycle }) {
  const path = cycle ? cycle.map((step) => step.name).join(' → ') : to
  return `${rule.name}: ${from} → ${path}`
}

/** @param {{ source: string }} module */
function isOurs({ source }) {
  return folders.some((folder) => source.startsWith(`${folder}/`))
}

/**
 * The source files of `root` that the cruiser did not read.
 * @param {string} root
 * @param {Set<string>} seen paths from the root
 * @returns {string[]} findings
 */
export function findUnread(root, seen) {
  const sources = existsSync(join(root, 'src')) ? listSources(root) : []
  if (sources.length === 0) return ['no-sources: there is no source file under src']
  return sources
    .filter((path) => !seen.has(path))
    .map((path) => `not-read: dependency-cruiser did not read ${path}`)
}

/** @param {string} root */
function listSources(root) {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => sourcePattern.test(path))
    .map((path) => join('src', path))
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { findings, moduleCount } = await checkBoundaries(resolve(process.argv[2] ?? projectRoot))
  for (const finding of findings) console.error(finding)
  console.log(`${moduleCount} modules read, ${findings.length} findings`)
  if (findings.length > 0) process.exitCode = 1
}
